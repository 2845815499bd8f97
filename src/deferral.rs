//! Receiving messages that were set aside.

use crate::error::Result;
use crate::model::received::ReceivedMessage;
use crate::receiver::Receiver;

/// Deferred messages.
impl Receiver {
    /// Receives messages that were [deferred](Receiver::defer_message), by their sequence numbers: all of them, in this
    /// order, or none. No numbers receive nothing. Blocks at most for the operation time-out.
    ///
    /// In peek-lock mode each message gets a new lock and is settled as any other. It stays deferred however that lock
    /// ends, until it is completed or dead-lettered. Its lock is renewed automatically where the receiver was opened with
    /// an [`AutoLockRenewer`](crate::AutoLockRenewer). In receive-and-delete mode the messages are gone from the entity.
    /// Where there are sessions, the messages must be of the session that the receiver holds.
    ///
    /// # Errors
    ///
    /// `MessageNotFound` where one of them is not deferred, is locked or is not there. It is marked by
    /// [`is_outcome_unknown`](crate::Error::is_outcome_unknown) where an earlier attempt of the same call went unanswered,
    /// which may have locked them: when those locks end, they can be received. In receive-and-delete mode, a call whose
    /// answer was lost is marked in the same way and never asks again: the messages may be gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use servicebus::{Client, Message};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// # client.queue_sender("orders").open()?.send_messages(Message::new("step 2"))?;
    ///
    /// let receiver = client.queue_receiver("orders").open()?;
    /// let mut set_aside = Vec::new();
    /// for message in receiver.receive_messages(10, Duration::from_secs(1))? {
    ///     // Step 1 is not there yet.
    ///     receiver.defer_message(&message)?;
    ///     set_aside.extend(message.sequence_number());
    /// }
    /// for message in receiver.receive_deferred_messages(&set_aside)? {
    ///     receiver.complete_message(&message)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn receive_deferred_messages(
        &self,
        sequence_numbers: &[i64],
    ) -> Result<Vec<ReceivedMessage>> {
        if sequence_numbers.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = sequence_numbers.to_vec();
        self.call(
            "receive deferred messages from",
            |engine, deadline| async move { engine.receive_deferred(numbers, deadline).await },
        )
    }
}
