//! Settling a message: on its own link while that stands, else through the entity's management node.

use uuid::Uuid;

use super::inbound::Answer;
use super::limit::before;
use super::receiver::Receiver;
use super::receiver_link::ReceiverLink;
use super::transaction::Transaction;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::delivery_state::{check_disposition, confirm_disposition, delivery_state};
use crate::mapping::management::update_disposition;
use crate::mapping::transaction::{settlement_state, TransactionId};
use crate::model::deadline::Deadline;
use crate::model::disposition::Disposition;
use crate::model::lock::{MessageLock, Settling};

/// A link that does not know the delivery says so with this condition.
const UNKNOWN_DELIVERY: &str = "amqp:not-found";

impl Receiver {
    /// Settles a message and waits until the service has said that it did.
    pub(crate) async fn settle(
        &self,
        settling: Settling,
        disposition: &Disposition,
        deadline: Deadline,
    ) -> Result<()> {
        let checked = self
            .check_own(settling.lock())
            .and_then(|()| check_disposition(disposition));
        if let Err(error) = checked {
            settling.not_sent();
            return Err(error);
        }
        let token = settling.lock().token();
        let attempt = |deadline| self.settle_once(token, disposition, deadline);
        match self.retry(deadline, attempt).await {
            Ok(()) => {
                settling.applied();
                self.tally().settled(1);
                Ok(())
            }
            // Dropped without a verdict, it counts as unknown.
            Err(error) if error.is_outcome_unknown() => Err(error),
            Err(error) => Err(settling.refused(error)),
        }
    }

    async fn settle_once(
        &self,
        token: Uuid,
        disposition: &Disposition,
        deadline: Deadline,
    ) -> Result<()> {
        let link = self.attached(deadline).await?;
        let attempt = self.settle_on(&link, token, disposition, deadline);
        self.closing().unless_closed_underway(attempt).await
    }

    /// Settles as part of a transaction, once.
    pub(super) async fn settle_within(
        &self,
        transaction: &Transaction,
        settling: &Settling,
        disposition: &Disposition,
        deadline: Deadline,
    ) -> Result<()> {
        self.check_own(settling.lock())?;
        let state = settlement_state(transaction.id(), delivery_state(disposition)?);
        let link = self.attached(deadline).await?;
        transaction.check_reaches(link.connection())?;
        let token = settling.lock().token();
        let on_link = before(deadline, "the service did not answer in time", async {
            Ok(link.settle_with(token, state).await)
        });
        let judged = match self.closing().unless_closed(on_link).await {
            Ok(Some(Ok(answer))) => self.judge(&link, disposition, answer.provisional()),
            Ok(Some(Err(error))) => Some(Err(error)),
            Ok(None) => None,
            Err(gave_up) => {
                link.forget(token);
                Some(Err(gave_up.with_outcome_unknown()))
            }
        };
        if let Some(judged) = judged {
            return judged;
        }
        let (tokens, within) = ([token], Some(transaction.id()));
        let asked = via_management(&link, &tokens, disposition, within, deadline);
        self.closing().unless_closed_underway(asked).await
    }

    async fn settle_on(
        &self,
        link: &ReceiverLink,
        token: Uuid,
        disposition: &Disposition,
        deadline: Deadline,
    ) -> Result<()> {
        let on_link = before(deadline, "the service did not answer in time", async {
            Ok(link.settle(token, disposition).await)
        });
        match on_link.await {
            Ok(Some(Ok(answer))) => match self.judge(link, disposition, answer) {
                Some(judged) => judged,
                None => via_management(link, &[token], disposition, None, deadline).await,
            },
            Ok(Some(Err(error))) => Err(error),
            Ok(None) => via_management(link, &[token], disposition, None, deadline).await,
            Err(elapsed) => {
                link.forget(token);
                Err(elapsed.with_outcome_unknown())
            }
        }
    }

    /// What the answer on a link says; `None` where the link does not know the delivery.
    pub(super) fn judge(
        &self,
        link: &ReceiverLink,
        disposition: &Disposition,
        answer: Answer,
    ) -> Option<Result<()>> {
        let Answer::Decided(state) = answer else {
            return Some(Err(self.ended(link).with_outcome_unknown()));
        };
        match confirm_disposition(disposition, state.as_ref()) {
            Err(error) if error.condition() == Some(UNKNOWN_DELIVERY) => None,
            confirmed => Some(confirmed),
        }
    }

    /// Refuses a message of another entity, or of a session that another receiver holds.
    pub(super) fn check_own(&self, lock: &MessageLock) -> Result<()> {
        if lock.entity() != self.entity() {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("the message is one of \"{}\"", lock.entity()),
            ));
        }
        let Some(session) = lock.session() else {
            return Ok(());
        };
        let link = self.last_link();
        let held = link.as_ref().and_then(|link| link.session());
        if held.is_some_and(|held| held.id() == session) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidOperation,
            format!(
                "the message is one of session \"{session}\", which this receiver does not hold"
            ),
        ))
    }
}

pub(super) async fn via_management(
    link: &ReceiverLink,
    tokens: &[Uuid],
    disposition: &Disposition,
    transaction: Option<&TransactionId>,
    deadline: Deadline,
) -> Result<()> {
    let session = link.session().map(|session| &**session.id());
    let operation = update_disposition::OPERATION;
    let answer = link
        .management()
        .call_within(transaction, operation, deadline, |writer| {
            update_disposition::write(writer, disposition, tokens, session);
        })
        .await?;
    update_disposition::read(&answer)
}
