//! One receiver of a queue: its credit, and what was assigned to it but not yet taken by its connection.

use std::collections::VecDeque;
use std::sync::Arc;

/// How a consumer receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReceiveMode {
    /// A delivered message is locked until it is settled or the lock runs out.
    PeekLock,
    /// A message is gone when it is delivered.
    ReceiveAndDelete,
}

/// Names a consumer of one broker; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConsumerId(pub(super) u64);

/// Which messages a consumer may get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Any: the queue has no sessions.
    Queue,
    /// None yet: it waits for a session.
    NextSession,
    /// Those of the session that it holds.
    Session(Arc<str>),
    /// None any more: the lock on its session has run out.
    LostSession,
}

/// The most messages that wait for one consumer's connection.
///
/// A lock starts when its message is assigned, and a slow connection must not lock a whole queue.
const OUTBOX_LIMIT: usize = 256;

#[derive(Debug)]
pub(super) struct Consumer {
    pub(super) mode: ReceiveMode,
    pub(super) scope: Scope,
    /// How many messages may still be taken, those in the outbox included.
    pub(super) credit: u32,
    /// Credit that finds no message is to be given up.
    pub(super) draining: bool,
    /// The sequence numbers that are assigned and not yet taken.
    pub(super) outbox: VecDeque<i64>,
    /// How many messages the present turn in the queue's line still brings; 0 when not in line.
    pub(super) turn: u32,
    /// The owner has been told that the outbox holds something.
    pub(super) announced: bool,
}

impl Consumer {
    pub(super) fn new(mode: ReceiveMode, scope: Scope) -> Self {
        Self {
            mode,
            scope,
            credit: 0,
            draining: false,
            outbox: VecDeque::new(),
            turn: 0,
            announced: false,
        }
    }

    /// How many more messages may be assigned.
    pub(super) fn wants(&self) -> u32 {
        let waiting = u32::try_from(self.outbox.len()).unwrap_or(u32::MAX);
        if self.outbox.len() >= OUTBOX_LIMIT {
            0
        } else {
            self.credit.saturating_sub(waiting)
        }
    }

    /// The outbox has emptied far enough to go back in line.
    pub(super) fn has_room(&self) -> bool {
        self.outbox.len() <= OUTBOX_LIMIT / 2
    }

    /// Takes a message out of the outbox again, wherever it stands in it.
    pub(super) fn withdraw(&mut self, sequence: i64) {
        self.outbox.retain(|assigned| *assigned != sequence);
    }
}
