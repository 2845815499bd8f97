//! Messages that come from senders.

use super::{Broker, BrokerError, QueueRef, Timestamp};
use crate::message::Message;

/// The longest message id, session id and partition key, in characters (Service Bus docs, "Service
/// Bus quotas").
const MAX_ID_LENGTH: usize = 128;

/// The most bytes that the properties and annotations of a message have together, and the value of
/// one application property (Service Bus docs, "Service Bus quotas").
const MAX_HEADER_SIZE: usize = 64 * 1_024;
const MAX_PROPERTY_SIZE: usize = 32 * 1_024;

impl Broker {
    /// Whether messages may be stored in a queue.
    pub(super) fn check_intake(
        &self,
        queue: QueueRef,
        messages: &[Message],
    ) -> Result<(), BrokerError> {
        let stock = self.queue(queue).ok_or(BrokerError::EntityDeleted)?;
        if stock.sessions.is_some()
            && messages
                .iter()
                .any(|message| message.session_id().is_none())
        {
            return Err(BrokerError::SessionIdMissing);
        }
        self.check_passage(queue, messages)
    }

    /// Whether messages may enter by a queue, in which they need not stay.
    pub(super) fn check_passage(
        &self,
        queue: QueueRef,
        messages: &[Message],
    ) -> Result<(), BrokerError> {
        self.check_sending(queue)?;
        self.check_quota(queue.entity)?;
        let limit = self.max_message_size(queue);
        let mut sizes = messages.iter().map(Message::size);
        if let Some(size) = sizes.find(|size| *size > limit) {
            return Err(BrokerError::MessageSizeExceeded { size, limit });
        }
        messages.iter().try_for_each(check_message)
    }

    /// Stores messages that were checked, and says their numbers; the caller passes them on.
    ///
    /// Those that are scheduled get the numbers promised for them, if there are any.
    pub(super) fn store(
        &mut self,
        queue: QueueRef,
        messages: Vec<Message>,
        promised: Vec<i64>,
        now: Timestamp,
    ) -> Vec<i64> {
        let Some(entity) = self.entities.get_mut(&queue.entity) else {
            return Vec::new();
        };
        entity.access(now);
        let (queue, mut step) = entity.step(queue.part, now, &mut self.effects);
        let mut promised = promised.into_iter();
        let messages = messages.into_iter();
        let numbers = messages.map(|message| queue.take_in(message, promised.next(), &mut step));
        let numbers = numbers.collect();
        queue.dispatch(&mut step);
        numbers
    }
}

/// Checks what the service asks of a message beside its size.
fn check_message(message: &Message) -> Result<(), BrokerError> {
    let session = message.session_id();
    let partition = message.annotated_partition_key();
    if session.is_some() && partition.is_some() && session != partition {
        return Err(BrokerError::PartitionKeyMismatch);
    }
    let texts = [
        ("session id", session),
        ("partition key", partition),
        ("reply-to session id", message.reply_to_session_id()),
    ];
    for (name, text) in texts {
        check_length(name, text.unwrap_or_default())?;
    }
    check_length(
        "message id",
        &String::from_utf8_lossy(&message.message_id()),
    )?;
    check_header(message)
}

/// Checks an id that a sender or a receiver gives; the empty one is as good as any.
pub(super) fn check_length(name: &'static str, id: &str) -> Result<(), BrokerError> {
    if id.len() > MAX_ID_LENGTH && id.chars().count() > MAX_ID_LENGTH {
        let limit = MAX_ID_LENGTH;
        return Err(BrokerError::ValueTooLong { name, limit });
    }
    Ok(())
}

fn check_header(message: &Message) -> Result<(), BrokerError> {
    let check = |name, size, limit| match size > limit {
        true => Err(BrokerError::HeaderTooLarge { name, size, limit }),
        false => Ok(()),
    };
    let size = message.header_size();
    check("properties", size, MAX_HEADER_SIZE)?;
    if size <= MAX_PROPERTY_SIZE {
        return Ok(());
    }
    let largest = message.largest_property();
    check("largest property", largest, MAX_PROPERTY_SIZE)
}
