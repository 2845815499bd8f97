//! Random operations on the broker and on a model that keeps one flat list of messages.
//!
//! The model does not decide who gets a message: the broker may choose any consumer. It checks that
//! what was handed out could be handed out, and what follows from it: verdicts, counts, moves,
//! numbers, times. After every step both must hold the same messages.

mod operation;

use proptest::prelude::*;

use super::*;
use operation::{operation, Operation};
use ReceiveMode::{PeekLock, ReceiveAndDelete};

const CONSUMERS: usize = 4;
const MAX_DELIVERIES: u32 = 3;

#[derive(Clone, Debug)]
struct ModelMessage {
    body: String,
    dead: bool,
    sequence: i64,
    count: u32,
    deferred: bool,
    lock: Option<Lock>,
}

struct ModelConsumer {
    id: ConsumerId,
    mode: ReceiveMode,
    dead: bool,
    credit: u32,
}

struct Model {
    fixture: Fixture,
    messages: Vec<ModelMessage>,
    consumers: Vec<ModelConsumer>,
    /// Every token ever seen, those of ended locks included.
    tokens: Vec<(LockToken, QueueRef)>,
    sent: i64,
    buried: i64,
}

impl Model {
    fn new() -> Self {
        let options = QueueOptions::new().max_delivery_count(MAX_DELIVERIES);
        let mut model = Self {
            fixture: Fixture::with(options),
            messages: Vec::new(),
            consumers: Vec::new(),
            tokens: Vec::new(),
            sent: 0,
            buried: 0,
        };
        for n in 0..CONSUMERS {
            let mode = if n == 1 { ReceiveAndDelete } else { PeekLock };
            let consumer = model.consumer(mode, n == 2);
            model.consumers.push(consumer);
        }
        model
    }

    fn queue(&self, dead: bool) -> QueueRef {
        if dead {
            self.fixture.dead
        } else {
            self.fixture.orders
        }
    }

    fn consumer(&mut self, mode: ReceiveMode, dead: bool) -> ModelConsumer {
        ModelConsumer {
            id: self.fixture.attach_to(self.queue(dead), mode, 0),
            mode,
            dead,
            credit: 0,
        }
    }

    fn run(&mut self, operation: Operation) {
        match operation {
            Operation::Send { count } => self.send(count),
            Operation::SetCredit { consumer, credit } => {
                self.consumers[consumer].credit = credit;
                self.fixture.credit(self.consumers[consumer].id, credit);
            }
            Operation::Take { consumer } => {
                self.take(consumer);
            }
            Operation::Drain { consumer } => self.drain(consumer),
            Operation::Reattach {
                consumer,
                receive_and_delete,
                dead,
            } => {
                let now = self.fixture.now;
                self.fixture
                    .broker
                    .detach_consumer(self.consumers[consumer].id, now);
                let mode = if receive_and_delete {
                    ReceiveAndDelete
                } else {
                    PeekLock
                };
                self.consumers[consumer] = self.consumer(mode, dead);
            }
            Operation::Settle { token, how } if !self.tokens.is_empty() => {
                let (token, queue) = self.tokens[token.index(self.tokens.len())];
                self.settle(token, queue, how);
            }
            Operation::ReceiveDeferred {
                message,
                receive_and_delete,
            } if !self.messages.is_empty() => {
                let mode = if receive_and_delete {
                    ReceiveAndDelete
                } else {
                    PeekLock
                };
                self.receive_deferred(message.index(self.messages.len()), mode);
            }
            Operation::Renew { token } if !self.tokens.is_empty() => {
                let (token, queue) = self.tokens[token.index(self.tokens.len())];
                self.renew(token, queue);
            }
            Operation::Settle { .. }
            | Operation::Renew { .. }
            | Operation::ReceiveDeferred { .. } => {}
            Operation::Advance { seconds } => self.advance(Duration::from_secs(seconds)),
        }
        self.compare();
    }

    fn send(&mut self, count: usize) {
        for _ in 0..count {
            self.sent += 1;
            self.messages.push(ModelMessage {
                body: self.sent.to_string(),
                dead: false,
                sequence: self.sent,
                count: 0,
                deferred: false,
                lock: None,
            });
        }
        let new = &self.messages[self.messages.len() - count..];
        let bodies: Vec<_> = new.iter().map(|message| message.body.clone()).collect();
        let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
        self.fixture.send(&bodies);
    }

    fn take(&mut self, consumer: usize) -> bool {
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
        assert!(
            !self.messages[place].deferred,
            "delivered while deferred: {delivery:?}"
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
                let latest = self.fixture.now.after(LOCK);
                assert!(
                    lock.until > self.fixture.now && lock.until <= latest,
                    "{lock:?}"
                );
                message.lock = Some(lock);
                let dead = message.dead;
                self.tokens.push((lock.token, self.queue(dead)));
            }
            None => {
                self.messages.remove(place);
            }
        }
    }

    fn receive_deferred(&mut self, place: usize, mode: ReceiveMode) {
        let message = &self.messages[place];
        let there = message.deferred && message.lock.is_none();
        let (queue, numbers) = (self.queue(message.dead), [message.sequence]);
        let now = self.fixture.now;
        let outcome = self
            .fixture
            .broker
            .receive_deferred(queue, &numbers, mode, u64::MAX, now);
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

    fn drain(&mut self, consumer: usize) {
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

    fn settle(&mut self, token: LockToken, queue: QueueRef, how: usize) {
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
                self.messages[place].deferred = true;
                self.fail(place);
            }
        }
    }

    fn fail(&mut self, place: usize) {
        let message = &mut self.messages[place];
        message.lock = None;
        if !message.dead {
            message.count += 1;
            if message.count == MAX_DELIVERIES {
                self.bury(place);
            }
        }
    }

    fn bury(&mut self, place: usize) {
        self.buried += 1;
        let message = &mut self.messages[place];
        message.lock = None;
        message.deferred = false;
        message.dead = true;
        message.sequence = self.buried;
    }

    fn renew(&mut self, token: LockToken, queue: QueueRef) {
        let now = self.fixture.now;
        let outcome = self.fixture.broker.renew_lock(queue, token, now);
        match self.locked(token) {
            Some(place) => {
                let until = now.after(LOCK);
                assert_eq!(outcome, Ok(until));
                self.messages[place].lock = Some(Lock { token, until });
            }
            None => assert_eq!(outcome, Err(BrokerError::MessageLockLost)),
        }
    }

    fn advance(&mut self, by: Duration) {
        let now = self.fixture.now.after(by);
        loop {
            let ends = self
                .messages
                .iter()
                .enumerate()
                .filter_map(|(place, message)| {
                    let until = message.lock?.until;
                    (until <= now).then_some(((until, message.dead, message.sequence), place))
                });
            let Some((_, place)) = ends.min() else { break };
            self.fail(place);
        }
        self.fixture.advance(by);
    }

    fn compare(&mut self) {
        for dead in [false, true] {
            let mut expected: Vec<_> = self
                .messages
                .iter()
                .filter(|message| message.dead == dead)
                .map(|message| (message.sequence, message.body.clone(), message.count))
                .collect();
            expected.sort();
            assert_eq!(
                self.fixture.content(self.queue(dead)),
                expected,
                "dead: {dead}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_broker_agrees_with_the_model(operations in prop::collection::vec(operation(), 1..200)) {
        let mut model = Model::new();
        for operation in operations {
            model.run(operation);
        }
    }
}
