//! Transactions: declared and discharged on the coordinator's link, worked in on the links of senders and receivers.

use std::sync::Arc;

use parking_lot::Mutex;
use servicebus_amqp::LinkId;
use uuid::Uuid;

use super::connection::{Connection, LinkEnd};
use super::failure::error_of;
use super::limit::before;
use super::namespace::Namespace;
use super::outbound::Outbound;
use super::receiver::Receiver;
use super::retry::{Repeat, Retries};
use super::sender::Sender;
use super::session::Session;
use super::tally::Tally;
use super::transfer::transfer;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::batch::Payload;
use crate::mapping::management::schedule::Scheduled;
use crate::mapping::transaction::{self, TransactionId};
use crate::model::deadline::Deadline;
use crate::model::disposition::Disposition;
use crate::model::lock::Settling;

/// The link to the transaction coordinator of one connection.
pub(crate) struct Coordinator {
    session: Arc<Session>,
    link: LinkId,
}

/// A transaction under way.
pub(crate) struct Transaction {
    namespace: Arc<Namespace>,
    coordinator: Arc<Coordinator>,
    id: TransactionId,
    work: Mutex<Work>,
}

#[derive(Default)]
struct Work {
    /// The messages that are settled in it, open again after a rollback, and where a commit counts them.
    settlings: Vec<(Settling, Arc<Tally>)>,
    /// Why it cannot be committed: nobody knows whether some work is in it.
    doomed: Option<Error>,
}

impl Coordinator {
    pub(super) async fn attach(session: Arc<Session>, identifier: &str) -> Result<Self> {
        let name = format!("{identifier}-coordinator-{}", Uuid::new_v4());
        let (link, _) = session
            .connection()
            .attach(
                session.id(),
                transaction::coordinator(&name),
                LinkEnd::Outbound(Outbound::default()),
            )
            .await
            .map_err(|cause| error_of(&cause))?;
        Ok(Coordinator { session, link })
    }

    pub(super) fn stands(&self) -> bool {
        self.connection().read(|state| state.is_attached(self.link))
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    fn connection(&self) -> &Connection {
        self.session.connection()
    }
}

impl Transaction {
    /// Declares a transaction.
    pub(crate) async fn declare(
        namespace: Arc<Namespace>,
        deadline: Deadline,
    ) -> Result<Arc<Self>> {
        let retries = Retries::new(namespace.retry_options().clone(), namespace.tally().clone());
        let namespace = &namespace;
        let attempt = |deadline| async move {
            let reached = before(
                deadline,
                "the coordinator was not reached in time",
                namespace.coordinator(),
            );
            let closing = namespace.closing();
            let coordinator = closing.unless_closed(reached).await?;
            let payload = Payload::message(transaction::declare()?);
            let connection = coordinator.connection();
            let declared =
                transfer(connection, coordinator.link, payload, closing, deadline).await?;
            Ok((coordinator, transaction::declared(declared)?))
        };
        // One that was declared for nothing is rolled back by the service in time.
        let (coordinator, id) = retries
            .run(namespace.closing(), Repeat::Harmless, deadline, attempt)
            .await
            .map_err(Error::with_outcome_known)?;
        Ok(Arc::new(Transaction {
            namespace: namespace.clone(),
            coordinator,
            id,
            work: Mutex::default(),
        }))
    }

    pub(super) fn id(&self) -> &TransactionId {
        &self.id
    }

    /// Refuses work without the coordinator's link, with which the transaction ended, and on another connection, where
    /// the service does not know it.
    pub(super) fn check_reaches(&self, connection: &Connection) -> Result<()> {
        if self.coordinator.stands() && self.coordinator.connection().is(connection) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidOperation,
            "the transaction ended with the link to the coordinator on which it began",
        ))
    }

    /// Sends messages that appear when the transaction is committed.
    pub(crate) async fn send(
        &self,
        sender: &Sender,
        payload: Payload,
        deadline: Deadline,
    ) -> Result<()> {
        let sent = sender.send_within(self, payload, deadline).await;
        self.note(sent)
    }

    /// Schedules messages when the transaction is committed.
    pub(crate) async fn schedule(
        &self,
        sender: &Sender,
        messages: Vec<Scheduled>,
        deadline: Deadline,
    ) -> Result<Vec<i64>> {
        let scheduled = sender.schedule_within(self, &messages, deadline).await;
        self.note(scheduled)
    }

    /// Settles a message when the transaction is committed.
    pub(crate) async fn settle(
        &self,
        receiver: &Receiver,
        settling: Settling,
        disposition: &Disposition,
        deadline: Deadline,
    ) -> Result<()> {
        let settled = receiver
            .settle_within(self, &settling, disposition, deadline)
            .await;
        match &settled {
            Ok(()) => {
                let settled = (settling, receiver.tally().clone());
                self.work.lock().settlings.push(settled);
            }
            Err(error) if error.is_outcome_unknown() => drop(settling),
            Err(_) => settling.not_sent(),
        }
        self.note(settled)
    }

    /// Work that may or may not be part of the transaction would make a commit say more than is known.
    fn note<T>(&self, worked: Result<T>) -> Result<T> {
        if let Err(error) = &worked {
            if error.is_outcome_unknown() {
                self.work.lock().doomed.get_or_insert(error.clone());
            }
        }
        worked
    }

    /// Makes all of the work happen, or none.
    ///
    /// # Errors
    /// Nothing happened, unless the outcome is unknown.
    pub(crate) async fn commit(&self, deadline: Deadline) -> Result<()> {
        let doomed = self.work.lock().doomed.take();
        if let Some(cause) = doomed {
            self.roll_back(deadline).await?;
            let text = "rolled back: nobody knows whether all of the work was part of it";
            return Err(Error::new(ErrorKind::InvalidOperation, text).with_source(cause));
        }
        let discharged = self.discharge(false, deadline).await;
        let settlings = std::mem::take(&mut self.work.lock().settlings);
        for (settling, tally) in settlings {
            match &discharged {
                Ok(()) => {
                    settling.applied();
                    tally.settled(1);
                }
                // Dropped without a verdict, it counts as unknown.
                Err(error) if error.is_outcome_unknown() => drop(settling),
                Err(_) => settling.not_sent(),
            }
        }
        discharged
    }

    /// Makes none of the work happen.
    pub(crate) async fn roll_back(&self, deadline: Deadline) -> Result<()> {
        let discharged = self.discharge(true, deadline).await;
        for (settling, _) in std::mem::take(&mut self.work.lock().settlings) {
            // Without a commit the service applies nothing, whether it heard of the end or not.
            settling.not_sent();
        }
        discharged.map_err(Error::with_outcome_known)
    }

    async fn discharge(&self, roll_back: bool, deadline: Deadline) -> Result<()> {
        let payload = Payload::message(transaction::discharge(&self.id, roll_back)?);
        let (connection, link) = (self.coordinator.connection(), self.coordinator.link);
        let closing = self.namespace.closing();
        transaction::discharged(transfer(connection, link, payload, closing, deadline).await?)
    }
}
