use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::sas_token::SasToken;

/// How long a token signed by the client is valid. It is replaced well before.
const SIGNED_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// What the client proves its rights with.
#[derive(Clone)]
pub struct Credential(Kind);

#[derive(Clone)]
enum Kind {
    Key { name: String, key: String },
    Token(SasToken),
}

impl Credential {
    /// The name and key of a shared access policy. The client signs its own tokens with it and
    /// renews them.
    pub fn shared_access_key(name: impl Into<String>, key: impl Into<String>) -> Self {
        Self(Kind::Key {
            name: name.into(),
            key: key.into(),
        })
    }

    /// A token that was signed elsewhere. The client cannot renew it: when it expires, calls fail
    /// with `Authentication`.
    pub fn shared_access_signature(token: SasToken) -> Self {
        Self(Kind::Token(token))
    }

    /// Whether a new token can be had when one is about to expire.
    pub(crate) fn can_renew(&self) -> bool {
        matches!(self.0, Kind::Key { .. })
    }

    /// A token for `resource`.
    pub(crate) fn token(&self, resource: &str, now: DateTime<Utc>) -> SasToken {
        match &self.0 {
            Kind::Key { name, key } => {
                SasToken::generate(resource, name, key, now + SIGNED_LIFETIME)
            }
            Kind::Token(token) => token.clone(),
        }
    }
}

/// Shows everything but the secrets.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Key { name, .. } => f
                .debug_struct("SharedAccessKey")
                .field("name", name)
                .finish_non_exhaustive(),
            Kind::Token(token) => token.fmt(f),
        }
    }
}

impl From<SasToken> for Credential {
    fn from(token: SasToken) -> Self {
        Self::shared_access_signature(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_signs_for_an_hour() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a date");
        let token = Credential::shared_access_key("name", "key").token("sb://ns/q", now);
        assert_eq!(
            token.expires_at(),
            DateTime::from_timestamp(1_700_003_600, 0)
        );
    }

    #[test]
    fn debug_shows_the_name_but_not_the_key() {
        let text = format!("{:?}", Credential::shared_access_key("policy", "hunter2"));
        assert!(
            text.contains("policy") && !text.contains("hunter2"),
            "{text}"
        );
    }
}
