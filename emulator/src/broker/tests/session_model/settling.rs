//! What the holders of sessions get, and what becomes of it.

use super::*;

impl Model {
    pub(super) fn take(&mut self, consumer: usize) -> bool {
        let Some(ModelConsumer {
            id,
            mode,
            credit,
            standing,
        }) = self.consumers.get(&consumer)
        else {
            return false;
        };
        let (id, mode) = (*id, *mode);
        let next = match standing {
            Standing::Holding { session, .. } if *credit > 0 => self.next_of(*session),
            _ => None,
        };
        match (self.fixture.take(id), next) {
            (None, None) => false,
            (Some(delivery), Some(place)) => {
                self.consumers.get_mut(&consumer).unwrap().credit -= 1;
                assert_eq!(delivery.sequence, self.messages[place].sequence);
                self.received(place, mode, &delivery);
                true
            }
            (delivery, next) => panic!("{delivery:?} instead of {next:?}"),
        }
    }

    fn received(&mut self, place: usize, mode: ReceiveMode, delivery: &Delivery) {
        let message = &mut self.messages[place];
        assert_eq!(
            (&body(delivery), delivery.delivery_count),
            (&message.body, message.count)
        );
        match (delivery.lock, mode) {
            (Some(lock), PeekLock) => {
                assert_eq!(lock.until, None, "the lock on the session decides");
                message.token = Some(lock.token);
                self.tokens.push(lock.token);
            }
            (None, ReceiveAndDelete) => {
                self.messages.remove(place);
            }
            (lock, mode) => panic!("{lock:?} with {mode:?}"),
        }
    }

    pub(super) fn drain(&mut self, consumer: usize) {
        let now = self.fixture.now;
        let Some(ModelConsumer { id, standing, .. }) = self.consumers.get(&consumer) else {
            return;
        };
        let (id, standing) = (*id, *standing);
        self.fixture.broker.drain(id, now);
        while self.take(consumer) {}
        if standing != Standing::Lost {
            assert!(self.fixture.broker.finish_drain(id, now), "nothing is left");
        }
        self.consumers.get_mut(&consumer).unwrap().credit = 0;
    }

    pub(super) fn receive_deferred(&mut self, place: usize, mode: ReceiveMode) {
        let message = &self.messages[place];
        let Some(session) = message.session else {
            return;
        };
        let expected = match (self.holder(session), message) {
            (None, _) => Err(BrokerError::SessionLockLost),
            (Some(_), message) if message.deferred && message.token.is_none() => Ok(1),
            (Some(_), _) => Err(BrokerError::MessageNotDeferred),
        };
        let (orders, now) = (self.fixture.orders, self.fixture.now);
        let name = Some(SESSIONS[session]);
        let numbers = [message.sequence];
        let broker = &mut self.fixture.broker;
        let outcome = broker.receive_deferred(orders, name, &numbers, mode, u64::MAX, now);
        self.fixture.check();
        let count = outcome.as_ref().map(Vec::len).map_err(Clone::clone);
        assert_eq!(count, expected);
        for delivery in outcome.into_iter().flatten() {
            self.received(place, mode, &delivery);
        }
    }

    pub(super) fn settle(&mut self, token: LockToken, how: usize) {
        let verdicts = [
            Settlement::Complete,
            Settlement::Release,
            abandon(),
            dead_letter(),
            defer(),
        ];
        let outcome = self.fixture.settle(token, verdicts[how].clone());
        let held = |message: &ModelMessage| message.token == Some(token);
        let Some(place) = self.messages.iter().position(held) else {
            assert_eq!(outcome, Err(BrokerError::SessionLockLost));
            return;
        };
        assert_eq!(outcome, Ok(()));
        match how {
            0 => {
                self.messages.remove(place);
            }
            1 => self.messages[place].token = None,
            2 => self.fail(place),
            3 => self.bury(place),
            _ => {
                self.messages[place].deferred = true;
                self.fail(place);
            }
        }
    }

    fn fail(&mut self, place: usize) {
        let message = &mut self.messages[place];
        message.token = None;
        message.count += 1;
        if message.count == MAX_DELIVERIES {
            self.bury(place);
        }
    }

    fn bury(&mut self, place: usize) {
        self.buried += 1;
        let message = &mut self.messages[place];
        message.token = None;
        message.deferred = false;
        message.session = None;
        message.sequence = self.buried;
    }

    pub(super) fn advance(&mut self, by: Duration) {
        let now = self.fixture.now.after(by);
        let mut ends = Vec::new();
        for consumer in self.consumers.values_mut() {
            match consumer.standing {
                Standing::Holding { session, until } if until <= now => {
                    ends.push((until, consumer.id, session));
                    consumer.standing = Standing::Lost;
                    consumer.credit = 0;
                }
                _ => {}
            }
        }
        ends.sort();
        for (_, _, session) in ends {
            let mut failed: Vec<_> = (0..self.messages.len())
                .filter(|place| {
                    let message = &self.messages[*place];
                    message.session == Some(session) && message.token.is_some()
                })
                .collect();
            failed.sort_by_key(|place| self.messages[*place].sequence);
            for place in failed {
                self.fail(place);
            }
        }
        self.fixture.advance(by);
    }
}
