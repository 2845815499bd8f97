use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::sas_token::SasToken;
use super::token_credential::TokenCredential;

/// How long a token signed by the client is valid. It is replaced well before.
const SIGNED_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// What the client proves its rights with.
#[derive(Clone)]
pub struct Credential(Proof);

/// Where tokens come from.
#[derive(Clone)]
pub(crate) enum Proof {
    Key { name: String, key: String },
    Sas(SasToken),
    Bearer(Arc<dyn TokenCredential>),
}

impl Credential {
    /// The name and key of a shared access policy. The client signs its own tokens with it and
    /// renews them.
    pub fn shared_access_key(name: impl Into<String>, key: impl Into<String>) -> Self {
        Self(Proof::Key {
            name: name.into(),
            key: key.into(),
        })
    }

    /// A token that was signed elsewhere. The client cannot renew it: when it expires, calls fail
    /// with `Authentication`.
    pub fn shared_access_signature(token: SasToken) -> Self {
        Self(Proof::Sas(token))
    }

    /// Tokens of Microsoft Entra ID, from a [`TokenCredential`] or a closure. The client asks for
    /// one when it needs it, keeps it for all its entities, and asks for another when a tenth of
    /// its life is left.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{TimeDelta, Utc};
    /// use servicebus::{AccessToken, Client, Credential};
    ///
    /// # fn ask_my_identity_provider(_: &str) -> Result<String, std::io::Error> { Ok(String::new()) }
    /// # fn main() -> servicebus::Result<()> {
    /// let credential = Credential::token_credential(|scope: &str| {
    ///     let token = ask_my_identity_provider(scope)?;
    ///     Ok(AccessToken::new(token, Utc::now() + TimeDelta::hours(1)))
    /// });
    /// let client = Client::builder("contoso.servicebus.windows.net", credential).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn token_credential(credential: impl TokenCredential + 'static) -> Self {
        Self(Proof::Bearer(Arc::new(credential)))
    }

    pub(crate) fn proof(&self) -> &Proof {
        &self.0
    }

    /// Whether a new token can be had when one is about to expire.
    pub(crate) fn can_renew(&self) -> bool {
        match self.0 {
            Proof::Key { .. } | Proof::Bearer(_) => true,
            Proof::Sas(_) => false,
        }
    }
}

/// Signs a token for `resource` with the key of a shared access policy.
pub(crate) fn sign(name: &str, key: &str, resource: &str, now: DateTime<Utc>) -> SasToken {
    SasToken::generate(resource, name, key, now + SIGNED_LIFETIME)
}

/// Shows everything but the secrets.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Proof::Key { name, .. } => f
                .debug_struct("SharedAccessKey")
                .field("name", name)
                .finish_non_exhaustive(),
            Proof::Sas(token) => token.fmt(f),
            Proof::Bearer(_) => f.debug_struct("TokenCredential").finish_non_exhaustive(),
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
        assert_eq!(
            sign("name", "key", "sb://ns/q", now).expires_at(),
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
