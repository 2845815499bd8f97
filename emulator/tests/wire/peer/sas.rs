//! Shared access signatures, made here from the documentation and not with the emulator's code.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use hmac::{Hmac, Mac};
use sha2::Sha256;

pub(crate) const KEY_NAME: &str = "RootManageSharedAccessKey";
pub(crate) const KEY: &str = "SAS_KEY_VALUE";

/// A token for an hour, signed with the default key.
pub(crate) fn sas_token(resource: &str) -> String {
    sas_token_by(resource, KEY_NAME, KEY, 3_600)
}

pub(crate) fn sas_token_by(resource: &str, name: &str, key: &str, lifetime: i64) -> String {
    let resource = escape(resource);
    let expiry = unix_seconds() + lifetime;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{resource}\n{expiry}").as_bytes());
    let signature = escape(&STANDARD.encode(mac.finalize().into_bytes()));
    format!("SharedAccessSignature sr={resource}&sig={signature}&se={expiry}&skn={name}")
}

pub(crate) fn unix_seconds() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(elapsed.as_secs()).unwrap()
}

fn escape(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
