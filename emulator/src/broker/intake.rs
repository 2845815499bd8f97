//! Messages that come from senders.

use super::{session, Broker, BrokerError, QueueRef, Timestamp};
use crate::message::Message;

impl Broker {
    /// Whether messages may be stored in a queue.
    pub(super) fn check_intake(
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
        match self.queue(queue) {
            Some(queue) if queue.sessions.is_some() => {
                messages.iter().try_for_each(session::check_message)
            }
            Some(_) => Ok(()),
            None => Err(BrokerError::EntityDeleted),
        }
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
