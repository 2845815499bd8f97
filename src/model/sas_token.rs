use std::fmt;

use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::error::{Error, Result};

/// A shared access signature: a token that proves possession of a key without showing it.
///
/// The text has the form `SharedAccessSignature sr=<resource>&sig=<signature>&se=<expiry>&skn=<key
/// name>`.
#[derive(Clone, PartialEq, Eq)]
pub struct SasToken {
    text: String,
    expires_at: Option<DateTime<Utc>>,
}

impl SasToken {
    /// Signs a token for `resource` and everything below it, for example
    /// `sb://contoso.servicebus.windows.net/orders`, that is valid until `expires_at`, in whole
    /// seconds.
    ///
    /// `key` is the text of the key as the Azure portal shows it.
    pub fn generate(resource: &str, key_name: &str, key: &str, expires_at: DateTime<Utc>) -> Self {
        let resource = urlencode(resource);
        let expiry = expires_at.timestamp();
        let signature = BASE64.encode(sign(key, &format!("{resource}\n{expiry}")));
        let text = format!(
            "SharedAccessSignature sr={resource}&sig={}&se={expiry}&skn={}",
            urlencode(&signature),
            urlencode(key_name)
        );
        Self {
            text,
            expires_at: DateTime::from_timestamp(expiry, 0),
        }
    }

    /// Takes over a token made elsewhere. Its signature cannot be checked without the key.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when the text is not a shared access signature, or its expiry is not a
    /// number.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed =
            |why: &str| Error::invalid_argument(format!("shared access signature: {why}"));
        let text = text.trim();
        let fields = text
            .strip_prefix("SharedAccessSignature ")
            .ok_or_else(|| malformed("does not begin with SharedAccessSignature"))?;
        let (mut signed, mut expires_at) = (false, None);
        for (key, value) in form_urlencoded::parse(fields.trim().as_bytes()) {
            match &*key {
                "sig" => signed = !value.is_empty(),
                "se" => {
                    let seconds = value
                        .parse()
                        .map_err(|_| malformed("the expiry se is not a number"))?;
                    // An expiry beyond the calendar is no expiry.
                    expires_at = DateTime::from_timestamp(seconds, 0);
                }
                _ => {}
            }
        }
        if !signed {
            return Err(malformed("the signature sig is missing"));
        }
        Ok(Self {
            text: text.to_owned(),
            expires_at,
        })
    }

    /// The token itself. Whoever has it has its rights until it expires.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// When the token expires, `None` when it does not say.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at
    }
}

/// Shows the expiry only.
impl fmt::Debug for SasToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SasToken")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

fn sign(key: &str, text: &str) -> impl AsRef<[u8]> {
    // The service takes the bytes of the key's text, not what they decode to.
    let mut mac = match Hmac::<Sha256>::new_from_slice(key.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes()
}

fn urlencode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_read_from_a_foreign_token() {
        let token = SasToken::parse(
            "SharedAccessSignature sr=sb%3a%2f%2fns&sig=abc%3d&se=1700000000&skn=k",
        )
        .expect("a token");
        assert_eq!(
            token.expires_at(),
            DateTime::from_timestamp(1_700_000_000, 0)
        );
    }

    #[test]
    fn a_token_without_expiry_is_taken() {
        let token = SasToken::parse("SharedAccessSignature sr=ns&sig=abc&skn=k").expect("a token");
        assert_eq!(token.expires_at(), None);
        SasToken::parse("SharedAccessSignature sr=ns&sig=abc&se=99999999999999999&skn=k")
            .expect("far in the future");
    }

    #[test]
    fn what_is_no_token_is_refused_without_showing_it() {
        for text in [
            "",
            "secret",
            "SharedAccessSignature sr=secret&se=1",
            "SharedAccessSignature sig=secret&se=secret",
        ] {
            let error = SasToken::parse(text).expect_err(text);
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = SasToken::generate("sb://ns/q", "name", "key", DateTime::UNIX_EPOCH);
        assert!(!format!("{token:?}").contains("sig"), "{token:?}");
    }
}
