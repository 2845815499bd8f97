//! Deleting messages without receiving them.

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::{Error, Result};
use crate::mapping::management::batch_delete::MAX_COUNT;
use crate::receiver::Receiver;

/// Deleting messages without receiving them.
///
/// What waits for a receiver is deleted; messages that are locked, deferred or scheduled stay. A receiver that holds a
/// session deletes in that session alone. The service does not do it on partitioned entities (Service Bus docs, "Batch
/// delete messages").
///
/// Messages are meant that were enqueued before an instant by the clock of the service; with `None` before the call, by
/// the clock of this machine, so that what is sent meanwhile stays.
impl Receiver {
    /// Deletes up to `max_count` messages that were enqueued before an instant, the oldest first, and returns how many
    /// there were. The service may delete fewer than there are, and at most 4,000 in one call (Premium tier; 500 in others);
    /// it is not asked for more. Blocks at most for the operation time-out.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a count of 0; those of a management call otherwise. Where the service's answer was lost, marked
    /// by [`is_outcome_unknown`](crate::Error::is_outcome_unknown), it is never asked again: messages may be deleted.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{TimeDelta, Utc};
    /// use servicebus::Client;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let receiver = client.queue_receiver("orders").open()?;
    /// let last_week = Utc::now() - TimeDelta::weeks(1);
    /// let deleted = receiver.delete_messages(100, last_week)?;
    /// println!("{deleted} old messages deleted");
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_messages(
        &self,
        max_count: usize,
        before: impl Into<Option<DateTime<Utc>>>,
    ) -> Result<usize> {
        const OPERATION: &str = "delete messages of";
        if max_count == 0 {
            let error = Error::invalid_argument("the count of messages is 0");
            return Err(self.describe(error, OPERATION));
        }
        let max_count = i32::try_from(max_count).map_or(MAX_COUNT, |count| count.min(MAX_COUNT));
        let before = before.into().unwrap_or_else(now);
        self.call(OPERATION, move |engine, deadline| async move {
            engine.delete_messages(max_count, before, deadline).await
        })
    }

    /// Deletes all messages that were enqueued before an instant, and returns how many there were. It takes a request for
    /// every 4,000 of them, 500 where that is what the tier deletes at once; all of it has the operation time-out, which
    /// [`with_timeout`](Receiver::with_timeout) makes longer.
    ///
    /// # Errors
    ///
    /// Those of [`delete_messages`](Receiver::delete_messages); `OperationTimeout` where the time was over before all were
    /// deleted. Messages may be deleted when it fails; the text of the error says how many are known to be. Another call
    /// deletes the rest.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use servicebus::{Client, SubQueue};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let receiver = client
    ///     .queue_receiver("orders")
    ///     .sub_queue(SubQueue::DeadLetter)
    ///     .open()?;
    /// let purged = receiver
    ///     .with_timeout(Duration::from_secs(600))
    ///     .purge_messages(None)?;
    /// println!("{purged} dead letters deleted");
    /// # Ok(())
    /// # }
    /// ```
    pub fn purge_messages(&self, before: impl Into<Option<DateTime<Utc>>>) -> Result<usize> {
        let before = before.into().unwrap_or_else(now);
        self.call("purge messages of", move |engine, deadline| async move {
            engine.purge(before, deadline).await
        })
    }
}

/// An instant after all that was enqueued up to now: the service counts in whole milliseconds.
fn now() -> DateTime<Utc> {
    Utc::now() + TimeDelta::milliseconds(1)
}
