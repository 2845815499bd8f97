//! Random operations on the broker, and the same ones on a naive reference of it.
//!
//! The reference does not decide who gets a message: the broker may choose any consumer. It knows
//! what could be handed out, and what follows from it: verdicts, counts, moves, numbers, times.
//! After every operation both must hold the same messages in the same places.

mod agreement;
mod arrangement;
mod operation;
mod receiving;
mod reference;
mod sending;
mod settings;
mod settling;

use proptest::prelude::*;

use self::arrangement::{chain, one_queue, sessions, topic, Arrangement, Routes};
use self::operation::{operation, Operation, Pick, Wish, Within};
use self::receiving::ModelConsumer;
use self::reference::{ModelMessage, Place, Reference, Sent, Verdict, Work};
use super::*;

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

const CONSUMERS: usize = 4;
const TRANSACTIONS: usize = 3;
const SESSIONS: [&str; 3] = ["a", "b", ""];

/// The ids of messages that may be duplicates.
const IDS: [&str; 3] = ["x", "y", "z"];

struct Model {
    broker: Broker,
    reference: Reference,
    routes: Vec<Routes>,
    consumers: [Option<ModelConsumer>; CONSUMERS],
    /// Every token ever seen, those of ended locks included, with its place.
    tokens: Vec<(LockToken, Place)>,
    transactions: [Option<TransactionId>; TRANSACTIONS],
    sent: usize,
    witness: agreement::Witness,
}

impl Model {
    fn new(arrangement: Arrangement) -> Self {
        let Arrangement {
            broker,
            entities,
            routes,
        } = arrangement;
        Self {
            broker,
            reference: Reference::new(START, entities),
            routes,
            consumers: Default::default(),
            tokens: Vec::new(),
            transactions: Default::default(),
            sent: 0,
            witness: agreement::Witness::default(),
        }
    }

    fn now(&self) -> Timestamp {
        self.reference.now
    }

    fn run(&mut self, operation: Operation) {
        let entities = self.reference.entities.len();
        match operation {
            Operation::Send {
                entity,
                wishes,
                within,
            } => self.send(entity.index(entities), &wishes, within),
            Operation::Cancel(message) => self.cancel(message),
            Operation::Delete {
                entity,
                part,
                session,
                count,
                age,
            } => {
                let entity = entity.index(entities);
                let before = Timestamp::from_millis(
                    self.now().millis() + 1_000 - 1_000 * i64::try_from(age).unwrap(),
                );
                self.delete(Place { entity, part }, session, count, before);
            }
            Operation::Attach {
                consumer,
                entity,
                part,
                session,
                deletes,
                credit,
            } => {
                self.detach(consumer);
                let entity = entity.index(entities);
                self.attach(consumer, Place { entity, part }, session, mode(deletes));
                self.set_credit(consumer, credit);
            }
            Operation::Detach(consumer) => self.detach(consumer),
            Operation::SetCredit(consumer, credit) => self.set_credit(consumer, credit),
            Operation::Take { consumer, count } => {
                for _ in 0..count {
                    self.take(consumer);
                }
            }
            Operation::Drain(consumer) => self.drain(consumer),
            Operation::ReceiveDeferred { message, deletes } => {
                self.receive_deferred(message, mode(deletes));
            }
            Operation::Settle {
                token,
                verdict,
                within,
            } => self.settle(token, verdict, within),
            Operation::Renew(token) => self.renew(token),
            Operation::RenewSession(consumer) => self.renew_session(consumer),
            Operation::SetStatus(entity, status) => {
                self.set_status(entity.index(entities), status);
            }
            Operation::Forward { entity, dead, on } => {
                self.set_forwarding(entity.index(entities), dead, on);
            }
            Operation::SetRule {
                entity,
                rule,
                there,
            } => self.set_rule(entity.index(entities), rule, there),
            Operation::Declare(slot) => self.transactions[slot] = Some(self.declare()),
            Operation::Discharge {
                slot,
                fails,
                forgets,
            } => self.discharge(slot, fails, forgets),
            Operation::Advance(seconds) => {
                self.advance(self.now().after(Duration::from_secs(seconds)));
            }
            Operation::AdvanceToNext { just_before } => {
                let due = self.broker.next_due().unwrap_or(self.now());
                let to = Timestamp::from_millis(due.millis() - i64::from(just_before));
                self.advance(to.max(self.now()));
            }
        }
        self.settle_down();
        self.agree();
    }

    fn advance(&mut self, to: Timestamp) {
        self.reference.pass(to);
        self.broker.fire_due(to);
    }

    /// Lets the reference do what an operation has made due at once.
    fn settle_down(&mut self) {
        self.reference.let_leave();
        self.reference.carry();
        self.reference.pass(self.now());
    }
}

/// One of the candidates, or of all if there are none that suit.
fn pick<T: Clone>(pick: Pick, suiting: Vec<T>, all: Vec<T>) -> Option<T> {
    let from = if pick.suits && !suiting.is_empty() {
        suiting
    } else {
        all
    };
    (!from.is_empty()).then(|| from[pick.index.index(from.len())].clone())
}

fn mode(deletes: bool) -> ReceiveMode {
    if deletes {
        ReceiveMode::ReceiveAndDelete
    } else {
        ReceiveMode::PeekLock
    }
}

fn run(arrangement: Arrangement, operations: Vec<Operation>) {
    let mut model = Model::new(arrangement);
    for operation in operations {
        model.run(operation);
    }
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), 1..200)
}

proptest! {
    #![proptest_config(model_config())]

    #[test]
    fn a_queue_agrees_with_the_model(keeps_expired: bool, operations in operations()) {
        run(one_queue(keeps_expired), operations);
    }

    #[test]
    fn queues_with_sessions_agree_with_the_model(
        keeps_expired: bool,
        operations in operations(),
    ) {
        run(sessions(keeps_expired), operations);
    }

    #[test]
    fn forwarding_queues_agree_with_the_model(keeps_expired: bool, operations in operations()) {
        run(chain(keeps_expired), operations);
    }

    #[test]
    fn a_topic_agrees_with_the_model(keeps_expired: bool, operations in operations()) {
        run(topic(keeps_expired), operations);
    }
}
