//! What a test asks about the messages of an entity.

use crate::broker::{MessageTotals, Part, QueueRef};
use crate::emulator::Emulator;
use crate::hub::Hub;

/// How many messages a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageCounts {
    /// Messages that wait for a receiver.
    pub active: usize,
    /// Messages that a receiver has locked.
    pub locked: usize,
    /// Messages that were deferred and are not locked.
    pub deferred: usize,
    /// Messages that are scheduled for later.
    pub scheduled: usize,
    /// Messages in the dead-letter queue, locked or not.
    pub dead_lettered: usize,
}

impl Emulator {
    /// How many messages a queue or subscription holds, by its path; `None` if there is none.
    pub fn counts(&self, queue: &str) -> Option<MessageCounts> {
        let queue = queue.to_owned();
        self.ask(move |hub| MessageCounts::of(hub, &queue))
    }

    /// What has happened so far in a queue, topic or subscription, or in a dead-letter queue, by its path;
    /// `None` if there is none.
    pub fn totals(&self, path: &str) -> Option<MessageTotals> {
        let path = path.to_owned();
        self.ask(move |hub| hub.broker.totals(hub.broker.resolve(&path).ok()?))
    }
}

impl MessageCounts {
    pub(crate) fn of(hub: &mut Hub, path: &str) -> Option<Self> {
        let now = hub.now();
        hub.broker.fire_due(now);
        let main = hub.broker.resolve(path).ok()?;
        let dead = QueueRef {
            part: Part::DeadLetter,
            ..main
        };
        let (main, dead) = (hub.broker.counts(main)?, hub.broker.counts(dead)?);
        Some(Self {
            active: main.active,
            locked: main.locked,
            deferred: main.deferred,
            scheduled: main.scheduled,
            dead_lettered: dead.active + dead.locked + dead.deferred,
        })
    }
}
