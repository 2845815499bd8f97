//! Random operations on the broker and on a model that keeps one flat list of messages.
//!
//! The model does not decide who gets a message: the broker may choose any consumer. It checks that
//! what was handed out could be handed out, and what follows from it: verdicts, counts, moves,
//! numbers, times. After every step both must hold the same messages.

mod operation;
mod receiving;

use proptest::prelude::*;

use super::*;
use operation::{operation, Operation};
use ReceiveMode::{PeekLock, ReceiveAndDelete};

const CONSUMERS: usize = 4;
const MAX_DELIVERIES: u32 = 3;

/// The ids of messages that may be duplicates.
const IDS: [&str; 3] = ["a", "b", "c"];

/// How long an id is remembered.
const WINDOW: Duration = Duration::from_secs(60);

/// What the queue lets a message live that asks for no shorter life.
const LIFE: Duration = Duration::from_secs(200);

#[derive(Clone, Debug)]
struct ModelMessage {
    body: String,
    dead: bool,
    sequence: i64,
    count: u32,
    state: MessageState,
    life: Duration,
    expires: Option<Timestamp>,
    lock: Option<Lock>,
}

/// What happens by itself, in the order in which it does at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    LockEnd,
    Activation,
    Expiry,
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
    /// When each of the ids was last seen in a message that was no duplicate.
    seen: [Option<Timestamp>; IDS.len()],
    /// Whether expired messages are dead-lettered.
    keeps_expired: bool,
}

impl Model {
    fn new(keeps_expired: bool) -> Self {
        let options = QueueOptions::new()
            .max_delivery_count(MAX_DELIVERIES)
            .default_message_time_to_live(LIFE)
            .duplicate_detection(WINDOW)
            .dead_lettering_on_message_expiration(keeps_expired);
        let mut model = Self {
            fixture: Fixture::with(options),
            messages: Vec::new(),
            consumers: Vec::new(),
            tokens: Vec::new(),
            sent: 0,
            buried: 0,
            seen: [None; IDS.len()],
            keeps_expired,
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
            Operation::SendMortal { seconds } => {
                let life = Duration::from_secs(seconds);
                let body = self.store(MessageState::Active, life);
                assert_eq!(self.fixture.send_mortal(&body, life), self.sent);
            }
            Operation::SendIdentified { id } => self.send_identified(id),
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
            Operation::Schedule { seconds } => self.schedule(Duration::from_secs(seconds)),
            Operation::Cancel { message } if !self.messages.is_empty() => {
                self.cancel(message.index(self.messages.len()));
            }
            Operation::Delete { count, dead } => self.delete(count, dead),
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
            | Operation::Cancel { .. }
            | Operation::ReceiveDeferred { .. } => {}
            Operation::Advance { seconds } => {
                let by = Duration::from_secs(seconds);
                self.pass(self.fixture.now.after(by));
                self.fixture.advance(by);
            }
        }
        // What was let go of after its life expires at once.
        self.pass(self.fixture.now);
        self.compare();
    }

    fn store(&mut self, state: MessageState, life: Duration) -> String {
        self.sent += 1;
        let expires = (state == MessageState::Active).then(|| self.fixture.now.after(life));
        let body = self.sent.to_string();
        self.messages.push(ModelMessage {
            body: body.clone(),
            dead: false,
            sequence: self.sent,
            count: 0,
            state,
            life,
            expires,
            lock: None,
        });
        body
    }

    fn send_identified(&mut self, id: usize) {
        let now = self.fixture.now;
        let draft = |body| Draft::new(body).with_id(IDS[id]);
        if self.seen[id].is_some_and(|seen| now < seen.after(WINDOW)) {
            assert_eq!(self.fixture.enqueue(draft("duplicate")), 0);
            return;
        }
        self.seen[id] = Some(now);
        let body = self.store(MessageState::Active, LIFE);
        assert_eq!(self.fixture.enqueue(draft(&body)), self.sent);
    }

    fn schedule(&mut self, delay: Duration) {
        let at = self.fixture.now.after(delay);
        let body = self.store(MessageState::Scheduled { at }, LIFE);
        assert_eq!(self.fixture.schedule(&body, delay), self.sent);
    }

    fn cancel(&mut self, place: usize) {
        let ModelMessage {
            dead,
            sequence,
            state,
            ..
        } = self.messages[place];
        let queue = self.queue(dead);
        let now = self.fixture.now;
        let outcome = self
            .fixture
            .broker
            .cancel_scheduled(queue, &[sequence], now);
        self.fixture.check();
        if let MessageState::Scheduled { .. } = state {
            assert_eq!(outcome, Ok(()));
            self.messages.remove(place);
        } else {
            let missing = vec![sequence];
            assert_eq!(outcome, Err(BrokerError::MessagesNotScheduled { missing }));
        }
    }

    /// Which messages wait in an outbox and are spared is up to the broker.
    fn delete(&mut self, count: usize, dead: bool) {
        let (queue, now) = (self.queue(dead), self.fixture.now);
        let outcome =
            self.fixture
                .broker
                .delete_messages(queue, None, count, now.after(SECOND), now);
        self.fixture.check();
        let left: Vec<_> = self.fixture.content(queue);
        let before = self.messages.len();
        self.messages.retain(|message| {
            let kept = message.dead != dead
                || left
                    .iter()
                    .any(|(sequence, ..)| *sequence == message.sequence);
            let deletable = message.state == MessageState::Active && message.lock.is_none();
            assert!(kept || deletable, "deleted {message:?}");
            kept
        });
        let deleted = before - self.messages.len();
        assert_eq!(outcome, Ok(deleted));
        assert!(deleted <= count, "{deleted} of {count}");
    }

    fn send(&mut self, count: usize) {
        for _ in 0..count {
            self.store(MessageState::Active, LIFE);
        }
        let new = &self.messages[self.messages.len() - count..];
        let bodies: Vec<_> = new.iter().map(|message| message.body.clone()).collect();
        let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
        self.fixture.send(&bodies);
    }

    /// Lets happen what is due up to `now`.
    fn pass(&mut self, now: Timestamp) {
        while let Some((at, what, place)) = self.next_due(now) {
            match what {
                Event::LockEnd => self.fail(place),
                Event::Activation => {
                    self.sent += 1;
                    let message = &mut self.messages[place];
                    message.state = MessageState::Active;
                    message.sequence = self.sent;
                    message.expires = Some(at.after(message.life));
                }
                Event::Expiry => self.expire(place),
            }
        }
    }

    fn expire(&mut self, place: usize) {
        if self.keeps_expired && self.messages[place].state == MessageState::Active {
            self.bury(place);
        } else {
            self.messages.remove(place);
        }
    }

    /// What happens first up to `now`, and to which message.
    fn next_due(&self, now: Timestamp) -> Option<(Timestamp, Event, usize)> {
        let messages = self.messages.iter().enumerate();
        let due = messages.filter_map(|(place, message)| {
            let (at, what) = match (message.state, message.lock) {
                (MessageState::Scheduled { at }, _) => (at, Event::Activation),
                (_, Some(lock)) => (lock.until?, Event::LockEnd),
                (_, None) => (message.expires?, Event::Expiry),
            };
            (at <= now).then_some(((at, what, message.dead, message.sequence), place))
        });
        due.min().map(|((at, what, ..), place)| (at, what, place))
    }

    fn compare(&mut self) {
        for dead in [false, true] {
            let mut expected: Vec<_> = self
                .messages
                .iter()
                .filter(|message| message.dead == dead)
                .map(|message| {
                    let body = message.body.clone();
                    (message.sequence, body, message.count, message.state)
                })
                .collect();
            expected.sort_by_key(|(sequence, ..)| *sequence);
            let now = self.fixture.now;
            let queue = self.queue(dead);
            let seen = self.fixture.broker.peek(queue, 1, now).unwrap();
            let seen: Vec<_> = seen
                .map(|seen| {
                    let body = body(&seen);
                    (seen.sequence, body, seen.delivery_count, seen.state)
                })
                .collect();
            assert_eq!(seen, expected, "dead: {dead}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_broker_agrees_with_the_model(
        keeps_expired: bool,
        operations in prop::collection::vec(operation(), 1..200),
    ) {
        let mut model = Model::new(keeps_expired);
        for operation in operations {
            model.run(operation);
        }
    }
}
