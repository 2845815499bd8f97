//! Looking at messages without locking them.

use std::sync::atomic::Ordering;

use crate::error::{Error, ErrorKind, Result};
use crate::model::received::ReceivedMessage;
use crate::receiver::Receiver;

#[cfg(test)]
mod paging;

/// The most messages that one peek asks for.
const MAX_PEEK: i32 = 4_096;

/// How many messages an iterator asks for at once, and holds at most.
const PAGE: i32 = 100;

/// No sequence number comes before this one.
pub(crate) const FIRST: i64 = 1;

const OPERATION: &str = "peek messages of";

/// Looking at messages without locking them.
///
/// Locked, deferred and scheduled messages are shown too, and no delivery is counted. A receiver that holds a session sees
/// that session alone. What is peeked cannot be settled.
impl Receiver {
    /// Looks at up to `max_count` messages, in the order of their sequence numbers, from `from_sequence_number` on, or
    /// with `None` from where the last peek ended. Fewer than asked for, even none, does not mean that there are no more.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a count of 0; those of a management call otherwise.
    pub fn peek_messages(
        &self,
        max_count: usize,
        from_sequence_number: impl Into<Option<i64>>,
    ) -> Result<Vec<ReceivedMessage>> {
        let count = match i32::try_from(max_count) {
            Ok(0) => {
                let error = Error::invalid_argument("the count of messages is 0");
                return Err(self.describe(error, OPERATION));
            }
            Ok(count) => count.min(MAX_PEEK),
            Err(_beyond) => MAX_PEEK,
        };
        let from = from_sequence_number
            .into()
            .unwrap_or_else(|| self.next_peek().load(Ordering::Relaxed));
        let messages = self.peek(from, count)?;
        if let Some(last) = messages
            .iter()
            .rev()
            .find_map(ReceivedMessage::sequence_number)
        {
            let next = last.saturating_add(1);
            self.next_peek().store(next, Ordering::Relaxed);
        }
        Ok(messages)
    }

    /// Iterates over all messages of the entity, in the order of their sequence numbers, from `from_sequence_number` on,
    /// or with `None` from the first.
    ///
    /// The messages are asked for as they are needed, in requests that each have the operation time-out, and at most 100
    /// are held at a time. The iterator ends where the service shows no more: messages that are sent meanwhile are shown
    /// as well, those that are removed before their turn are not. It goes its own way, whatever
    /// [`peek_messages`](Receiver::peek_messages) does beside it, and keeps the receiver's link open as a clone of the
    /// receiver would.
    ///
    /// An error is an item, the last one: `Closed` where the receiver is, else those of a management call. What usually
    /// passes has been tried again by then. To go on later, begin after the last message that was shown.
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::{Client, Message, MessageState};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// # client.queue_sender("orders").open()?.send_messages(vec![Message::new("a"), Message::new("b")])?;
    ///
    /// let receiver = client.queue_receiver("orders").open()?;
    /// let mut deferred = Vec::new();
    /// for message in receiver.peek_all_messages(None) {
    ///     let message = message?;
    ///     if message.state() == MessageState::Deferred {
    ///         deferred.extend(message.sequence_number());
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn peek_all_messages(
        &self,
        from_sequence_number: impl Into<Option<i64>>,
    ) -> PeekedMessages {
        PeekedMessages {
            receiver: self.clone(),
            next: Some(from_sequence_number.into().unwrap_or(FIRST)),
            page: Vec::new().into_iter(),
        }
    }

    fn peek(&self, from: i64, count: i32) -> Result<Vec<ReceivedMessage>> {
        self.call(OPERATION, move |engine, deadline| async move {
            engine.peek(from, count, deadline).await
        })
    }
}

/// The messages of an entity, looked at as they are needed; made by
/// [`Receiver::peek_all_messages`].
#[must_use = "nothing is asked for before the first item"]
pub struct PeekedMessages {
    receiver: Receiver,
    /// Where the next page begins; `None` where there is none.
    next: Option<i64>,
    page: std::vec::IntoIter<ReceivedMessage>,
}

impl Iterator for PeekedMessages {
    type Item = Result<ReceivedMessage>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(message) = self.page.next() {
                return Some(Ok(message));
            }
            // Taken, so that nothing follows an error.
            let from = self.next.take()?;
            let page = match self.receiver.peek(from, PAGE) {
                Ok(page) => page,
                Err(error) => return Some(Err(error)),
            };
            match next_page(from, page.iter().map(ReceivedMessage::sequence_number)) {
                Ok(next) => self.next = next,
                Err(error) => return Some(Err(self.receiver.describe(error, OPERATION))),
            }
            self.page = page.into_iter();
        }
    }
}

impl std::iter::FusedIterator for PeekedMessages {}

impl std::fmt::Debug for PeekedMessages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeekedMessages").finish_non_exhaustive()
    }
}

/// Where the page begins that follows the one with these sequence numbers, which was asked for from `from` on; `None`
/// after an empty page, and after the largest number there is.
///
/// # Errors
/// Where the page leads nowhere: its messages come before `from`, or have no numbers.
fn next_page(from: i64, page: impl Iterator<Item = Option<i64>>) -> Result<Option<i64>> {
    let mut page = page.peekable();
    if page.peek().is_none() {
        return Ok(None);
    }
    match page.flatten().max() {
        Some(last) if last >= from => Ok(last.checked_add(1)),
        _ => Err(Error::new(
            ErrorKind::Other,
            format!("the service shows no message from number {from} on, but others"),
        )),
    }
}
