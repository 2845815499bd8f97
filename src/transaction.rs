//! Several sends and settlements that happen together or not at all.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use log::debug;

use crate::client::Shared;
use crate::engine::transaction::Transaction as Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::model::deadline::Deadline;
use crate::model::disposition::Disposition;
use crate::model::options::{AbandonOptions, DeadLetterOptions, DeferOptions};
use crate::model::received::ReceivedMessage;
use crate::receiver::Receiver;
use crate::runtime::HomeBound;
use crate::sendable::{Schedulable, Sendable};
use crate::sender::Sender;

/// Sends and settlements that the service carries out together or not at all; made by
/// [`Client::transaction`](crate::Client::transaction).
///
/// What is sent appears, what is scheduled is scheduled, and what is settled is settled, when the transaction is
/// committed. Until then the messages that it settles stay locked, and count as being settled: another call on them is
/// `MessageAlreadySettled`. After a rollback they are open again, as long as their locks last. Receiving is not part of a
/// transaction.
///
/// The service's rules (Service Bus docs, "Transactions"): at most 100 sends and settlements; a commit within two
/// minutes of the first; one entity only, unless the client was set up with
/// [`cross_entity_transactions`](crate::ClientBuilder::cross_entity_transactions); not in the Basic tier.
///
/// Nothing in a transaction is tried again. A step that was refused is not part of it, and the rest may be committed;
/// after a step whose outcome is unknown, the commit rolls back instead. Senders and receivers must be of the
/// transaction's own client. Dropped without a word, it is rolled back.
///
/// # Examples
///
/// ```
/// use servicebus::{Client, Message};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
/// # let connection_string = emulator.connection_string();
/// let client = Client::from_connection_string(&connection_string)?;
/// let sender = client.queue_sender("orders").open()?;
/// let receiver = client.queue_receiver("orders").open()?;
/// sender.send_messages(Message::new("step 1"))?;
/// let message = receiver.next_message(Duration::from_secs(5))?.ok_or("a message")?;
///
/// let transaction = client.transaction()?;
/// transaction.send_messages(&sender, Message::new("step 2"))?;
/// transaction.complete_message(&receiver, &message)?;
/// transaction.commit()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction {
    engine: HomeBound<Engine>,
    ended: bool,
    // Dropped last: the client's thread serves the rollback.
    client: Arc<Shared>,
}

impl Transaction {
    pub(crate) fn begin(client: Arc<Shared>) -> Result<Self> {
        let deadline = Deadline::after(client.operation_timeout());
        let namespace = client.namespace();
        let engine = client
            .runtime()
            .call(deadline, move || Engine::declare(namespace, deadline))
            .map_err(|error| error.in_operation("begin transaction"))?;
        Ok(Transaction {
            engine: HomeBound::new(engine),
            ended: false,
            client,
        })
    }

    /// Sends a message, a list or a batch, to appear with the commit. Blocks until the service has taken it, at most for
    /// the client's operation time-out.
    ///
    /// # Errors
    ///
    /// Those of [`Sender::send_messages`]; `InvalidOperation` for a sender of another client, or after the connection on
    /// which the transaction began was lost.
    pub fn send_messages(&self, sender: &Sender, messages: impl Sendable) -> Result<()> {
        self.check_own(sender.client())?;
        let transaction = self.engine.share();
        let sender = sender.with_timeout(self.client.operation_timeout());
        sender.send_with(messages, |engine, payload, deadline| async move {
            transaction.send(&engine, payload, deadline).await
        })
    }

    /// Schedules a message or a list of messages, from the commit on, for the instant `when`, and returns their numbers. A
    /// rollback makes the numbers mean nothing. An instant that is past at the commit enqueues then. Blocks as
    /// [`send_messages`](Self::send_messages).
    ///
    /// # Errors
    ///
    /// Those of [`Sender::schedule_messages`]; `InvalidOperation` as for [`send_messages`](Self::send_messages).
    pub fn schedule_messages(
        &self,
        sender: &Sender,
        messages: impl Schedulable,
        when: DateTime<Utc>,
    ) -> Result<Vec<i64>> {
        self.check_own(sender.client())?;
        let transaction = self.engine.share();
        let sender = sender.with_timeout(self.client.operation_timeout());
        sender.schedule_with(messages, when, |engine, scheduled, deadline| async move {
            transaction.schedule(&engine, scheduled, deadline).await
        })
    }

    /// Completes a message with the commit. Blocks until the service has noted it, at most for the client's operation
    /// time-out.
    ///
    /// # Errors
    ///
    /// Those of [`Receiver::complete_message`]; `InvalidOperation` for a receiver of another client, and after the
    /// connection on which the transaction began was lost.
    pub fn complete_message(&self, receiver: &Receiver, message: &ReceivedMessage) -> Result<()> {
        self.settle(receiver, message, Disposition::Complete)
    }

    /// Abandons a message with the commit, as [`complete_message`](Self::complete_message) completes it.
    ///
    /// # Errors
    ///
    /// As [`complete_message`](Self::complete_message).
    pub fn abandon_message(
        &self,
        receiver: &Receiver,
        message: &ReceivedMessage,
        options: AbandonOptions,
    ) -> Result<()> {
        self.settle(receiver, message, Disposition::Abandon(options))
    }

    /// Defers a message with the commit, as [`complete_message`](Self::complete_message) completes it.
    ///
    /// # Errors
    ///
    /// As [`complete_message`](Self::complete_message).
    pub fn defer_message(
        &self,
        receiver: &Receiver,
        message: &ReceivedMessage,
        options: DeferOptions,
    ) -> Result<()> {
        self.settle(receiver, message, Disposition::Defer(options))
    }

    /// Dead-letters a message with the commit, as [`complete_message`](Self::complete_message) completes it.
    ///
    /// # Errors
    ///
    /// As [`complete_message`](Self::complete_message).
    pub fn dead_letter_message(
        &self,
        receiver: &Receiver,
        message: &ReceivedMessage,
        options: DeadLetterOptions,
    ) -> Result<()> {
        self.settle(receiver, message, Disposition::DeadLetter(options))
    }

    /// Makes all of it happen. Blocks until the service has said so, at most for the client's operation time-out.
    ///
    /// # Errors
    ///
    /// `InvalidOperation` after a step whose outcome is unknown: the transaction is rolled back then. What the service
    /// says of a transaction that took too long. After any error nothing happened, unless
    /// [`is_outcome_unknown`](Error::is_outcome_unknown) says that nobody knows.
    pub fn commit(mut self) -> Result<()> {
        self.ended = true;
        let (engine, deadline) = (
            self.engine.share(),
            Deadline::after(self.client.operation_timeout()),
        );
        self.client
            .runtime()
            .call(
                deadline,
                move || async move { engine.commit(deadline).await },
            )
            .map_err(|error| error.in_operation("commit transaction"))
    }

    /// Makes none of it happen. Blocks until the service has said so, at most for the client's operation time-out.
    ///
    /// # Errors
    ///
    /// Where the service did not answer; it rolls back all the same, after two minutes at the latest.
    pub fn rollback(mut self) -> Result<()> {
        self.ended = true;
        self.roll_back(self.client.operation_timeout())
    }

    fn roll_back(&self, timeout: Duration) -> Result<()> {
        let (engine, deadline) = (self.engine.share(), Deadline::after(timeout));
        self.client
            .runtime()
            .call(
                deadline,
                move || async move { engine.roll_back(deadline).await },
            )
            .map_err(|error| error.in_operation("roll back transaction"))
    }

    fn settle(
        &self,
        receiver: &Receiver,
        message: &ReceivedMessage,
        disposition: Disposition,
    ) -> Result<()> {
        self.check_own(receiver.client())?;
        let transaction = self.engine.share();
        let receiver = receiver.with_timeout(self.client.operation_timeout());
        receiver.settle_with(
            message,
            disposition,
            |engine, settling, disposition, deadline| async move {
                transaction
                    .settle(&engine, settling, &disposition, deadline)
                    .await
            },
        )
    }

    fn check_own(&self, client: &Arc<Shared>) -> Result<()> {
        if Arc::ptr_eq(&self.client, client) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidOperation,
            "the sender or receiver is of another client than the transaction",
        ))
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.ended && self.client.runtime().may_wait_in_drop() {
            if let Err(error) = self.roll_back(self.client.close_timeout()) {
                debug!(target: "servicebus::client", "{error}");
            }
        }
    }
}

impl std::fmt::Debug for Transaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction").finish_non_exhaustive()
    }
}
