//! The link of a receiver: the credit of those who wait on it, and the verdicts that go by it.

use std::sync::Arc;
use std::time::Duration;

use fe2o3_amqp::types::messaging::DeliveryState;
use servicebus_amqp::LinkId;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::claim::Claim;
use super::connection::Connection;
use super::inbound::{Answer, Inbound, Inbox};
use super::limit::before;
use super::management::Management;
use super::message_session::HeldSession;
use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::delivery_state::delivery_state;
use crate::model::deadline::Deadline;
use crate::model::disposition::Disposition;

/// How long the service may take to give credit back before the link is given up.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// An attached link.
pub(crate) struct ReceiverLink {
    pub(super) session: Arc<Session>,
    pub(super) link: LinkId,
    pub(super) inbox: Inbox,
    pub(super) management: Management,
    /// `None` where the entity has no sessions.
    pub(super) session_held: Option<Arc<HeldSession>>,
    pub(super) _claim: Arc<Claim>,
}

impl ReceiverLink {
    pub(super) fn connection(&self) -> &Connection {
        self.session.connection()
    }

    /// Lets the link go without waiting for the service, and its session unless others have links there.
    pub(super) fn give_up(&self) {
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

    pub(super) fn with_inbound<T>(
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

    pub(super) async fn drain(&self, deadline: Deadline) -> Result<()> {
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
