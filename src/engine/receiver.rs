//! A receiver: its link, attached when needed, and its orderly end.

use std::future::Future;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::Mutex as Turn;
use uuid::Uuid;

use super::at_hand::AtHand;
use super::closing::{closed_error, Closing};
use super::connection::LinkEnd;
use super::failure::{error_of, error_of_end};
use super::inbound::{Inbound, Terms};
use super::limit::before;
use super::management::Management;
use super::message_session::{self, HeldSession};
use super::namespace::Namespace;
use super::receiver_link::ReceiverLink;
use super::renewed_lock::Way;
use super::retry::{Repeat, Retries};
use super::tally::Tally;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::attach;
use crate::model::deadline::Deadline;
use crate::model::entity::Entity;
use crate::model::options::ReceiveMode;
use crate::model::session_request::SessionRequest;

/// The engine of one receiver.
pub(crate) struct Receiver {
    me: Weak<Receiver>,
    namespace: Arc<Namespace>,
    identifier: String,
    terms: Terms,
    closing: Arc<Closing>,
    tally: Arc<Tally>,
    retries: Retries,
    at_hand: Arc<AtHand>,
    link: Mutex<Option<Arc<ReceiverLink>>>,
    /// Held while attaching, so that all who receive wait for the same link.
    attaching: Turn<()>,
}

impl Receiver {
    pub(crate) fn new(namespace: Arc<Namespace>, identifier: String, terms: Terms) -> Arc<Self> {
        let closing = namespace.closing().below();
        let at_hand = Arc::new(AtHand::default());
        closing.tell(&at_hand);
        let tally = Tally::below(namespace.tally());
        let retries = Retries::new(namespace.retry_options().clone(), tally.clone());
        Arc::new_cyclic(|me| Receiver {
            me: me.clone(),
            namespace,
            identifier,
            terms,
            closing,
            tally,
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

    pub(crate) fn at_hand(&self) -> &AtHand {
        &self.at_hand
    }

    pub(crate) fn tally(&self) -> &Arc<Tally> {
        &self.tally
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
        self.tally.attached();
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
