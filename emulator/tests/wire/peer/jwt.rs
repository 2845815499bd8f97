//! JSON web tokens, as the emulator takes them where it is told to.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;

use super::sas::unix_seconds;

/// An unsigned token for Service Bus.
pub(crate) fn jwt() -> String {
    let expiry = unix_seconds() + 3_600;
    let payload = format!(r#"{{"aud":"https://servicebus.azure.net","exp":{expiry}}}"#);
    format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
        URL_SAFE_NO_PAD.encode(payload)
    )
}
