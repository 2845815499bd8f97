//! Sessions: the messages of a queue in groups, each of which one consumer at a time receives in order.

mod browse;
mod lock;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;

use super::agenda::{Agenda, Due};
use super::{ConsumerId, QueueRef, Timestamp};

/// One session. It exists while it has a message, a state or a holder.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// Its messages, whatever their state.
    pub(super) messages: BTreeSet<i64>,
    /// Those that wait to be delivered.
    pub(super) available: BTreeSet<i64>,
    pub(super) state: Option<Bytes>,
    /// When the state was last set, or cleared.
    state_changed_at: Option<Timestamp>,
    pub(super) lock: Option<SessionLock>,
    /// Its place among the sessions on offer.
    pub(super) offer: Option<u64>,
}

/// The lock on a session, which is the lock on what its holder has got.
#[derive(Debug)]
pub(super) struct SessionLock {
    pub(super) holder: ConsumerId,
    pub(super) until: Timestamp,
    /// The messages that the holder has, or that wait in its outbox.
    pub(super) covered: BTreeSet<i64>,
}

impl Session {
    pub(super) fn is_over(&self) -> bool {
        self.messages.is_empty() && self.state.is_none() && self.lock.is_none()
    }
}

/// What a session consumer stands for at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionStanding {
    /// It waits for any session that nobody holds and that has something to deliver.
    Waiting,
    /// It holds a session.
    Holding { session: Arc<str>, until: Timestamp },
    /// The lock on its session has run out.
    Lost,
}

/// The sessions of one queue.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    pub(super) by_id: BTreeMap<Arc<str>, Session>,
    /// Sessions that nobody holds and that have something to deliver, in the order in which they
    /// came to that: one that was held and is free again goes behind the others.
    pub(super) offers: BTreeMap<u64, Arc<str>>,
    last_offer: u64,
    /// Consumers that wait for any session; their ids rise in the order in which they came.
    pub(super) waiting: BTreeSet<ConsumerId>,
    /// Holders that may be assigned something.
    pub(super) stirred: BTreeSet<ConsumerId>,
}

impl Sessions {
    /// Enters a new message, not yet available, and returns the session id as it is kept.
    pub(super) fn enter(&mut self, id: &str, sequence: i64) -> Arc<str> {
        let key = self.key(id);
        let session = self.by_id.entry(Arc::clone(&key)).or_default();
        session.messages.insert(sequence);
        key
    }

    /// Strikes a message that is neither available nor covered by a lock any more.
    pub(super) fn strike(&mut self, id: &str, sequence: i64) {
        if let Some(session) = self.by_id.get_mut(id) {
            session.messages.remove(&sequence);
        }
        self.forget_if_over(id);
    }

    /// A message is to be had.
    pub(super) fn make_available(&mut self, id: &str, sequence: i64) {
        if let Some(session) = self.by_id.get_mut(id) {
            session.available.insert(sequence);
            if let Some(lock) = &session.lock {
                self.stirred.insert(lock.holder);
            }
        }
        self.review_offer(id);
    }

    /// A message is to be had no longer.
    pub(super) fn make_unavailable(&mut self, id: &str, sequence: i64) {
        if let Some(session) = self.by_id.get_mut(id) {
            session.available.remove(&sequence);
        }
        self.review_offer(id);
    }

    /// The lock of a session covers one more message.
    pub(super) fn cover(&mut self, id: &str, sequence: i64) {
        if let Some(lock) = self.lock_mut(id) {
            lock.covered.insert(sequence);
        }
    }

    pub(super) fn uncover(&mut self, id: &str, sequence: i64) {
        if let Some(lock) = self.lock_mut(id) {
            lock.covered.remove(&sequence);
        }
    }

    /// The holder of a session may be assigned something at the next dispatch.
    pub(super) fn stir(&mut self, holder: ConsumerId) {
        self.stirred.insert(holder);
    }

    pub(super) fn get(&self, id: &str) -> Option<&Session> {
        self.by_id.get(id)
    }

    /// Takes the ends of the locks off the agenda, because the queue is about to be deleted.
    pub(super) fn cancel_events(&self, queue: QueueRef, agenda: &mut Agenda) {
        for lock in self
            .by_id
            .values()
            .filter_map(|session| session.lock.as_ref())
        {
            let holder = lock.holder;
            agenda.cancel(lock.until, Due::SessionLockExpiry { queue, holder });
        }
    }

    fn lock_mut(&mut self, id: &str) -> Option<&mut SessionLock> {
        self.by_id.get_mut(id)?.lock.as_mut()
    }

    fn key(&self, id: &str) -> Arc<str> {
        match self.by_id.get_key_value(id) {
            Some((key, _)) => Arc::clone(key),
            None => id.into(),
        }
    }

    /// Puts a session among those on offer, or takes it from there, as it deserves.
    fn review_offer(&mut self, id: &str) {
        let Some((key, session)) = self.by_id.get_key_value(id) else {
            return;
        };
        let deserved = session.lock.is_none() && !session.available.is_empty();
        let offer = match (deserved, session.offer) {
            (true, None) => {
                self.last_offer += 1;
                self.offers.insert(self.last_offer, Arc::clone(key));
                Some(self.last_offer)
            }
            (false, Some(offer)) => {
                self.offers.remove(&offer);
                None
            }
            (_, offer) => offer,
        };
        if let Some(session) = self.by_id.get_mut(id) {
            session.offer = offer;
        }
    }

    fn forget_if_over(&mut self, id: &str) {
        if self.by_id.get(id).is_some_and(Session::is_over) {
            self.by_id.remove(id);
        }
    }

    /// The consumer that has waited longest, and the session that has been on offer longest.
    fn next_match(&self) -> Option<(ConsumerId, Arc<str>)> {
        let waiting = *self.waiting.first()?;
        let (_, id) = self.offers.first_key_value()?;
        Some((waiting, Arc::clone(id)))
    }
}
