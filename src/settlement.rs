//! What becomes of a received message: complete, abandon, defer, dead-letter; and keeping its lock meanwhile.

use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::engine::receiver::Receiver as Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::model::deadline::Deadline;
use crate::model::disposition::Disposition;
use crate::model::lock::{MessageLock, Settling};
use crate::model::options::{AbandonOptions, DeadLetterOptions, DeferOptions};
use crate::model::received::ReceivedMessage;
use crate::receiver::Receiver;

/// Settling messages.
///
/// Each call waits for the service's answer, at most for the operation time-out. A message is settled once: a call while
/// another settles it, or afterwards, is `MessageAlreadySettled` at once. After an error it may be settled again. Any
/// receiver of the same entity can settle a message, also after the link that brought it was lost, as long as its lock
/// lasts.
///
/// The errors are the same for all: `InvalidOperation` for a message that was peeked, received in receive-and-delete
/// mode, or is of another entity; `MessageLockLost` where the lock ran out; `Connection`, `OperationTimeout` or `Closed`
/// where the service's answer did not come. The latter are marked by
/// [`is_outcome_unknown`](crate::Error::is_outcome_unknown): the service may have settled the message. From then on it
/// stays open whether it had, unless a later attempt is answered positively.
impl Receiver {
    /// Completes a message: it was processed and is removed from the queue.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn complete_message(&self, message: &ReceivedMessage) -> Result<()> {
        self.settle(message, Disposition::Complete)
    }

    /// Abandons a message: it is available again at once, and the delivery counts as failed.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn abandon_message(&self, message: &ReceivedMessage) -> Result<()> {
        self.abandon_message_with(message, AbandonOptions::new())
    }

    /// Abandons a message, changing some of its application properties.
    ///
    /// # Errors
    ///
    /// See above; `InvalidArgument` for a property that the service would not take.
    pub fn abandon_message_with(
        &self,
        message: &ReceivedMessage,
        options: AbandonOptions,
    ) -> Result<()> {
        self.settle(message, Disposition::Abandon(options))
    }

    /// Defers a message: it is set aside, and from then on only
    /// [`receive_deferred_messages`](Receiver::receive_deferred_messages) receives it, by its sequence number, which must
    /// be kept. The delivery is counted as an abandoned one's is.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn defer_message(&self, message: &ReceivedMessage) -> Result<()> {
        self.defer_message_with(message, DeferOptions::new())
    }

    /// Defers a message, changing some of its application properties.
    ///
    /// # Errors
    ///
    /// See above; `InvalidArgument` for a property that the service would not take.
    pub fn defer_message_with(
        &self,
        message: &ReceivedMessage,
        options: DeferOptions,
    ) -> Result<()> {
        self.settle(message, Disposition::Defer(options))
    }

    /// Moves a message to the dead-letter queue of its entity.
    ///
    /// # Errors
    ///
    /// See above.
    pub fn dead_letter_message(&self, message: &ReceivedMessage) -> Result<()> {
        self.dead_letter_message_with(message, DeadLetterOptions::new())
    }

    /// Moves a message to the dead-letter queue of its entity, with the reason and changes to its application properties.
    ///
    /// # Errors
    ///
    /// See above; `InvalidArgument` for a reason or description of more than 4,096 characters, or a property that the
    /// service would not take.
    pub fn dead_letter_message_with(
        &self,
        message: &ReceivedMessage,
        options: DeadLetterOptions,
    ) -> Result<()> {
        self.settle(message, Disposition::DeadLetter(options))
    }

    /// Renews the lock on a message for another lock duration of the entity, and returns until when it is locked now,
    /// by the clock of the service.
    ///
    /// # Errors
    ///
    /// As for settling; a lock that ran out cannot be renewed. `InvalidOperation` for a message of a session, whose lock
    /// [`Session::renew_lock`](crate::Session::renew_lock) renews.
    pub fn renew_message_lock(&self, message: &ReceivedMessage) -> Result<DateTime<Utc>> {
        const OPERATION: &str = "renew lock on message of";
        let lock = self.lock(message, OPERATION)?;
        lock.check_renewable()
            .map_err(|error| self.describe(error, OPERATION))?;
        let lock = lock.clone();
        self.call(OPERATION, move |engine, deadline| async move {
            engine.renew_lock(&lock, deadline).await
        })
    }

    fn settle(&self, message: &ReceivedMessage, disposition: Disposition) -> Result<()> {
        self.settle_with(
            message,
            disposition,
            |engine, settling, disposition, deadline| async move {
                engine.settle(settling, &disposition, deadline).await
            },
        )
    }

    /// Claims a message for one settlement and has it settled in the way of `settle`.
    pub(crate) fn settle_with<F, Fut>(
        &self,
        message: &ReceivedMessage,
        disposition: Disposition,
        settle: F,
    ) -> Result<()>
    where
        F: FnOnce(Arc<Engine>, Settling, Disposition, Deadline) -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let operation = disposition.operation();
        let settling = self
            .lock(message, operation)?
            .begin_settling()
            .map_err(|error| self.describe(error, operation))?;
        self.call(operation, move |engine, deadline| {
            settle(engine, settling, disposition, deadline)
        })
    }

    pub(crate) fn lock<'m>(
        &self,
        message: &'m ReceivedMessage,
        operation: &'static str,
    ) -> Result<&'m Arc<MessageLock>> {
        message.lock().ok_or_else(|| {
            let error = Error::new(
                ErrorKind::InvalidOperation,
                "the message has no lock: it was peeked, or deleted when it was received",
            );
            self.describe(error, operation)
        })
    }
}
