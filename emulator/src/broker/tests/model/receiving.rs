//! What receivers do, in the model and in the broker.

use super::*;

impl Model {
    pub(super) fn take(&mut self, consumer: usize) -> bool {
        let ModelConsumer {
            id,
            mode,
            dead,
            credit,
        } = self.consumers[consumer];
        let Some(delivery) = self.fixture.take(id) else {
            let waiting = self.fixture.broker.entities[&self.fixture.orders.entity]
                .queue(self.queue(dead).part)
                .available
                .len();
            assert!(
                credit == 0 || waiting == 0,
                "credit {credit} and {waiting} waiting"
            );
            return false;
        };
        assert!(credit > 0, "delivered without credit: {delivery:?}");
        self.consumers[consumer].credit -= 1;
        let place = self
            .messages
            .iter()
            .position(|message| message.dead == dead && message.sequence == delivery.sequence)
            .unwrap_or_else(|| panic!("delivered out of nothing: {delivery:?}"));
        assert_eq!(
            self.messages[place].state,
            MessageState::Active,
            "{delivery:?}"
        );
        self.received(place, mode, delivery);
        true
    }

    /// Somebody got a message, as the broker says.
    fn received(&mut self, place: usize, mode: ReceiveMode, delivery: Delivery) {
        let message = &mut self.messages[place];
        assert_eq!(message.lock, None, "delivered while locked");
        assert_eq!(
            (&body(&delivery), delivery.delivery_count),
            (&message.body, message.count)
        );
        assert_eq!(delivery.lock.is_some(), mode == PeekLock);
        match delivery.lock {
            Some(lock) => {
                let now = self.fixture.now;
                let until = lock.until.expect("the lock has an end of its own");
                assert!(until > now && until <= now.after(LOCK), "{lock:?}");
                message.lock = Some(lock);
                let dead = message.dead;
                self.tokens.push((lock.token, self.queue(dead)));
            }
            None => {
                self.messages.remove(place);
            }
        }
    }

    pub(super) fn receive_deferred(&mut self, place: usize, mode: ReceiveMode) {
        let message = &self.messages[place];
        let there = message.state == MessageState::Deferred && message.lock.is_none();
        let (queue, numbers) = (self.queue(message.dead), [message.sequence]);
        let now = self.fixture.now;
        let outcome =
            self.fixture
                .broker
                .receive_deferred(queue, None, &numbers, mode, u64::MAX, now);
        self.fixture.check();
        match outcome {
            Ok(deliveries) => {
                assert!(there, "received what cannot be: {deliveries:?}");
                for delivery in deliveries {
                    assert_eq!(delivery.sequence, numbers[0]);
                    self.received(place, mode, delivery);
                }
            }
            Err(error) => assert_eq!((error, there), (BrokerError::MessageNotDeferred, false)),
        }
    }

    pub(super) fn drain(&mut self, consumer: usize) {
        let id = self.consumers[consumer].id;
        let now = self.fixture.now;
        self.fixture.broker.drain(id, now);
        while self.take(consumer) {}
        assert!(
            self.fixture.broker.finish_drain(id, now),
            "nothing is left to take"
        );
        self.consumers[consumer].credit = 0;
    }

    fn locked(&mut self, token: LockToken) -> Option<usize> {
        self.messages
            .iter()
            .position(|message| message.lock.is_some_and(|lock| lock.token == token))
    }

    pub(super) fn settle(&mut self, token: LockToken, queue: QueueRef, how: usize) {
        let verdict = [
            Settlement::Complete,
            Settlement::Release,
            abandon(),
            dead_letter(),
            defer(),
        ];
        let outcome = self.fixture.settle_in(queue, token, verdict[how].clone());
        let Some(place) = self.locked(token) else {
            assert_eq!(outcome, Err(BrokerError::MessageLockLost));
            return;
        };
        let dead = self.messages[place].dead;
        if how == 3 && dead {
            assert!(matches!(
                outcome,
                Err(BrokerError::DeadLetterOfDeadLetter { .. })
            ));
            return;
        }
        assert_eq!(outcome, Ok(()));
        match how {
            0 => {
                self.messages.remove(place);
            }
            1 => self.messages[place].lock = None,
            2 => self.fail(place),
            3 => self.bury(place),
            _ => {
                self.messages[place].state = MessageState::Deferred;
                self.fail(place);
            }
        }
    }

    pub(super) fn fail(&mut self, place: usize) {
        let message = &mut self.messages[place];
        message.lock = None;
        if !message.dead {
            message.count += 1;
            if message.count == MAX_DELIVERIES {
                self.bury(place);
            }
        }
    }

    pub(super) fn bury(&mut self, place: usize) {
        self.buried += 1;
        let message = &mut self.messages[place];
        message.lock = None;
        message.state = MessageState::Active;
        message.expires = None;
        message.dead = true;
        message.sequence = self.buried;
    }

    pub(super) fn renew(&mut self, token: LockToken, queue: QueueRef) {
        let now = self.fixture.now;
        let outcome = self.fixture.broker.renew_lock(queue, token, now);
        match self.locked(token) {
            Some(place) => {
                let until = now.after(LOCK);
                assert_eq!(outcome, Ok(until));
                let until = Some(until);
                self.messages[place].lock = Some(Lock { token, until });
            }
            None => assert_eq!(outcome, Err(BrokerError::MessageLockLost)),
        }
    }
}
