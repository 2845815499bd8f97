//! Messages that enter by one entity and go to another: a sender's choice, unlike forwarding
//! (Service Bus docs, "Transfers and Send via").

use std::sync::Arc;

use super::queue::Stored;
use super::{Broker, BrokerError, EntityId, QueueRef, Timestamp};
use crate::message::Message;

impl Broker {
    /// Refuses unless messages may be sent to `destination` by another queue.
    pub(crate) fn check_transfer(&self, destination: QueueRef) -> Result<(), BrokerError> {
        self.check_tier("transfers", true)?;
        self.check_sending(destination)
    }

    /// Takes messages in at `via`, all of them or none, and hands them on to `destination`.
    ///
    /// What cannot be delivered there ends in the transfer dead-letter queue of `via`, and the sender
    /// does not hear of it.
    pub(crate) fn transfer(
        &mut self,
        via: QueueRef,
        destination: EntityId,
        messages: Vec<Message>,
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        self.fire_due(now);
        self.check_passage(via, &messages)?;
        self.let_through(via, destination, messages, now);
        self.pass_on(now);
        self.fire_due(now);
        Ok(())
    }

    /// Takes in messages that were checked; the caller passes them on.
    pub(super) fn let_through(
        &mut self,
        via: QueueRef,
        destination: EntityId,
        messages: Vec<Message>,
        now: Timestamp,
    ) {
        let Some(entity) = self.entities.get_mut(&via.entity) else {
            return;
        };
        entity.access(now);
        let (queue, mut step) = entity.step(via.part, now, &mut self.effects);
        for message in messages {
            let sequence = queue.next_sequence();
            let stored = Stored::new(Arc::new(message), now);
            queue.leave(sequence, stored, Some(destination), &mut step);
        }
    }
}
