//! How many messages an entity holds, by what they wait for.

use super::xml::{Element, COUNTS};
use crate::broker::{EntityState, QueueCounts};

/// The numbers of `CountDetails`.
#[derive(Clone, Copy, Debug)]
pub(super) struct MessageCounts {
    /// Locked and deferred ones included.
    pub(super) active: usize,
    pub(super) dead_letter: usize,
    pub(super) scheduled: usize,
    pub(super) transfer: usize,
    pub(super) transfer_dead_letter: usize,
}

impl MessageCounts {
    pub(super) fn of(entity: &EntityState<'_>) -> Self {
        let present = |counts: QueueCounts| counts.active + counts.locked + counts.deferred;
        Self {
            active: present(entity.main),
            dead_letter: present(entity.dead_letter),
            scheduled: entity.main.scheduled,
            // What is forwarded has arrived at once.
            transfer: 0,
            transfer_dead_letter: present(entity.transfer_dead_letter),
        }
    }

    /// `MessageCount`.
    pub(super) fn total(self) -> usize {
        self.active + self.dead_letter + self.scheduled + self.transfer + self.transfer_dead_letter
    }

    /// The elements of `CountDetails`; clients know them by a namespace of their own.
    pub(super) fn elements(self) -> Vec<Element> {
        [
            ("ActiveMessageCount", self.active),
            ("DeadLetterMessageCount", self.dead_letter),
            ("ScheduledMessageCount", self.scheduled),
            ("TransferMessageCount", self.transfer),
            ("TransferDeadLetterMessageCount", self.transfer_dead_letter),
        ]
        .map(|(name, number)| Element {
            namespace: COUNTS.to_owned(),
            ..Element::leaf(name, number)
        })
        .into()
    }
}
