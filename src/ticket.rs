//! Sending without waiting for each answer.

use std::fmt;

use crate::error::Result;
use crate::model::deadline::Deadline;
use crate::runtime::Started;
use crate::sendable::{payload, Sendable};
use crate::sender::Sender;

const OPERATION: &str = "send to";

impl Sender {
    /// Sends a message, a list of messages, or a batch, and returns before the service has stored it; the ticket tells
    /// what became of it. Many may be on their way at once, so that a round trip to the service is not waited for with
    /// each.
    ///
    /// Blocks while as many bytes are on their way as [`max_bytes_in_flight`](crate::SenderBuilder::max_bytes_in_flight)
    /// allows. The operation time-out counts from here until the answer. Messages of one thread leave in the order of
    /// submission; one that is [tried again](crate::RetryOptions) may come after later ones.
    ///
    /// # Errors
    ///
    /// Where nothing was sent: `MessageSizeExceeded` or `InvalidArgument` for a message that cannot be, `OperationTimeout`
    /// where there was no room in time, `Closed`. The ticket has those of [`send_messages`](Sender::send_messages).
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::{Client, Message};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let sender = client.queue_sender("orders").open()?;
    /// let first = sender.submit(Message::new("first"))?;
    /// let second = sender.submit(Message::new("second"))?;
    /// first.wait()?;
    /// second.wait()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn submit(&self, messages: impl Sendable) -> Result<Ticket> {
        let deadline = self.deadline();
        // First of all: a forked child may wait for no lock.
        let started = self.runtime().check_may_wait().and_then(|()| {
            payload(&messages, self.limits(), self.trace_source())?
                .map(|payload| self.start(payload, deadline))
                .transpose()
        });
        Ok(Ticket {
            started: started.map_err(|error| self.describe(error, OPERATION))?,
            sender: self.clone(),
            deadline,
        })
    }
}

/// A message or batch on its way; made by [`Sender::submit`].
///
/// It keeps the sender open. Dropping it gives up the answer, not the message.
#[must_use = "only `wait` tells whether the message was stored"]
pub struct Ticket {
    /// `None` where there was nothing to send.
    started: Option<Started<()>>,
    sender: Sender,
    deadline: Deadline,
}

impl Ticket {
    /// Waits until the service has stored the message or batch, at most until the time-out of its submission.
    ///
    /// # Errors
    ///
    /// Those of [`Sender::send_messages`].
    pub fn wait(self) -> Result<()> {
        let Some(started) = &self.started else {
            return Ok(());
        };
        let runtime = self.sender.runtime();
        runtime
            .check_may_wait()
            .and_then(|()| runtime.answer(started, self.deadline))
            .map_err(|error| self.sender.describe(error, OPERATION))
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_answered = self.started.as_ref().is_none_or(Started::is_answered);
        f.debug_struct("Ticket")
            .field("answered", &is_answered)
            .finish_non_exhaustive()
    }
}
