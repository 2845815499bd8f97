//! What the broker promises, by behaviour.

mod batch_delete;
mod credit;
mod dead_letter;
mod deferral;
mod invariants;
mod locks;
mod model;
mod queueing;
mod rules;
mod schedule;
mod session_invariants;
mod session_model;
mod session_state;
mod sessions;

use std::time::Duration;

use bytes::BytesMut;
use servicebus_amqp::descriptor::MESSAGE_ANNOTATIONS;
use servicebus_amqp::writer::Writer;

use super::*;
use crate::message::PropertyChanges;

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
        let message = scheduled(body, self.now.after(delay));
        let numbers = self.broker.enqueue(self.orders, vec![message], self.now);
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
    Message::decode(&data(body)).unwrap()
}

fn data(body: &str) -> Vec<u8> {
    let length = u8::try_from(body.len()).expect("test bodies are short");
    let mut section = vec![0x00, 0x53, 0x75, 0xa0, length];
    section.extend_from_slice(body.as_bytes());
    section
}

/// A message that names the instant at which it is to be enqueued.
fn scheduled(body: &str, at: Timestamp) -> Message {
    let mut payload = BytesMut::new();
    Writer::new(&mut payload).put_described(MESSAGE_ANNOTATIONS, |writer| {
        writer.put_map(|writer| {
            writer.put_symbol("x-opt-scheduled-enqueue-time");
            writer.put_timestamp(at.millis());
        });
    });
    payload.extend_from_slice(&data(body));
    Message::decode(&payload).unwrap()
}

fn body(delivery: &Delivery) -> String {
    String::from_utf8(delivery.message.body[5..].to_vec()).unwrap()
}
