//! Settling many messages in one call.

use std::borrow::Borrow;

use crate::error::Result;
use crate::model::disposition::Disposition;
use crate::model::options::{AbandonOptions, DeadLetterOptions, DeferOptions};
use crate::model::received::ReceivedMessage;
use crate::receiver::Receiver;

/// Settling many messages in one call, which takes about one round trip to the service.
///
/// The verdicts leave together, in ranges unless [`settle_in_ranges`](crate::ReceiverBuilder::settle_in_ranges) says
/// otherwise, and the call waits for all answers, at most for the operation time-out. The messages may be given or lent:
/// a slice of [`ReceivedMessage`] or of references to them.
///
/// Each message has a result of its own, in the order of the messages, with the meaning and the errors that it would
/// have from the call for one message: `Ok` where the service settled it, an error where it did not, or
/// [`is_outcome_unknown`](crate::Error::is_outcome_unknown) where nobody knows. One that fails does not keep the others
/// from being settled. A message that is there twice is settled once; the second is `MessageAlreadySettled`.
///
/// Messages whose link was lost are settled by their lock tokens, up to 500 in one request. Where the service refuses such
/// a request because one of them is lost, each is tried by itself; one that is refused then too counts as unknown, as
/// nothing tells whether the first request had settled it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use servicebus::{Client, Message};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
/// # let client = Client::from_connection_string(&emulator.connection_string())?;
/// # client.queue_sender("orders").open()?.send_messages(vec![Message::new("a"), Message::new("b")])?;
///
/// let receiver = client.queue_receiver("orders").open()?;
/// let messages = receiver.receive_messages(100, Duration::from_secs(1))?;
/// for (message, result) in messages.iter().zip(receiver.complete_messages(&messages)) {
///     if let Err(error) = result {
///         println!("{:?} is not completed: {error}", message.message_id());
///     }
/// }
/// # Ok(())
/// # }
/// ```
impl Receiver {
    /// Completes messages: they were processed and are removed from the queue.
    pub fn complete_messages<M: Borrow<ReceivedMessage>>(&self, messages: &[M]) -> Vec<Result<()>> {
        self.settle_all(messages, Disposition::Complete)
    }

    /// Abandons messages: they are available again at once, and their deliveries count as failed.
    pub fn abandon_messages<M: Borrow<ReceivedMessage>>(&self, messages: &[M]) -> Vec<Result<()>> {
        self.abandon_messages_with(messages, AbandonOptions::new())
    }

    /// Abandons messages, changing some of their application properties, the same in each.
    pub fn abandon_messages_with<M: Borrow<ReceivedMessage>>(
        &self,
        messages: &[M],
        options: AbandonOptions,
    ) -> Vec<Result<()>> {
        self.settle_all(messages, Disposition::Abandon(options))
    }

    /// Defers messages: they are set aside, and received by their sequence numbers from then on.
    pub fn defer_messages<M: Borrow<ReceivedMessage>>(&self, messages: &[M]) -> Vec<Result<()>> {
        self.defer_messages_with(messages, DeferOptions::new())
    }

    /// Defers messages, changing some of their application properties, the same in each.
    pub fn defer_messages_with<M: Borrow<ReceivedMessage>>(
        &self,
        messages: &[M],
        options: DeferOptions,
    ) -> Vec<Result<()>> {
        self.settle_all(messages, Disposition::Defer(options))
    }

    /// Moves messages to the dead-letter queue of their entity.
    pub fn dead_letter_messages<M: Borrow<ReceivedMessage>>(
        &self,
        messages: &[M],
    ) -> Vec<Result<()>> {
        self.dead_letter_messages_with(messages, DeadLetterOptions::new())
    }

    /// Moves messages to the dead-letter queue of their entity, all with the same reason and changes to their application
    /// properties.
    pub fn dead_letter_messages_with<M: Borrow<ReceivedMessage>>(
        &self,
        messages: &[M],
        options: DeadLetterOptions,
    ) -> Vec<Result<()>> {
        self.settle_all(messages, Disposition::DeadLetter(options))
    }

    fn settle_all<M: Borrow<ReceivedMessage>>(
        &self,
        messages: &[M],
        disposition: Disposition,
    ) -> Vec<Result<()>> {
        let operation = disposition.operation();
        // First of all: a forked child may wait for no lock.
        if let Err(error) = self.check_may_wait() {
            let error = self.describe(error, operation);
            return messages.iter().map(|_| Err(error.clone())).collect();
        }
        let claims = messages
            .iter()
            .map(|message| self.lock(message.borrow(), operation)?.begin_settling())
            .collect();
        let settled = self.call(operation, move |engine, deadline| async move {
            Ok(engine.settle_all(claims, disposition, deadline).await)
        });
        match settled {
            Ok(results) => results
                .into_iter()
                .map(|result| result.map_err(|error| self.describe(error, operation)))
                .collect(),
            Err(error) => messages.iter().map(|_| Err(error.clone())).collect(),
        }
    }
}
