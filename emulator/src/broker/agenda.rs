//! What is to happen by itself, in order of time.

use std::collections::BTreeSet;

use super::{ConsumerId, QueueRef, Timestamp};

/// Something that falls due.
///
/// Events of the same instant are fired in the order of this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// The lock on a message runs out.
    LockExpiry { queue: QueueRef, sequence: i64 },
    /// A scheduled message is enqueued.
    Activation { queue: QueueRef, sequence: i64 },
    /// The lock on a session runs out.
    SessionLockExpiry { queue: QueueRef, holder: ConsumerId },
    /// The time to live of a message is over.
    Expiry { queue: QueueRef, sequence: i64 },
}

impl Due {
    /// The queue to which it happens.
    pub(super) fn queue(self) -> QueueRef {
        match self {
            Due::LockExpiry { queue, .. }
            | Due::Activation { queue, .. }
            | Due::SessionLockExpiry { queue, .. }
            | Due::Expiry { queue, .. } => queue,
        }
    }
}

/// The events ahead of one broker.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    events: BTreeSet<(Timestamp, Due)>,
}

impl Agenda {
    pub(super) fn add(&mut self, at: Timestamp, due: Due) {
        self.events.insert((at, due));
    }

    pub(super) fn cancel(&mut self, at: Timestamp, due: Due) {
        self.events.remove(&(at, due));
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.events.first().map(|(at, _)| *at)
    }

    /// Takes the earliest event that is due at `now`.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Due)> {
        if self.next()? > now {
            return None;
        }
        self.events.pop_first()
    }

    #[cfg(test)]
    pub(super) fn events(&self) -> impl Iterator<Item = &(Timestamp, Due)> {
        self.events.iter()
    }
}
