//! Random operations on a queue with sessions and on a model that keeps one flat list of messages.
//!
//! The model does not decide which session a waiting consumer gets: it checks that the one it got
//! could be given away, that nobody waits in vain, and that whoever came first is served first.
//! What a holder gets next it knows exactly.

mod operation;
mod settling;

use std::collections::BTreeMap;

use proptest::prelude::*;

use self::operation::{operation, Operation};
use super::sessions::message_of;
use super::*;
use ReceiveMode::{PeekLock, ReceiveAndDelete};

const SESSIONS: [&str; 3] = ["a", "b", ""];
const CONSUMERS: usize = 4;
const MAX_DELIVERIES: u32 = 3;

struct ModelMessage {
    body: String,
    /// `None` in the dead-letter queue.
    session: Option<usize>,
    sequence: i64,
    count: u32,
    deferred: bool,
    token: Option<LockToken>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Waiting,
    Holding { session: usize, until: Timestamp },
    Lost,
}

struct ModelConsumer {
    id: ConsumerId,
    mode: ReceiveMode,
    credit: u32,
    standing: Standing,
}

struct Model {
    fixture: Fixture,
    messages: Vec<ModelMessage>,
    consumers: BTreeMap<usize, ModelConsumer>,
    states: BTreeMap<usize, u8>,
    /// Every token ever seen, those of ended locks included.
    tokens: Vec<LockToken>,
    sent: i64,
    buried: i64,
}

impl Model {
    fn new() -> Self {
        let options = QueueOptions::new()
            .requires_session(true)
            .max_delivery_count(MAX_DELIVERIES);
        Self {
            fixture: Fixture::with(options),
            messages: Vec::new(),
            consumers: BTreeMap::new(),
            states: BTreeMap::new(),
            tokens: Vec::new(),
            sent: 0,
            buried: 0,
        }
    }

    fn run(&mut self, operation: Operation) {
        match operation {
            Operation::Send { session, count } => self.send(session, count),
            Operation::Accept {
                consumer,
                session,
                receive_and_delete,
            } => {
                self.leave(consumer);
                self.note_grants();
                self.accept(consumer, session, mode(receive_and_delete));
            }
            Operation::Leave { consumer } => self.leave(consumer),
            Operation::SetCredit { consumer, credit } => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.credit = credit;
                    self.fixture.credit(consumer.id, credit);
                }
            }
            Operation::Take { consumer } => {
                self.take(consumer);
            }
            Operation::Drain { consumer } => self.drain(consumer),
            Operation::Settle { token, how } => {
                if !self.tokens.is_empty() {
                    self.settle(self.tokens[token.index(self.tokens.len())], how);
                }
            }
            Operation::ReceiveDeferred {
                message,
                receive_and_delete,
            } => {
                if !self.messages.is_empty() {
                    let place = message.index(self.messages.len());
                    self.receive_deferred(place, mode(receive_and_delete));
                }
            }
            Operation::Renew { consumer } => self.renew(consumer),
            Operation::SetState { consumer, state } => self.set_state(consumer, state),
            Operation::Advance { seconds } => self.advance(Duration::from_secs(seconds)),
        }
        self.note_grants();
        self.compare();
    }

    fn send(&mut self, session: usize, count: usize) {
        let mut messages = Vec::new();
        for _ in 0..count {
            self.sent += 1;
            let body = self.sent.to_string();
            messages.push(message_of(SESSIONS[session], &body));
            self.messages.push(ModelMessage {
                body,
                session: Some(session),
                sequence: self.sent,
                count: 0,
                deferred: false,
                token: None,
            });
        }
        let (orders, now) = (self.fixture.orders, self.fixture.now);
        self.fixture.broker.enqueue(orders, messages, now).unwrap();
        self.fixture.check();
    }

    fn accept(&mut self, consumer: usize, session: Option<usize>, mode: ReceiveMode) {
        let (orders, now) = (self.fixture.orders, self.fixture.now);
        let name = session.map(|session| SESSIONS[session]);
        let outcome = self.fixture.broker.accept_session(orders, mode, name, now);
        self.fixture.check();
        let standing = match session {
            Some(session) if self.holder(session).is_some() => {
                let session = SESSIONS[session].to_owned();
                let refusal = BrokerError::SessionCannotBeLocked { session };
                assert_eq!(outcome, Err(refusal));
                return;
            }
            Some(session) => Standing::Holding {
                session,
                until: now.after(LOCK),
            },
            None => Standing::Waiting,
        };
        let accepted = ModelConsumer {
            id: outcome.unwrap(),
            mode,
            credit: 0,
            standing,
        };
        self.consumers.insert(consumer, accepted);
    }

    fn leave(&mut self, consumer: usize) {
        let Some(left) = self.consumers.remove(&consumer) else {
            return;
        };
        let now = self.fixture.now;
        self.fixture.broker.detach_consumer(left.id, now);
        self.fixture.check();
        if let Standing::Holding { session, .. } = left.standing {
            for message in &mut self.messages {
                if message.session == Some(session) {
                    message.token = None;
                }
            }
        }
    }

    fn holder(&self, session: usize) -> Option<&ModelConsumer> {
        self.consumers.values().find(|consumer| {
            matches!(consumer.standing, Standing::Holding { session: held, .. } if held == session)
        })
    }

    /// The place of the message that the holder of a session gets next.
    fn next_of(&self, session: usize) -> Option<usize> {
        let waits = |message: &&(usize, &ModelMessage)| {
            let message = message.1;
            message.session == Some(session) && !message.deferred && message.token.is_none()
        };
        let waiting = self.messages.iter().enumerate();
        let next = waiting.filter(|message| waits(&message));
        next.min_by_key(|(_, message)| message.sequence)
            .map(|(place, _)| place)
    }

    /// Learns which of those who waited have got a session.
    fn note_grants(&mut self) {
        let mut waiting: Vec<_> = self
            .consumers
            .iter()
            .filter(|(_, consumer)| consumer.standing == Standing::Waiting)
            .map(|(place, consumer)| (consumer.id, *place))
            .collect();
        waiting.sort();
        let mut in_vain = None;
        let now = self.fixture.now;
        for (id, place) in waiting {
            match self.fixture.broker.session_standing(id, now) {
                Some(SessionStanding::Waiting) => in_vain = Some(id),
                Some(SessionStanding::Holding { session, until }) => {
                    assert_eq!(in_vain, None, "{id:?} was served before");
                    let session = SESSIONS.iter().position(|known| **known == *session);
                    let session = session.expect("a known session");
                    assert!(self.holder(session).is_none(), "{session} was held");
                    assert!(self.next_of(session).is_some(), "{session} has nothing");
                    assert_eq!(until, now.after(LOCK));
                    let granted = self.consumers.get_mut(&place).unwrap();
                    granted.standing = Standing::Holding { session, until };
                }
                other => panic!("{id:?} is {other:?}"),
            }
        }
        let free =
            |session: &usize| self.holder(*session).is_none() && self.next_of(*session).is_some();
        let free: Vec<usize> = (0..SESSIONS.len()).filter(free).collect();
        assert!(in_vain.is_none() || free.is_empty(), "{free:?} are free");
    }

    fn renew(&mut self, consumer: usize) {
        let now = self.fixture.now;
        let Some(consumer) = self.consumers.get_mut(&consumer) else {
            return;
        };
        let outcome = self.fixture.broker.renew_session_lock(consumer.id, now);
        match &mut consumer.standing {
            Standing::Holding { until, .. } => {
                *until = now.after(LOCK);
                assert_eq!(outcome, Ok(*until));
            }
            _ => assert_eq!(outcome, Err(BrokerError::SessionLockLost)),
        }
    }

    fn set_state(&mut self, consumer: usize, state: Option<u8>) {
        let now = self.fixture.now;
        let Some(ModelConsumer { id, standing, .. }) = self.consumers.get(&consumer) else {
            return;
        };
        let bytes = state.map(|state| vec![state].into());
        let outcome = self.fixture.broker.set_session_state(*id, bytes, now);
        match (standing, state) {
            (Standing::Holding { session, .. }, Some(state)) => {
                self.states.insert(*session, state);
            }
            (Standing::Holding { session, .. }, None) => {
                self.states.remove(session);
            }
            (_, _) => {
                assert_eq!(outcome, Err(BrokerError::SessionLockLost));
                return;
            }
        }
        assert_eq!(outcome, Ok(()));
    }

    fn compare(&mut self) {
        for (queue, dead) in [(self.fixture.orders, false), (self.fixture.dead, true)] {
            let mut expected: Vec<_> = self
                .messages
                .iter()
                .filter(|message| message.session.is_none() == dead)
                .map(|message| (message.sequence, message.body.clone(), message.count))
                .collect();
            expected.sort();
            assert_eq!(self.fixture.content(queue), expected, "dead: {dead}");
        }
        let mut listed: Vec<&str> = (0..SESSIONS.len())
            .filter(|session| {
                let active = |message: &ModelMessage| {
                    message.session == Some(*session)
                        && (!message.deferred || message.token.is_some())
                };
                self.states.contains_key(session) || self.messages.iter().any(active)
            })
            .map(|session| SESSIONS[session])
            .collect();
        listed.sort_unstable();
        let (orders, now) = (self.fixture.orders, self.fixture.now);
        let seen = self.fixture.broker.session_ids(orders, None, now).unwrap();
        assert_eq!(seen.collect::<Vec<_>>(), listed);
        for consumer in self.consumers.values() {
            if let Standing::Holding { session, .. } = consumer.standing {
                let state = self.fixture.broker.session_state(consumer.id, now).unwrap();
                let expected = self.states.get(&session).map(|state| vec![*state].into());
                assert_eq!(state, expected, "state of {:?}", SESSIONS[session]);
            }
        }
    }
}

fn mode(receive_and_delete: bool) -> ReceiveMode {
    if receive_and_delete {
        ReceiveAndDelete
    } else {
        PeekLock
    }
}

proptest! {
    #![proptest_config(model_config())]

    #[test]
    fn sessions_agree_with_the_model(operations in prop::collection::vec(operation(), 1..200)) {
        let mut model = Model::new();
        for operation in operations {
            model.run(operation);
        }
    }
}
