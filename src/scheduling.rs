//! Sending messages that appear at a time to come.

use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::engine::sender::Sender as Engine;
use crate::error::Result;
use crate::mapping::management::schedule::Scheduled;
use crate::model::deadline::Deadline;
use crate::sendable::{messages, Schedulable};
use crate::sender::Sender;

/// Scheduling messages.
///
/// A message whose time is known when it is sent, and that nobody will cancel, may as well be sent with
/// [`with_scheduled_enqueue_time`](crate::Message::with_scheduled_enqueue_time).
impl Sender {
    /// Stores a message or a list of messages that appear in the entity at the instant `when`, by the clock of the
    /// service and in whole milliseconds, and returns a number for each, in their order, by which it can be cancelled.
    ///
    /// One request carries them all: all are stored, or none. An instant in the past enqueues at once. A message without
    /// an id gets a random one, as the service asks for one here. An empty list stores nothing. Blocks at most for the
    /// operation time-out.
    ///
    /// A scheduled message is [peeked](crate::Receiver::peek_messages) under its number; when it is enqueued, it gets
    /// another one.
    ///
    /// # Errors
    ///
    /// As [`send_messages`](Sender::send_messages). Where the service's answer was lost, marked by
    /// [`is_outcome_unknown`](crate::Error::is_outcome_unknown), it is never asked again: the messages may be scheduled.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{TimeDelta, Utc};
    /// use servicebus::{Client, Message};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let sender = client.queue_sender("orders").open()?;
    /// let tomorrow = Utc::now() + TimeDelta::days(1);
    /// let numbers = sender.schedule_messages([Message::new("a"), Message::new("b")], tomorrow)?;
    /// sender.cancel_scheduled_messages(&numbers)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn schedule_messages(
        &self,
        messages: impl Schedulable,
        when: DateTime<Utc>,
    ) -> Result<Vec<i64>> {
        self.schedule_with(messages, when, |engine, scheduled, deadline| async move {
            engine.schedule(scheduled, deadline).await
        })
    }

    /// Encodes messages and has them scheduled in the way of `schedule`.
    pub(crate) fn schedule_with<F, Fut>(
        &self,
        messages: impl Schedulable,
        when: DateTime<Utc>,
        schedule: F,
    ) -> Result<Vec<i64>>
    where
        F: FnOnce(Arc<Engine>, Vec<Scheduled>, Deadline) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Vec<i64>>> + Send + 'static,
    {
        const OPERATION: &str = "schedule messages to";
        let scheduled = self::messages(&messages)
            .iter()
            .map(|message| Scheduled::new(&self.trace_source().traced(message), when))
            .collect::<Result<Vec<_>>>()
            .map_err(|error| self.describe(error, OPERATION))?;
        if scheduled.is_empty() {
            return Ok(Vec::new());
        }
        self.call(OPERATION, move |engine, deadline| {
            schedule(engine, scheduled, deadline)
        })
    }

    /// Cancels scheduled messages by the numbers that [`schedule_messages`](Sender::schedule_messages) gave. They are
    /// gone then. No numbers cancel nothing. Blocks at most for the operation time-out.
    ///
    /// # Errors
    ///
    /// `MessageNotFound` where one of them is not scheduled, because it was enqueued or cancelled before; then none is
    /// cancelled. It is marked by [`is_outcome_unknown`](crate::Error::is_outcome_unknown) where an earlier attempt of the
    /// same call went unanswered, which may have cancelled them.
    pub fn cancel_scheduled_messages(&self, sequence_numbers: &[i64]) -> Result<()> {
        if sequence_numbers.is_empty() {
            return Ok(());
        }
        let numbers = sequence_numbers.to_vec();
        self.call(
            "cancel scheduled messages of",
            |engine, deadline| async move { engine.cancel_scheduled(numbers, deadline).await },
        )
    }
}
