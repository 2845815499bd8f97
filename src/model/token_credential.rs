use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

/// Gets tokens of Microsoft Entra ID, or of whoever else the namespace trusts; see
/// [`Credential::token_credential`](super::credential::Credential::token_credential).
///
/// Implemented for closures and for `Arc`s of credentials, so that several clients may share one. In the repository,
/// `examples/token_credential.rs` asks the Azure CLI, and `examples/azure_identity/` plugs the credentials of Microsoft's
/// crate of that name in, managed identities among them.
///
/// # Examples
///
/// A credential that has a state:
///
/// ```
/// use std::error::Error;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::sync::Arc;
///
/// use chrono::{TimeDelta, Utc};
/// use servicebus::{AccessToken, Client, Credential, TokenCredential};
///
/// struct Counted {
///     asked: AtomicU32,
/// }
///
/// impl TokenCredential for Counted {
///     fn get_token(&self, scope: &str) -> Result<AccessToken, Box<dyn Error + Send + Sync>> {
///         self.asked.fetch_add(1, Ordering::Relaxed);
///         let token = format!("a token for {scope}");
///         Ok(AccessToken::new(token, Utc::now() + TimeDelta::hours(1)))
///     }
/// }
///
/// # fn main() -> servicebus::Result<()> {
/// let counted = Arc::new(Counted { asked: AtomicU32::new(0) });
/// let credential = Credential::token_credential(counted.clone());
/// let client = Client::builder("contoso.servicebus.windows.net", credential).build()?;
/// // Nothing is asked before the client connects.
/// assert_eq!(counted.asked.load(Ordering::Relaxed), 0);
/// # Ok(())
/// # }
/// ```
pub trait TokenCredential: Send + Sync {
    /// A token for `scope`, which is `https://servicebus.azure.net/.default`.
    ///
    /// May block: it is called on a thread where nothing else waits, one call at a time for each client. The client
    /// keeps the token until a tenth of its life is left. A call that needs the token waits no longer than its own
    /// deadline; closing or dropping the client does not wait for an answer.
    ///
    /// # Errors
    ///
    /// Anything: the call that needed the token fails with `Authentication`, and has the error as its
    /// [`source`](std::error::Error::source). A panic fails it too.
    fn get_token(&self, scope: &str) -> Result<AccessToken, Box<dyn StdError + Send + Sync>>;
}

impl<F> TokenCredential for F
where
    F: Fn(&str) -> Result<AccessToken, Box<dyn StdError + Send + Sync>> + Send + Sync,
{
    fn get_token(&self, scope: &str) -> Result<AccessToken, Box<dyn StdError + Send + Sync>> {
        self(scope)
    }
}

impl<T: TokenCredential + ?Sized> TokenCredential for Arc<T> {
    fn get_token(&self, scope: &str) -> Result<AccessToken, Box<dyn StdError + Send + Sync>> {
        (**self).get_token(scope)
    }
}

/// A token that a [`TokenCredential`] got.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    text: String,
    expires_at: DateTime<Utc>,
}

impl AccessToken {
    /// A token, as it was issued, and when it expires.
    pub fn new(text: impl Into<String>, expires_at: DateTime<Utc>) -> Self {
        Self {
            text: text.into(),
            expires_at,
        }
    }

    /// The token itself. Whoever has it has its rights until it expires.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// When the token expires.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}

/// Shows the expiry only.
impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let token = AccessToken::new("hunter2", DateTime::UNIX_EPOCH);
        let shown = format!("{token:?}");
        assert!(
            shown.contains("1970") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
