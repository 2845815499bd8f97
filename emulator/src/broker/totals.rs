//! How often what has happened in a queue.

use crate::journal::Happening;

/// How often what has happened to the messages of a queue, since it was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageTotals {
    /// Messages that came to stay: sent, forwarded or dead-lettered to here, or scheduled until now.
    pub enqueued: u64,
    /// Messages that came and went on, to the subscriptions of a topic or where a queue forwards to.
    pub passed_on: u64,
    /// Messages that were scheduled for later.
    pub scheduled: u64,
    /// Scheduled messages that were cancelled.
    pub cancelled: u64,
    /// Messages that were dropped because their id was seen before.
    pub duplicates: u64,
    /// Deliveries, each attempt by itself.
    pub delivered: u64,
    /// Messages that were completed, or received and deleted.
    pub completed: u64,
    /// Deliveries that were abandoned.
    pub abandoned: u64,
    /// Messages that were deferred.
    pub deferred: u64,
    /// Deliveries that were given back unused.
    pub released: u64,
    /// Messages that were moved from here to the dead-letter queue, for whatever reason.
    pub dead_lettered: u64,
    /// Messages whose time to live was over, dead-lettered or not.
    pub expired: u64,
    /// Messages that were deleted in batches, unreceived.
    pub deleted: u64,
    /// Locks on messages that ran out.
    pub locks_expired: u64,
    /// Renewals of locks, on messages and on sessions.
    pub locks_renewed: u64,
    /// Sessions that a receiver got.
    pub sessions_accepted: u64,
    /// Locks on sessions that ran out.
    pub session_locks_expired: u64,
}

impl MessageTotals {
    /// Counts what has happened to a message.
    pub(super) fn count_message(&mut self, what: Happening) {
        match what {
            Happening::Enqueued => self.enqueued += 1,
            Happening::PassedOn => self.passed_on += 1,
            Happening::Scheduled => self.scheduled += 1,
            Happening::Cancelled => self.cancelled += 1,
            Happening::DroppedAsDuplicate => self.duplicates += 1,
            Happening::Deleted => self.deleted += 1,
            Happening::Delivered => self.delivered += 1,
            Happening::Removed => {
                self.delivered += 1;
                self.completed += 1;
            }
            Happening::Completed => self.completed += 1,
            Happening::Abandoned => self.abandoned += 1,
            Happening::Deferred => self.deferred += 1,
            Happening::Released => self.released += 1,
            Happening::DeadLettered => self.dead_lettered += 1,
            Happening::LockExpired => self.locks_expired += 1,
            Happening::Expired => self.expired += 1,
            Happening::LockRenewed => self.locks_renewed += 1,
            Happening::SessionAccepted | Happening::StateSet => {}
        }
    }

    /// Counts what has happened to a session.
    pub(super) fn count_session(&mut self, what: Happening) {
        match what {
            Happening::SessionAccepted => self.sessions_accepted += 1,
            Happening::LockExpired => self.session_locks_expired += 1,
            Happening::LockRenewed => self.locks_renewed += 1,
            _ => {}
        }
    }
}
