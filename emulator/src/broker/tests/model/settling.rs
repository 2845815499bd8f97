//! What becomes of locks: verdicts, at once or within transactions, and renewals.

use super::*;

impl Model {
    fn token(&self, token: Pick) -> Option<(LockToken, Place)> {
        let locked = self
            .reference
            .messages
            .iter()
            .filter_map(|message| Some((message.lock?.token, message.place)));
        pick(token, locked.collect(), self.tokens.clone())
    }

    /// How a lock that does not stand is refused.
    fn lost(&self, place: Place) -> BrokerError {
        if self.reference.has_sessions(place) {
            BrokerError::SessionLockLost
        } else {
            BrokerError::MessageLockLost
        }
    }

    pub(super) fn settle(&mut self, token: Pick, verdict: Verdict, within: Option<usize>) {
        let Some((token, place)) = self.token(token) else {
            return;
        };
        let queue = self.reference.queue(place);
        let now = self.now();
        let settlement = verdict.settlement();
        let id = within.map(|slot| self.transaction(slot));
        let outcome = match id {
            Some(id) => self
                .broker
                .enlist_settlement(id, queue, token, settlement, now),
            None => self.broker.settle(queue, token, settlement, now),
        };
        let Some(found) = self.reference.locked(token) else {
            assert_eq!(outcome, Err(self.lost(place)));
            return;
        };
        if self.reference.is_enlisted(token) {
            assert_eq!(outcome, Err(BrokerError::LockInTransaction));
            return;
        }
        if verdict == Verdict::DeadLetter && place.part != Part::Main {
            let refused = matches!(outcome, Err(BrokerError::DeadLetterOfDeadLetter { .. }));
            assert!(refused, "{outcome:?}");
            return;
        }
        match id {
            Some(id) => {
                let work = Work::Settle { token, verdict };
                let entity = self.reference.top_level(place.entity);
                assert_eq!(outcome, self.reference.enlist(id, work, Some(entity)));
            }
            None => {
                assert_eq!(outcome, Ok(()));
                self.reference.settle(found, verdict);
            }
        }
    }

    pub(super) fn renew(&mut self, token: Pick) {
        let Some((token, place)) = self.token(token) else {
            return;
        };
        let queue = self.reference.queue(place);
        let now = self.now();
        let outcome = self.broker.renew_lock(queue, token, now);
        let until = now.after(self.reference.options(place).lock_duration);
        match self.reference.locked(token) {
            None => assert_eq!(outcome, Err(self.lost(place))),
            Some(_) if self.reference.has_sessions(place) => {
                assert_eq!(outcome, Err(BrokerError::LockOfSession));
            }
            Some(found) => {
                assert_eq!(outcome, Ok(until));
                let until = Some(until);
                self.reference.messages[found].lock = Some(Lock { token, until });
            }
        }
    }

    pub(super) fn renew_session(&mut self, consumer: usize) {
        let Some(ModelConsumer { id, place, .. }) = self.consumers[consumer] else {
            return;
        };
        let now = self.now();
        let outcome = self.broker.renew_session_lock(id, now);
        let until = now.after(self.reference.options(place).lock_duration);
        let mut holders = self.reference.holders.values_mut();
        match holders.find(|holder| holder.consumer == id) {
            Some(holder) => {
                holder.until = until;
                assert_eq!(outcome, Ok(until));
            }
            None => assert_eq!(outcome, Err(BrokerError::SessionLockLost)),
        }
    }

    pub(super) fn declare(&mut self) -> TransactionId {
        let id = self.broker.declare();
        self.reference.open.insert(id, Default::default());
        id
    }

    pub(super) fn transaction(&mut self, slot: usize) -> TransactionId {
        let id = self.transactions[slot].unwrap_or_else(|| self.declare());
        self.transactions[slot] = Some(id);
        id
    }

    pub(super) fn discharge(&mut self, slot: usize, fails: bool, forgets: bool) {
        let Some(id) = self.transactions[slot] else {
            return;
        };
        if forgets {
            self.transactions[slot] = None;
        }
        let now = self.now();
        if fails {
            let outcome = self.broker.roll_back(id, now);
            assert_eq!(outcome, self.reference.roll_back(id));
        } else {
            let outcome = self.broker.commit(id, now);
            assert_eq!(outcome, self.reference.commit(id));
        }
    }
}
