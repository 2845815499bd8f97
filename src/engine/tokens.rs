//! Where a client's tokens come from: signed with a key, given, or asked of a credential away from the I/O thread.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex as Turn;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::claim::Standing;
use super::closing::closed_error;
use crate::error::{Error, ErrorKind, Result};
use crate::model::access_key::Observer;
use crate::model::credential::{Credential, Proof};
use crate::model::token::Token;
use crate::model::token_credential::{AccessToken, TokenCredential};

/// What tokens for Service Bus are asked for.
const SCOPE: &str = "https://servicebus.azure.net/.default";
/// A token is replaced when this share of its life is left.
const RENEW_SHARE: u32 = 10;
/// No token is replaced sooner, not even one that a wrong clock takes for expired.
const SHORTEST_USE: Duration = Duration::from_secs(1);

/// A credential, and what it gave for all entities.
pub(crate) struct Tokens {
    credential: Credential,
    /// Held while the credential is asked, so that all who need its token wait for the same answer.
    bearer: Turn<Bearer>,
}

#[derive(Default)]
struct Bearer {
    /// The last token, and when it is to be replaced.
    held: Option<(AccessToken, Instant)>,
    /// A question without an answer yet. It outlives the call that asked, which may have no time left.
    asking: Option<JoinHandle<Answer>>,
}

type Answer = Result<AccessToken, Box<dyn StdError + Send + Sync>>;

impl Tokens {
    pub(crate) fn new(credential: Credential) -> Arc<Self> {
        Arc::new(Tokens {
            credential,
            bearer: Turn::default(),
        })
    }

    /// A token for `audience`.
    ///
    /// # Errors
    /// `Authentication`, with what the credential said as its source.
    pub(crate) async fn token(&self, audience: &str) -> Result<Token> {
        match self.credential.proof() {
            Proof::Key(key) => Ok(Token::Sas(key.sign(audience, Utc::now()))),
            Proof::Sas(token) => Ok(Token::Sas(token.clone())),
            Proof::Bearer(credential) => {
                let mut bearer = self.bearer.lock().await;
                bearer.token(credential).await.map(Token::Jwt)
            }
        }
    }

    /// The service refused what the credential gave: it is not shown again.
    pub(crate) async fn forget(&self) {
        self.bearer.lock().await.held = None;
    }

    /// Which credential tokens are made with, in the order of its updates.
    pub(crate) fn version(&self) -> u64 {
        match self.credential.proof() {
            Proof::Key(key) => key.version(),
            Proof::Sas(_) | Proof::Bearer(_) => 0,
        }
    }

    /// Lets `observer` be told when the version changes, as long as it lives.
    pub(crate) fn observe(&self, observer: &Arc<Observer>) {
        if let Proof::Key(key) = self.credential.proof() {
            key.observe(observer);
        }
    }

    /// How a token stands that was just put, made with this version of the credential.
    pub(crate) fn standing(&self, token: &Token, version: u64) -> Standing {
        let Some(expires_at) = token.expires_at() else {
            return Standing::new(version, None, None);
        };
        let (now, today) = (Instant::now(), Utc::now());
        let renew_after = time_of_use(today, expires_at);
        let renew_at = self.credential.can_renew().then(|| now + renew_after);
        Standing::new(version, renew_at, Some(now + life(today, expires_at)))
    }
}

impl Bearer {
    async fn token(&mut self, credential: &Arc<dyn TokenCredential>) -> Result<AccessToken> {
        if let Some((token, renew_at)) = &self.held {
            if Instant::now() < *renew_at {
                return Ok(token.clone());
            }
        }
        let asking = self.asking.get_or_insert_with(|| {
            let credential = credential.clone();
            tokio::task::spawn_blocking(move || credential.get_token(SCOPE))
        });
        let answer = asking.await;
        self.asking = None;
        let token = match answer {
            Ok(answer) => answer.map_err(|error| {
                Error::new(
                    ErrorKind::Authentication,
                    "the token credential gave no token",
                )
                .with_boxed_source(error)
            })?,
            Err(failed) if failed.is_panic() => {
                return Err(Error::new(
                    ErrorKind::Authentication,
                    "the token credential panicked",
                ))
            }
            // The client has come to its end.
            Err(_cancelled) => return Err(closed_error()),
        };
        let renew_at = Instant::now() + time_of_use(Utc::now(), token.expires_at());
        self.held = Some((token.clone(), renew_at));
        Ok(token)
    }
}

/// How long a token that was got `now` is left alone.
fn time_of_use(now: DateTime<Utc>, expires_at: DateTime<Utc>) -> Duration {
    let life = life(now, expires_at);
    (life - life / RENEW_SHARE).max(SHORTEST_USE)
}

/// What is left of it `now`.
fn life(now: DateTime<Utc>, expires_at: DateTime<Utc>) -> Duration {
    (expires_at - now).to_std().unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_token_is_renewed_when_a_tenth_of_its_life_is_left() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(
            time_of_use(now, now + TimeDelta::hours(1)),
            Duration::from_secs(54 * 60)
        );
    }

    #[test]
    fn a_token_that_seems_expired_is_not_renewed_without_a_pause() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(time_of_use(now, now - TimeDelta::hours(1)), SHORTEST_USE);
    }
}
