//! An emulator with the queue `orders`, a client of it, and what a failing test wants to know of both.

use std::time::Duration;

use servicebus::{Client, Message, ReceivedMessage, Receiver, Sender};
use servicebus_emulator::{Emulator, MessageCounts, QueueOptions};

/// Long enough for any answer of the emulator; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);
/// How long a call waits where nothing is to come.
pub(crate) const SHORT: Duration = Duration::from_millis(50);

pub(crate) struct Orders {
    pub(crate) client: Client,
    pub(crate) emulator: Emulator,
}

impl Orders {
    pub(crate) fn new() -> Self {
        Self::with_options(QueueOptions::new())
    }

    pub(crate) fn with_options(options: QueueOptions) -> Self {
        let emulator = Emulator::builder()
            .queue_with("orders", options)
            .start()
            .expect("the emulator starts");
        let client = Client::from_connection_string(&emulator.connection_string())
            .expect("the emulator's connection string is good");
        Orders { client, emulator }
    }

    /// With the messages in the queue, in order.
    pub(crate) fn holding(bodies: &[&str]) -> Self {
        let orders = Self::new();
        orders.send(bodies);
        orders
    }

    pub(crate) fn sender(&self) -> Sender {
        self.client
            .queue_sender("orders")
            .open()
            .expect("the sender opens")
    }

    pub(crate) fn receiver(&self) -> Receiver {
        self.client
            .queue_receiver("orders")
            .max_wait_time(SHORT)
            .open()
            .expect("the receiver opens")
    }

    pub(crate) fn send(&self, bodies: &[&str]) {
        let messages: Vec<Message> = bodies.iter().map(|body| Message::new(*body)).collect();
        self.sender()
            .send_messages(&messages)
            .expect("the messages are stored");
    }

    pub(crate) fn counts(&self) -> MessageCounts {
        self.emulator.counts("orders").expect("the queue exists")
    }

    /// How many messages are active, locked and dead-lettered.
    #[track_caller]
    pub(crate) fn assert_counts(&self, active: usize, locked: usize, dead_lettered: usize) {
        let counts = self.counts();
        assert_eq!(
            (counts.active, counts.locked, counts.dead_lettered),
            (active, locked, dead_lettered),
            "active, locked, dead-lettered; the emulator saw\n{}",
            self.seen()
        );
    }

    /// What the emulator saw, for the messages of failing tests.
    pub(crate) fn seen(&self) -> String {
        self.emulator.journal().join("\n")
    }
}

/// The next message, which must be there.
#[track_caller]
pub(crate) fn next(receiver: &Receiver) -> ReceivedMessage {
    receiver
        .next_message(LONG)
        .expect("receiving works")
        .expect("a message is there")
}

pub(crate) fn bodies(messages: &[ReceivedMessage]) -> Vec<String> {
    messages.iter().map(ToString::to_string).collect()
}
