//! A record of what happened, for people and for the messages of failing tests.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::broker::Timestamp;
use crate::frame_record::FrameRecord;

/// How many entries are kept; older ones are dropped.
const CAPACITY: usize = 4_096;

/// Where entries go in the log, at level debug.
pub(crate) const LOG_TARGET: &str = "servicebus_emulator::record";

/// One thing that happened, told only when somebody reads it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Happening {
    Enqueued,
    PassedOn,
    Scheduled,
    Cancelled,
    DroppedAsDuplicate,
    Deleted,
    Delivered,
    Removed,
    Completed,
    Abandoned,
    Deferred,
    Released,
    DeadLettered,
    LockExpired,
    Expired,
    LockRenewed,
    SessionAccepted,
    StateSet,
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Happening::Enqueued => "enqueued",
            Happening::PassedOn => "passed on",
            Happening::Scheduled => "scheduled",
            Happening::Cancelled => "cancelled while scheduled",
            Happening::Deleted => "deleted unreceived",
            Happening::DroppedAsDuplicate => "dropped as a duplicate",
            Happening::Delivered => "delivered under a lock",
            Happening::Removed => "delivered and removed",
            Happening::Completed => "completed",
            Happening::Abandoned => "abandoned",
            Happening::Deferred => "deferred",
            Happening::Released => "released",
            Happening::DeadLettered => "moved to the dead-letter queue",
            Happening::LockExpired => "lock expired",
            Happening::Expired => "expired",
            Happening::LockRenewed => "lock renewed",
            Happening::SessionAccepted => "accepted",
            Happening::StateSet => "state set",
        })
    }
}

#[derive(Debug)]
enum Entry {
    Message {
        at: Timestamp,
        queue: Arc<str>,
        sequence: i64,
        what: Happening,
    },
    Session {
        at: Timestamp,
        queue: Arc<str>,
        session: Arc<str>,
        what: Happening,
    },
    Note {
        at: Timestamp,
        text: String,
    },
    Frame {
        at: Timestamp,
        frame: FrameRecord,
    },
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Message {
                at,
                queue,
                sequence,
                what,
            } => write!(f, "{} {queue} #{sequence} {what}", at.millis()),
            Entry::Session {
                at,
                queue,
                session,
                what,
            } => write!(f, "{} {queue} session {session:?} {what}", at.millis()),
            Entry::Frame { at, frame } => write!(f, "{} {frame}", at.millis()),
            Entry::Note { at, text } => write!(f, "{} {text}", at.millis()),
        }
    }
}

/// The last things that happened, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
}

impl Journal {
    /// Records what happened to the message `sequence` of `queue`.
    pub(crate) fn message(
        &mut self,
        at: Timestamp,
        queue: &Arc<str>,
        sequence: i64,
        what: Happening,
    ) {
        let queue = Arc::clone(queue);
        self.push(Entry::Message {
            at,
            queue,
            sequence,
            what,
        });
    }

    /// Records what happened to a session of `queue`.
    pub(crate) fn session(
        &mut self,
        at: Timestamp,
        queue: &Arc<str>,
        session: &Arc<str>,
        what: Happening,
    ) {
        let queue = Arc::clone(queue);
        let session = Arc::clone(session);
        self.push(Entry::Session {
            at,
            queue,
            session,
            what,
        });
    }

    /// Records a frame.
    pub(crate) fn frame(&mut self, at: Timestamp, frame: FrameRecord) {
        self.push(Entry::Frame { at, frame });
    }

    /// The frames among the entries.
    pub(crate) fn frames(&self) -> Vec<FrameRecord> {
        let frames = self.entries.iter().filter_map(|entry| match entry {
            Entry::Frame { frame, .. } => Some(frame.clone()),
            Entry::Message { .. } | Entry::Session { .. } | Entry::Note { .. } => None,
        });
        frames.collect()
    }

    /// Records anything else.
    pub(crate) fn note(&mut self, at: Timestamp, text: String) {
        self.push(Entry::Note { at, text });
    }

    /// Every entry as a line: milliseconds of message time, then what happened.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.entries.iter().map(Entry::to_string).collect()
    }

    fn push(&mut self, entry: Entry) {
        log::debug!(target: LOG_TARGET, "{entry}");
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }
}
