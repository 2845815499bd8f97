//! Claims-based security: a token for each entity, put before its links are attached and renewed before it expires.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use log::{debug, warn};
use parking_lot::Mutex;
use tokio::sync::{Mutex as Turn, Notify};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::connection::Connection;
use super::requests::RequestLinks;
use super::session::Session;
use super::tokens::Tokens;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::cbs;
use crate::mapping::management::{Answer, Names};
use crate::model::deadline::Deadline;

/// Pause after a failed renewal; there is time for several before the token expires.
const RETRY_PAUSE: Duration = Duration::from_secs(10);
/// One renewal may not take longer.
const RENEW_LIMIT: Duration = Duration::from_secs(60);

/// The right to an entity: as long as it is held, its token is renewed.
pub(crate) struct Claim {
    audience: String,
    /// When the token is to be replaced; `None`: it cannot be.
    renew_at: Mutex<Option<Instant>>,
}

/// The tokens of one connection.
pub(crate) struct Cbs {
    shared: Arc<Shared>,
    renewer: JoinHandle<()>,
}

struct Shared {
    connection: Connection,
    /// Held while attaching, so that all who ask wait for the same links.
    links: Turn<Option<Arc<RequestLinks>>>,
    tokens: Arc<Tokens>,
    claims: Mutex<HashMap<String, Weak<Claim>>>,
    changed: Notify,
}

impl Drop for Cbs {
    fn drop(&mut self) {
        self.renewer.abort();
    }
}

impl Cbs {
    pub(crate) async fn attach(connection: Connection, tokens: Arc<Tokens>) -> Result<Self> {
        let shared = Arc::new(Shared {
            connection,
            links: Turn::new(None),
            tokens,
            claims: Mutex::new(HashMap::new()),
            changed: Notify::new(),
        });
        shared.attached().await?;
        let renewer = tokio::spawn(renew_claims(shared.clone()));
        Ok(Cbs { shared, renewer })
    }

    /// Puts a token for an entity, unless one that somebody holds is good still.
    pub(crate) async fn authorize(&self, audience: String) -> Result<Arc<Claim>> {
        let held = self
            .shared
            .claims
            .lock()
            .get(&audience)
            .and_then(Weak::upgrade);
        if let Some(claim) = held {
            let fresh = claim.renew_at.lock().is_none_or(|at| Instant::now() < at);
            if fresh {
                return Ok(claim);
            }
        }
        // A token that was put for nothing changes nothing.
        let put = self.shared.put_token(&audience).await;
        let renew_at = put.map_err(Error::with_outcome_known)?;
        let claim = Arc::new(Claim {
            audience: audience.clone(),
            renew_at: Mutex::new(renew_at),
        });
        let mut claims = self.shared.claims.lock();
        claims.retain(|_, claim| claim.strong_count() > 0);
        claims.insert(audience, Arc::downgrade(&claim));
        drop(claims);
        self.shared.changed.notify_one();
        Ok(claim)
    }
}

impl Shared {
    /// The links, attached anew in a session of their own if they were lost.
    async fn attached(&self) -> Result<Arc<RequestLinks>> {
        let mut slot = self.links.lock().await;
        if let Some(links) = slot.as_ref().filter(|links| links.are_attached()) {
            return Ok(links.clone());
        }
        // The service takes one pair on a connection: what is left of the last one goes first.
        *slot = None;
        let session = Session::begin(self.connection.clone()).await?;
        let links = Arc::new(RequestLinks::attach(Arc::new(session), cbs::ADDRESS).await?);
        *slot = Some(links.clone());
        Ok(links)
    }

    /// Returns when the token is to be replaced.
    async fn put_token(&self, audience: &str) -> Result<Option<Instant>> {
        let token = self.tokens.token(audience).await?;
        let links = self.attached().await?;
        let payload = links
            .call(Deadline::FOREVER, |envelope| {
                cbs::encode_put_token(envelope.message_id, envelope.reply_to, audience, &token)
            })
            .await?;
        if let Err(error) = cbs::read_answer(&Answer::read(&payload, Names::CBS)?) {
            if error.kind() == ErrorKind::Authentication {
                self.tokens.forget().await;
            }
            return Err(error);
        }
        debug!(target: "servicebus::cbs", "token for {audience} accepted");
        Ok(self.tokens.renew_at(&token))
    }

    /// The claim whose token is to be replaced first.
    fn next_due(&self) -> Option<(Instant, Arc<Claim>)> {
        let claims = self.claims.lock();
        let live = claims.values().filter_map(Weak::upgrade);
        live.filter_map(|claim| {
            let at = *claim.renew_at.lock();
            Some((at?, claim))
        })
        .min_by_key(|(at, _)| *at)
    }
}

/// Replaces each token in time, as long as the connection lives.
async fn renew_claims(shared: Arc<Shared>) {
    loop {
        let Some((at, claim)) = shared.next_due() else {
            shared.changed.notified().await;
            continue;
        };
        tokio::select! {
            () = tokio::time::sleep_until(at) => {}
            () = shared.changed.notified() => continue,
        }
        let renewal = tokio::time::timeout(RENEW_LIMIT, shared.put_token(&claim.audience)).await;
        let next = match renewal {
            Ok(Ok(next)) => next,
            Ok(Err(error)) => {
                warn!(target: "servicebus::cbs", "renewing the token for {}: {error}", claim.audience);
                Some(Instant::now() + RETRY_PAUSE)
            }
            Err(_elapsed) => {
                warn!(target: "servicebus::cbs", "renewing the token for {}: no answer", claim.audience);
                Some(Instant::now() + RETRY_PAUSE)
            }
        };
        *claim.renew_at.lock() = next;
    }
}
