//! What the broker promises, by behaviour.

mod batch_delete;
mod capacity;
mod credit;
mod dead_letter;
mod deferral;
mod draft;
mod duplicates;
mod expiry;
mod fan_out;
mod fan_out_model;
mod forwarding;
mod idle;
mod intake;
mod invariants;
mod locks;
mod model;
mod queueing;
mod quota;
mod rules;
mod schedule;
mod session_invariants;
mod session_model;
mod session_state;
mod sessions;
mod topics;
mod totals;
mod transactions;
mod transfer;

use std::time::Duration;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

use super::*;
use crate::message::PropertyChanges;
use draft::Draft;

const SECOND: Duration = Duration::from_secs(1);
const LOCK: Duration = Duration::from_secs(60);

/// A broker with the queue `orders`, and the time that passes for it.
struct Fixture {
    broker: Broker,
    now: Timestamp,
    orders: QueueRef,
    dead: QueueRef,
}

impl Fixture {
    fn new() -> Self {
        Self::with(QueueOptions::new())
    }

    fn with(options: QueueOptions) -> Self {
        let mut broker = Broker::new(Tier::Standard);
        broker.create_queue("orders", options).unwrap();
        let orders = broker.resolve("orders").unwrap();
        let dead = broker.resolve("orders/$DeadLetterQueue").unwrap();
        let now = Timestamp::from_millis(1_700_000_000_000);
        Self {
            broker,
            now,
            orders,
            dead,
        }
    }

    fn send(&mut self, bodies: &[&str]) {
        let messages = bodies.iter().map(|body| message(body)).collect();
        self.broker
            .enqueue(self.orders, messages, self.now)
            .unwrap();
        self.check();
    }

    /// Sends a message that is enqueued later, and says its number.
    fn schedule(&mut self, body: &str, delay: Duration) -> i64 {
        let at = self.now.after(delay);
        self.enqueue(Draft::new(body).at(at))
    }

    /// Sends a message that lives only so long.
    fn send_mortal(&mut self, body: &str, life: Duration) -> i64 {
        self.enqueue(Draft::new(body).living(life))
    }

    fn enqueue(&mut self, draft: Draft<'_>) -> i64 {
        let messages = vec![draft.message()];
        let numbers = self.broker.enqueue(self.orders, messages, self.now);
        self.check();
        numbers.unwrap()[0]
    }

    fn cancel(&mut self, numbers: &[i64]) -> Result<(), BrokerError> {
        let outcome = self.broker.cancel_scheduled(self.orders, numbers, self.now);
        self.check();
        outcome
    }

    fn attach(&mut self, mode: ReceiveMode, credit: u32) -> ConsumerId {
        self.attach_to(self.orders, mode, credit)
    }

    fn attach_to(&mut self, queue: QueueRef, mode: ReceiveMode, credit: u32) -> ConsumerId {
        let consumer = self.broker.attach_consumer(queue, mode).unwrap();
        self.credit(consumer, credit);
        consumer
    }

    fn credit(&mut self, consumer: ConsumerId, credit: u32) {
        self.broker.set_credit(consumer, credit, self.now);
        self.check();
    }

    fn take(&mut self, consumer: ConsumerId) -> Option<Delivery> {
        let delivery = self.broker.take_delivery(consumer, self.now);
        self.check();
        delivery
    }

    fn take_bodies(&mut self, consumer: ConsumerId) -> Vec<String> {
        std::iter::from_fn(|| self.take(consumer))
            .map(|delivery| body(&delivery))
            .collect()
    }

    /// Takes a delivery and returns its lock token.
    fn lock(&mut self, consumer: ConsumerId) -> LockToken {
        let delivery = self.take(consumer).expect("a message should be there");
        delivery.lock.expect("it should be locked").token
    }

    fn settle(&mut self, token: LockToken, settlement: Settlement) -> Result<(), BrokerError> {
        self.settle_in(self.orders, token, settlement)
    }

    fn settle_in(
        &mut self,
        queue: QueueRef,
        token: LockToken,
        settlement: Settlement,
    ) -> Result<(), BrokerError> {
        let outcome = self.broker.settle(queue, token, settlement, self.now);
        self.check();
        outcome
    }

    fn advance(&mut self, by: Duration) {
        self.now = self.now.after(by);
        self.broker.fire_due(self.now);
        self.check();
    }

    /// Sequence number, body and delivery count of every message of a queue.
    fn content(&mut self, queue: QueueRef) -> Vec<(i64, String, u32)> {
        let messages = self.broker.peek(queue, 1, self.now).unwrap();
        messages
            .map(|seen| (seen.sequence, body(&seen), seen.delivery_count))
            .collect()
    }

    /// Asks for deferred messages of `orders` under a lock.
    fn receive_deferred(&mut self, numbers: &[i64]) -> Result<Vec<Delivery>, BrokerError> {
        let mode = ReceiveMode::PeekLock;
        let outcome =
            self.broker
                .receive_deferred(self.orders, None, numbers, mode, u64::MAX, self.now);
        self.check();
        outcome
    }

    fn check(&self) {
        invariants::check(&self.broker);
    }
}

/// How a model is run: a few sequences that are always the same, or as many others as a thorough run
/// asks for.
fn model_config() -> ProptestConfig {
    let thorough = std::env::var_os("PROPTEST_CASES").is_some();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if thorough {
        return config;
    }
    ProptestConfig {
        cases: 64,
        rng_seed: RngSeed::Fixed(0x7091_c5ab),
        ..config
    }
}

fn abandon() -> Settlement {
    let changes = PropertyChanges::default();
    Settlement::Abandon { changes }
}

fn defer() -> Settlement {
    let changes = PropertyChanges::default();
    Settlement::Defer { changes }
}

fn dead_letter() -> Settlement {
    Settlement::DeadLetter {
        reason: Some("tired".to_owned()),
        description: Some("of it all".to_owned()),
        changes: PropertyChanges::default(),
    }
}

/// A message with one short data section.
fn message(body: &str) -> Message {
    Draft::new(body).message()
}

fn body(delivery: &Delivery) -> String {
    String::from_utf8(delivery.message.body[5..].to_vec()).unwrap()
}
