//! Claims-based security: a token for each entity, put before its links are attached and renewed before it expires.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use log::{debug, warn};
use parking_lot::Mutex;
use tokio::sync::{Mutex as Turn, Notify};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::claim::{Claim, Standing};
use super::connection::Connection;
use super::requests::RequestLinks;
use super::session::Session;
use super::tokens::Tokens;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::batch::Payload;
use crate::mapping::cbs;
use crate::mapping::management::{Answer, Names};
use crate::model::access_key::Observer;
use crate::model::deadline::Deadline;

/// The tokens of one connection.
pub(crate) struct Cbs {
    shared: Arc<Shared>,
    renewer: JoinHandle<()>,
    /// Wakes the renewer when the credential is another.
    _observer: Arc<Observer>,
}

struct Shared {
    connection: Connection,
    /// Held while attaching, so that all who ask wait for the same links.
    links: Turn<Option<Arc<RequestLinks>>>,
    tokens: Arc<Tokens>,
    claims: Mutex<HashMap<String, Weak<Claim>>>,
    changed: Arc<Notify>,
}

impl Drop for Cbs {
    fn drop(&mut self) {
        self.renewer.abort();
    }
}

impl Cbs {
    pub(crate) async fn attach(connection: Connection, tokens: Arc<Tokens>) -> Result<Self> {
        let changed = Arc::new(Notify::new());
        let wake = changed.clone();
        let observer: Arc<Observer> = Arc::new(move || wake.notify_one());
        tokens.observe(&observer);
        let shared = Arc::new(Shared {
            connection,
            links: Turn::new(None),
            tokens,
            claims: Mutex::new(HashMap::new()),
            changed,
        });
        shared.attached().await?;
        let renewer = tokio::spawn(renew_claims(shared.clone()));
        Ok(Cbs {
            shared,
            renewer,
            _observer: observer,
        })
    }

    /// Puts a token for an entity, unless one that somebody holds is good still. Says whether it was put.
    pub(crate) async fn authorize(&self, audience: String) -> Result<(Arc<Claim>, bool)> {
        let held = self
            .shared
            .claims
            .lock()
            .get(&audience)
            .and_then(Weak::upgrade);
        let version = self.shared.tokens.version();
        if let Some(claim) = held.as_ref().filter(|claim| claim.is_good(version)) {
            return Ok((claim.clone(), false));
        }
        // A token that was put for nothing changes nothing.
        let put = self.shared.put_token(&audience).await;
        let standing = put.map_err(Error::with_outcome_known)?;
        let claim = self.shared.hold(audience, standing);
        self.shared.changed.notify_one();
        Ok((claim, true))
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

    /// The one claim to an entity, whose token was put: all who hold it need its token renewed.
    fn hold(&self, audience: String, standing: Standing) -> Arc<Claim> {
        let mut claims = self.claims.lock();
        if let Some(claim) = claims.get(&audience).and_then(Weak::upgrade) {
            claim.renewed(standing);
            return claim;
        }
        claims.retain(|_, claim| claim.strong_count() > 0);
        let claim = Arc::new(Claim::new(audience.clone(), standing));
        claims.insert(audience, Arc::downgrade(&claim));
        claim
    }

    async fn put_token(&self, audience: &str) -> Result<Standing> {
        let version = self.tokens.version();
        let token = self.tokens.token(audience).await?;
        let links = self.attached().await?;
        let payload = links
            .call(Deadline::FOREVER, |envelope| {
                let (id, reply_to) = (envelope.message_id, envelope.reply_to);
                cbs::encode_put_token(id, reply_to, audience, &token).map(Payload::message)
            })
            .await?;
        if let Err(error) = cbs::read_answer(&Answer::read(&payload, Names::CBS)?) {
            if error.kind() == ErrorKind::Authentication {
                self.tokens.forget().await;
            }
            return Err(error);
        }
        debug!(target: "servicebus::cbs", "token for {audience} accepted");
        Ok(self.tokens.standing(&token, version))
    }

    /// The claim whose token is to be replaced first.
    fn next_due(&self) -> Option<(Instant, Arc<Claim>)> {
        let version = self.tokens.version();
        let claims = self.claims.lock();
        let live = claims.values().filter_map(Weak::upgrade);
        live.filter_map(|claim| Some((claim.due(version)?, claim)))
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
        let (audience, version) = (claim.audience(), shared.tokens.version());
        match tokio::time::timeout(claim.patience(), shared.put_token(audience)).await {
            Ok(Ok(standing)) => claim.renewed(standing),
            Ok(Err(error)) => {
                warn!(target: "servicebus::cbs", "renewing the token for {audience}: {error}");
                claim.failed(version);
            }
            Err(_elapsed) => {
                warn!(target: "servicebus::cbs", "renewing the token for {audience}: no answer");
                claim.failed(version);
            }
        }
    }
}
