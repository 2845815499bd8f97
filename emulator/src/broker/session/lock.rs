//! Who holds a session: accepting one, waiting for one, and the ends of its lock.

use std::sync::Arc;

use super::{SessionLock, SessionStanding, Sessions};
use crate::broker::agenda::Due;
use crate::broker::capacity::check_receivers;
use crate::broker::consumer::{Consumer, Scope};
use crate::broker::intake::check_length;
use crate::broker::queue::{Departed, Queue, Step};
use crate::broker::{Broker, BrokerError, ConsumerId, QueueRef, ReceiveMode, Timestamp};
use crate::journal::Happening;

impl Broker {
    /// Adds a receiver of one session, without credit: of the session named, or else of the next
    /// one that nobody holds and that has something to deliver.
    ///
    /// [`Broker::session_standing`] says what it came to. Whoever has to wait is reported by
    /// [`Broker::take_ready`] when it got a session; every holder is when its lock has run out.
    pub(crate) fn accept_session(
        &mut self,
        queue: QueueRef,
        mode: ReceiveMode,
        session: Option<&str>,
        now: Timestamp,
    ) -> Result<ConsumerId, BrokerError> {
        self.check_receiving(queue)?;
        let id = ConsumerId(self.new_id());
        self.at(queue, now, |queue, step| {
            queue.accept_session(id, mode, session, step)
        })??;
        self.consumers.insert(id, queue);
        Ok(id)
    }

    /// How a consumer stands to its session; `None` for one that has nothing to do with sessions.
    pub(crate) fn session_standing(
        &mut self,
        consumer: ConsumerId,
        now: Timestamp,
    ) -> Option<SessionStanding> {
        self.with(consumer, now, |queue, _| queue.session_standing(consumer))?
    }

    /// The consumer that holds a session.
    pub(crate) fn session_holder(
        &mut self,
        queue: QueueRef,
        session: &str,
        now: Timestamp,
    ) -> Option<ConsumerId> {
        self.at(queue, now, |queue, _| {
            let session = queue.sessions.as_ref()?.get(session)?;
            Some(session.lock.as_ref()?.holder)
        })
        .ok()?
    }

    /// Starts the lock of a holder anew and says when it ends now.
    pub(crate) fn renew_session_lock(
        &mut self,
        holder: ConsumerId,
        now: Timestamp,
    ) -> Result<Timestamp, BrokerError> {
        self.with(holder, now, |queue, step| {
            queue.renew_session_lock(holder, step)
        })
        .flatten()
        .ok_or(BrokerError::SessionLockLost)
    }
}

impl Queue {
    fn accept_session(
        &mut self,
        id: ConsumerId,
        mode: ReceiveMode,
        session: Option<&str>,
        step: &mut Step<'_>,
    ) -> Result<(), BrokerError> {
        let Some(sessions) = &mut self.sessions else {
            return Err(BrokerError::SessionsNotSupported);
        };
        check_receivers(self.consumers.len())?;
        let wanted = match session {
            Some(session) => {
                check_length("session id", session)?;
                if sessions.lock_mut(session).is_some() {
                    let session = session.to_owned();
                    return Err(BrokerError::SessionCannotBeLocked { session });
                }
                Some(sessions.key(session))
            }
            None => {
                sessions.waiting.insert(id);
                None
            }
        };
        let consumer = Consumer::new(mode, Scope::NextSession);
        self.consumers.insert(id, consumer);
        if let Some(session) = wanted {
            self.grant_session(id, session, step);
        }
        self.dispatch(step);
        Ok(())
    }

    fn grant_session(&mut self, id: ConsumerId, session: Arc<str>, step: &mut Step<'_>) {
        let until = step.now.after(step.options.lock_duration);
        let Some(sessions) = &mut self.sessions else {
            return;
        };
        sessions.waiting.remove(&id);
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        consumer.scope = Scope::Session(Arc::clone(&session));
        let entry = sessions.by_id.entry(Arc::clone(&session)).or_default();
        entry.lock = Some(SessionLock {
            holder: id,
            until,
            covered: Default::default(),
        });
        sessions.review_offer(&session);
        sessions.stir(id);
        let due = Due::SessionLockExpiry {
            queue: self.id,
            holder: id,
        };
        step.effects.agenda.add(until, due);
        step.effects.ready.push(id);
        self.record_session(&session, Happening::SessionAccepted, step);
    }

    fn session_standing(&self, id: ConsumerId) -> Option<SessionStanding> {
        match &self.consumers.get(&id)?.scope {
            Scope::Queue => None,
            Scope::NextSession => Some(SessionStanding::Waiting),
            Scope::LostSession => Some(SessionStanding::Lost),
            Scope::Session(session) => {
                let lock = self.sessions.as_ref()?.get(session)?.lock.as_ref()?;
                Some(SessionStanding::Holding {
                    session: Arc::clone(session),
                    until: lock.until,
                })
            }
        }
    }

    fn renew_session_lock(&mut self, holder: ConsumerId, step: &mut Step<'_>) -> Option<Timestamp> {
        let session = self.held_session(holder)?;
        let until = step.now.after(step.options.lock_duration);
        let lock = self.sessions.as_mut()?.lock_mut(&session)?;
        let before = std::mem::replace(&mut lock.until, until);
        let due = Due::SessionLockExpiry {
            queue: self.id,
            holder,
        };
        step.effects.agenda.cancel(before, due);
        step.effects.agenda.add(until, due);
        self.record_session(&session, Happening::LockRenewed, step);
        Some(until)
    }

    /// Refuses unless somebody holds the session, or neither the queue nor the request has one.
    pub(in crate::broker) fn check_held(&self, session: Option<&str>) -> Result<(), BrokerError> {
        match (&self.sessions, session) {
            (None, None) => Ok(()),
            (Some(sessions), Some(session))
                if sessions
                    .get(session)
                    .is_some_and(|session| session.lock.is_some()) =>
            {
                Ok(())
            }
            (_, _) => Err(BrokerError::SessionLockLost),
        }
    }

    /// The session that a consumer holds.
    pub(super) fn held_session(&self, holder: ConsumerId) -> Option<Arc<str>> {
        match &self.consumers.get(&holder)?.scope {
            Scope::Session(session) => Some(Arc::clone(session)),
            Scope::Queue | Scope::NextSession | Scope::LostSession => None,
        }
    }

    /// A consumer has left: whatever it held is free at once, and no delivery has failed.
    pub(in crate::broker) fn leave_session(
        &mut self,
        id: ConsumerId,
        scope: &Scope,
        step: &mut Step<'_>,
    ) {
        if let Some(sessions) = &mut self.sessions {
            sessions.waiting.remove(&id);
        }
        let Scope::Session(session) = scope else {
            return;
        };
        let Some(lock) = self.end_session_lock(session) else {
            return;
        };
        let due = Due::SessionLockExpiry {
            queue: self.id,
            holder: id,
        };
        step.effects.agenda.cancel(lock.until, due);
        self.record_session(session, Happening::Released, step);
        for sequence in lock.covered {
            self.free(sequence, step);
        }
        self.review_session(session);
    }

    /// The lock of a holder has run out; its agenda entry is gone already. The caller dispatches.
    pub(in crate::broker) fn session_lock_expired(
        &mut self,
        holder: ConsumerId,
        step: &mut Step<'_>,
    ) -> Vec<Departed> {
        let Some(session) = self.held_session(holder) else {
            return Vec::new();
        };
        let lock = self.end_session_lock(&session);
        self.record_session(&session, Happening::LockExpired, step);
        let covered = lock.map(|lock| lock.covered).unwrap_or_default();
        let departed = covered
            .into_iter()
            .filter_map(|sequence| self.lock_expired(sequence, step))
            .collect();
        if let Some(consumer) = self.consumers.get_mut(&holder) {
            *consumer = Consumer::new(consumer.mode, Scope::LostSession);
        }
        self.review_session(&session);
        step.effects.ready.push(holder);
        departed
    }

    fn end_session_lock(&mut self, session: &str) -> Option<SessionLock> {
        let sessions = self.sessions.as_mut()?;
        let lock = sessions.by_id.get_mut(session)?.lock.take()?;
        sessions.stirred.remove(&lock.holder);
        Some(lock)
    }

    fn review_session(&mut self, session: &str) {
        if let Some(sessions) = &mut self.sessions {
            sessions.review_offer(session);
            sessions.forget_if_over(session);
        }
    }

    /// Gives sessions to those who wait for one, and messages to those who hold one.
    pub(in crate::broker) fn dispatch_sessions(&mut self, step: &mut Step<'_>) {
        while let Some((id, session)) = self.sessions.as_ref().and_then(Sessions::next_match) {
            self.grant_session(id, session, step);
        }
        while let Some(holder) = self.next_stirred() {
            if let Some(session) = self.held_session(holder) {
                self.serve_holder(holder, &session, step);
            }
        }
    }

    fn next_stirred(&mut self) -> Option<ConsumerId> {
        self.sessions.as_mut()?.stirred.pop_first()
    }

    fn serve_holder(&mut self, holder: ConsumerId, session: &str, step: &mut Step<'_>) {
        while let Some(sequence) = self.first_available(session) {
            let Some(consumer) = self.consumers.get(&holder) else {
                return;
            };
            // A message that has come back goes out before those that follow it in the session.
            let overtaken = consumer.outbox.back().filter(|last| **last > sequence);
            match overtaken.copied() {
                Some(follower) => self.free(follower, step),
                None if consumer.wants() > 0 => self.assign(sequence, holder, step),
                None => return,
            }
        }
    }

    fn first_available(&self, session: &str) -> Option<i64> {
        let session = self.sessions.as_ref()?.get(session)?;
        session.available.first().copied()
    }

    pub(super) fn record_session(
        &mut self,
        session: &Arc<str>,
        what: Happening,
        step: &mut Step<'_>,
    ) {
        self.totals.count_session(what);
        let journal = &mut step.effects.journal;
        journal.session(step.now, &self.path, session, what);
    }
}
