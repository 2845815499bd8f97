use std::fmt;
use std::sync::Arc;

use super::access_key::SharedAccessKey;
use super::sas_token::SasToken;
use super::token_credential::TokenCredential;

/// What the client proves its rights with.
#[derive(Clone)]
pub struct Credential(Proof);

/// Where tokens come from.
#[derive(Clone)]
pub(crate) enum Proof {
    Key(SharedAccessKey),
    Sas(SasToken),
    Bearer(Arc<dyn TokenCredential>),
}

impl Credential {
    /// The name and key of a shared access policy. The client signs its own tokens with it and
    /// renews them. A [`SharedAccessKey`] is a credential too, and can be replaced later.
    pub fn shared_access_key(name: impl Into<String>, key: impl Into<String>) -> Self {
        SharedAccessKey::new(name, key).into()
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
            Proof::Key(_) | Proof::Bearer(_) => true,
            Proof::Sas(_) => false,
        }
    }
}

/// Shows everything but the secrets.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Proof::Key(key) => key.fmt(f),
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

impl From<SharedAccessKey> for Credential {
    fn from(key: SharedAccessKey) -> Self {
        Self(Proof::Key(key))
    }
}
