//! A receiver: its link, attached when needed, the credit of those who wait on it, and its orderly end.

use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use fe2o3_amqp::types::messaging::DeliveryState;
use parking_lot::Mutex;
use servicebus_amqp::LinkId;
use tokio::sync::{oneshot, Mutex as Turn};
use uuid::Uuid;

use super::at_hand::AtHand;
use super::claim::Claim;
use super::closing::{closed_error, Closing};
use super::connection::{Connection, LinkEnd};
use super::failure::{error_of, error_of_end};
use super::inbound::{Answer, Inbound, Inbox, Terms};
use super::limit::before;
use super::management::Management;
use super::message_session::{self, HeldSession};
use super::namespace::Namespace;
use super::renewed_lock::Way;
use super::retry::{Repeat, Retries};
use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::attach;
use crate::mapping::delivery_state::delivery_state;
use crate::model::deadline::Deadline;
use crate::model::disposition::Disposition;
use crate::model::entity::Entity;
use crate::model::options::ReceiveMode;
use crate::model::session_request::SessionRequest;

/// How long the service may take to give credit back before the link is given up.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// The engine of one receiver.
pub(crate) struct Receiver {
    me: Weak<Receiver>,
    namespace: Arc<Namespace>,
    identifier: String,
    terms: Terms,
    closing: Arc<Closing>,
    retries: Retries,
    at_hand: Arc<AtHand>,
    link: Mutex<Option<Arc<ReceiverLink>>>,
    /// Held while attaching, so that all who receive wait for the same link.
    attaching: Turn<()>,
}

/// An attached link.
pub(crate) struct ReceiverLink {
    session: Arc<Session>,
    link: LinkId,
    inbox: Inbox,
    management: Management,
    /// `None` where the entity has no sessions.
    session_held: Option<Arc<HeldSession>>,
    _claim: Arc<Claim>,
}

impl Receiver {
    pub(crate) fn new(namespace: Arc<Namespace>, identifier: String, terms: Terms) -> Arc<Self> {
        let closing = namespace.closing().below();
        let at_hand = Arc::new(AtHand::default());
        closing.tell(&at_hand);
        let retries = Retries::new(namespace.retry_options().clone());
        Arc::new_cyclic(|me| Receiver {
            me: me.clone(),
            namespace,
            identifier,
            terms,
            closing,
            retries,
            at_hand,
            link: Mutex::new(None),
            attaching: Turn::new(()),
        })
    }

    pub(crate) fn closing(&self) -> &Arc<Closing> {
        &self.closing
    }

    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }

    pub(crate) fn entity(&self) -> &Entity {
        &self.terms.entity
    }

    pub(crate) fn mode(&self) -> ReceiveMode {
        self.terms.mode
    }

    #[cfg(unix)]
    pub(crate) fn prefetch(&self) -> u32 {
        self.terms.prefetch
    }

    #[cfg(unix)]
    pub(crate) fn at_hand(&self) -> &AtHand {
        &self.at_hand
    }

    pub(crate) fn retries(&self) -> &Retries {
        &self.retries
    }

    /// The way by which a renewer reaches this receiver; to be called on the I/O thread.
    pub(super) fn way(&self) -> Arc<Way> {
        Way::through(&self.me, &self.closing)
    }

    /// Attaches the link.
    pub(crate) async fn open(&self, deadline: Deadline) -> Result<()> {
        let repeat = match self.terms.session {
            Some(SessionRequest::NextAvailable(_)) => Repeat::UnlessTimedOut,
            _ => Repeat::Harmless,
        };
        let attempt = |deadline| async move { self.attached(deadline).await.map(drop) };
        self.retries
            .run(&self.closing, repeat, deadline, attempt)
            .await
    }

    /// An operation that may be repeated after every failure that may pass.
    pub(super) async fn retry<T, Fut>(
        &self,
        deadline: Deadline,
        attempt: impl FnMut(Deadline) -> Fut,
    ) -> Result<T>
    where
        Fut: Future<Output = Result<T>>,
    {
        self.retries
            .run(&self.closing, Repeat::Harmless, deadline, attempt)
            .await
    }

    /// The link as it stands, or as it ended; `None` before the first was attached.
    pub(crate) fn last_link(&self) -> Option<Arc<ReceiverLink>> {
        self.link.lock().clone()
    }

    /// The link, attached anew if it does not stand.
    pub(crate) async fn attached(&self, deadline: Deadline) -> Result<Arc<ReceiverLink>> {
        if self.closing.is_closed() {
            return Err(closed_error());
        }
        // Nearly always the link stands: no timer is set then.
        if let Some(link) = self.last_link().filter(|link| link.stands()) {
            return Ok(link);
        }
        let work = before(
            deadline,
            "the link was not attached in time",
            self.attach_unless_attached(deadline),
        );
        self.closing.unless_closed(work).await
    }

    async fn attach_unless_attached(&self, deadline: Deadline) -> Result<Arc<ReceiverLink>> {
        let _turn = self.attaching.lock().await;
        let last = self.last_link();
        if let Some(link) = last.as_ref().filter(|link| link.stands()) {
            return Ok(link.clone());
        }
        if let Some(lost) = last.as_ref().filter(|_| self.terms.session.is_some()) {
            // Another receiver may have the session by now.
            return Err(self.ended(lost));
        }
        let entity = &self.terms.entity;
        let access = self.namespace.access(entity).await?;
        let connection = access.session.connection().clone();
        let name = format!("{}-{}", self.identifier, Uuid::new_v4());
        let mut attach = attach::receiver(&self.identifier, &name, entity.path(), self.terms.mode);
        if let Some(session) = &self.terms.session {
            message_session::request(&mut attach, session, deadline);
        }
        let (inbound, inbox) =
            Inbound::new(self.terms.clone(), self.at_hand.clone(), self.keeper());
        let (link, answer) = connection
            .attach(access.session.id(), attach, LinkEnd::Inbound(inbound))
            .await
            .map_err(|cause| access.refused(error_of(&cause)))?;
        let session_held = match self.terms.session {
            Some(_) => Some(Arc::new(HeldSession::read(&answer)?)),
            None => None,
        };
        let management = Management::new(
            access.session.clone(),
            access.claim.clone(),
            entity.management_address(),
            Some(name),
        );
        let link = Arc::new(ReceiverLink {
            session: access.session,
            link,
            inbox,
            management,
            session_held,
            _claim: access.claim,
        });
        let granted = link.session().map(|session| session.id().clone());
        let before = last.as_ref().map(|last| &last.inbox);
        link.with_inbound(|inbound, link, endpoint| {
            inbound.begin(granted, before);
            inbound.join(link, 0, endpoint);
        });
        *self.link.lock() = Some(link.clone());
        Ok(link)
    }

    /// Why a link of this receiver ended. One that held a session lost it, whatever was the cause.
    pub(crate) fn ended(&self, link: &ReceiverLink) -> Error {
        if self.closing.is_closed() {
            return closed_error();
        }
        let error = match link.inbox.ended() {
            Some(cause) => error_of_end(cause),
            None => Error::new(ErrorKind::Connection, "the link is gone"),
        };
        match &link.session_held {
            Some(_) if error.is_retryable() => {
                Error::new(ErrorKind::SessionLockLost, error.to_string()).with_source(error)
            }
            _ => error,
        }
    }

    /// Gives the service back what nobody waits for any more: credit, and with it messages that arrive meanwhile,
    /// which are in the inbox when this returns.
    ///
    /// # Errors
    /// `OperationTimeout` where the service does not answer; the link is given up then.
    pub(crate) async fn give_back_credit(
        &self,
        link: &ReceiverLink,
        deadline: Deadline,
    ) -> Result<()> {
        let drained = link.drain(deadline).await;
        if drained.is_err() {
            link.give_up();
        }
        drained
    }

    /// Stops receiving, gives back what was not handed out, and detaches.
    pub(crate) async fn close(&self, deadline: Deadline) -> Result<()> {
        let Some(link) = self.last_link() else {
            return Ok(());
        };
        link.with_inbound(|inbound, link, endpoint| inbound.shut(link, endpoint));
        let answered = async {
            link.drain(deadline).await?;
            link.connection().detach(link.link).await;
            Ok(())
        };
        let result = before(deadline, "the service did not answer in time", answered).await;
        link.give_up();
        result
    }
}

impl ReceiverLink {
    pub(super) fn connection(&self) -> &Connection {
        self.session.connection()
    }

    /// Lets the link go without waiting for the service, and its session unless others have links there.
    fn give_up(&self) {
        if self.session.is_shared() {
            self.connection().release(self.link);
        } else {
            self.connection().end(self.session.id());
        }
    }

    pub(crate) fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    pub(crate) fn management(&self) -> &Management {
        &self.management
    }

    /// The session that the link holds.
    pub(crate) fn session(&self) -> Option<&Arc<HeldSession>> {
        self.session_held.as_ref()
    }

    pub(crate) fn stands(&self) -> bool {
        self.inbox.ended().is_none()
    }

    fn with_inbound<T>(
        &self,
        change: impl FnOnce(&mut Inbound, LinkId, &mut servicebus_amqp::Connection) -> T,
    ) -> Option<T> {
        self.connection().with(|state| {
            let (inbound, endpoint) = state.inbound(self.link)?;
            Some(change(inbound, self.link, endpoint))
        })
    }

    /// Asks for more messages to keep at hand, once half of the prefetch is used.
    pub(crate) fn top_up(&self) {
        if self.inbox.is_low() {
            self.join(0);
        }
    }

    /// A call begins to wait for `count` messages; with 0, those who wait already get credit where it is missing.
    pub(crate) fn join(&self, count: u32) {
        self.with_inbound(|inbound, link, endpoint| inbound.join(link, count, endpoint));
    }

    /// A call that waited for `count` messages leaves. True where credit or messages are left that nobody wants.
    pub(crate) fn leave(&self, count: u32) -> bool {
        self.with_inbound(|inbound, link, endpoint| inbound.leave(link, count, endpoint))
            .unwrap_or(false)
    }

    /// Gives messages that nobody wants back to the service.
    pub(crate) fn release_unwanted(&self) {
        self.with_inbound(|inbound, link, endpoint| inbound.release_unwanted(link, endpoint));
    }

    async fn drain(&self, deadline: Deadline) -> Result<()> {
        let drained = self.with_inbound(|inbound, link, endpoint| inbound.drain(link, endpoint));
        let Some(drained) = drained.flatten() else {
            return Ok(());
        };
        let limit = deadline
            .remaining()
            .map_or(DRAIN_LIMIT, |left| left.min(DRAIN_LIMIT));
        let undone = "the service did not give the credit back in time";
        let answered = async {
            // A dropped channel means that the link is gone, and the credit with it.
            drained.await.ok();
            Ok(())
        };
        before(Deadline::after(limit), undone, answered).await
    }

    /// Sends a verdict on a message that came by this link, and waits for the service's answer. `None` where it did
    /// not come by this link.
    pub(super) async fn settle(
        &self,
        token: Uuid,
        disposition: &Disposition,
    ) -> Option<Result<Answer>> {
        match delivery_state(disposition) {
            Ok(state) => self.settle_with(token, state).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// The same with a state of the caller's making.
    pub(super) async fn settle_with(
        &self,
        token: Uuid,
        state: DeliveryState,
    ) -> Option<Result<Answer>> {
        let answer = self
            .with_inbound(|inbound, link, endpoint| inbound.settle(link, token, state, endpoint))
            .flatten()?;
        Some(answer.await.map_err(|_dropped| {
            Error::new(ErrorKind::Connection, "the link is gone").with_outcome_unknown()
        }))
    }

    /// Sends the same verdict on all of these messages; the answers come through the channels. `None` for each that did
    /// not come by this link.
    pub(super) fn settle_all(
        &self,
        tokens: &[Uuid],
        state: &DeliveryState,
    ) -> Vec<Option<oneshot::Receiver<Answer>>> {
        self.with_inbound(|inbound, link, endpoint| {
            inbound.settle_all(link, tokens, state, endpoint)
        })
        .unwrap_or_else(|| tokens.iter().map(|_| None).collect())
    }

    /// The service has not answered to the settlement of this message: another attempt goes around the link, which
    /// would not carry a second verdict on the same delivery.
    pub(super) fn forget(&self, token: Uuid) {
        self.with_inbound(|inbound, _, _| inbound.forget(token));
    }
}
