//! Locks on messages: by token, each for its time or for that of the lock on its session.

use super::agenda::{Agenda, Due};
use super::lock_token::LockToken;
use super::queue::{Hold, Queue, Step, Stored};
use super::{Broker, BrokerError, ConsumerId, Lock, QueueRef, Timestamp};
use crate::journal::Happening;

impl Broker {
    /// Refuses unless every one of the tokens names a lock that stands.
    pub(crate) fn check_locks(
        &mut self,
        queue: QueueRef,
        tokens: &[LockToken],
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        self.at(queue, now, |queue, _| {
            tokens
                .iter()
                .try_for_each(|token| queue.locked(*token).map(|_| ()))
        })?
    }

    /// Starts a lock anew and says when it ends now.
    pub(crate) fn renew_lock(
        &mut self,
        queue: QueueRef,
        token: LockToken,
        now: Timestamp,
    ) -> Result<Timestamp, BrokerError> {
        self.at(queue, now, |queue, step| queue.renew(token, step))?
    }
}

impl Queue {
    /// Locks a message; `outbox` names the consumer whose connection is yet to take it.
    pub(super) fn lock(
        &mut self,
        sequence: i64,
        outbox: Option<ConsumerId>,
        step: &mut Step<'_>,
    ) -> Option<Lock> {
        let stored = self.messages.get_mut(&sequence)?;
        let token = LockToken::generate();
        let until = match stored.session {
            Some(_) => None,
            None => Some(step.now.after(step.options.lock_duration)),
        };
        stored.hold = Hold::Locked {
            token,
            until,
            outbox,
        };
        self.locks.insert(token, sequence);
        if let (Some(sessions), Some(session)) = (&mut self.sessions, &stored.session) {
            sessions.cover(session, sequence);
        }
        if let Some(until) = until {
            let queue = self.id;
            let due = Due::LockExpiry { queue, sequence };
            step.effects.agenda.add(until, due);
        }
        Some(Lock { token, until })
    }

    pub(super) fn renew(
        &mut self,
        token: LockToken,
        step: &mut Step<'_>,
    ) -> Result<Timestamp, BrokerError> {
        let sequence = self.locked(token)?;
        let renewed = step.now.after(step.options.lock_duration);
        let Some(Stored {
            hold: Hold::Locked {
                until: Some(until), ..
            },
            ..
        }) = self.messages.get_mut(&sequence)
        else {
            return Err(BrokerError::LockOfSession);
        };
        let due = Due::LockExpiry {
            queue: self.id,
            sequence,
        };
        step.effects.agenda.cancel(*until, due);
        step.effects.agenda.add(renewed, due);
        *until = renewed;
        self.record(sequence, Happening::LockRenewed, step);
        Ok(renewed)
    }

    /// The message that a token has locked.
    pub(super) fn locked(&self, token: LockToken) -> Result<i64, BrokerError> {
        self.locks.get(&token).copied().ok_or(match self.sessions {
            Some(_) => BrokerError::SessionLockLost,
            None => BrokerError::MessageLockLost,
        })
    }

    /// Takes the queue's events off the agenda, because it is about to be deleted.
    pub(super) fn cancel_events(&self, agenda: &mut Agenda) {
        if let Some(sessions) = &self.sessions {
            sessions.cancel_events(self.id, agenda);
        }
        for (sequence, stored) in &self.messages {
            let (queue, sequence) = (self.id, *sequence);
            if let Hold::Locked {
                until: Some(until), ..
            } = stored.hold
            {
                agenda.cancel(until, Due::LockExpiry { queue, sequence });
            }
            let events = [
                self.activation(sequence, stored.state),
                self.expiry(sequence, stored),
            ];
            for (at, due) in events.into_iter().flatten() {
                agenda.cancel(at, due);
            }
        }
    }
}
