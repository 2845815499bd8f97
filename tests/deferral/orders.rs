//! An emulator with the queue `orders` and the session queue `desk`, and a client of it.

use std::time::Duration;

use servicebus::{
    Client, Message, ReceiveMode, ReceivedMessage, Receiver, RetryMode, RetryOptions,
};
use servicebus_emulator::{Emulator, Fault, FaultId, MessageCounts, QueueOptions};

/// Long enough for any answer of the emulator; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);
/// How long a call waits where nothing is to come.
pub(crate) const SHORT: Duration = Duration::from_millis(50);
/// How long a lock lasts.
pub(crate) const LOCK: Duration = Duration::from_secs(30);

pub(crate) const RECEIVE: &str = "com.microsoft:receive-by-sequence-number";

pub(crate) struct Orders {
    pub(crate) client: Client,
    pub(crate) emulator: Emulator,
}

impl Orders {
    pub(crate) fn new() -> Self {
        Self::with_retries(RetryOptions::new())
    }

    /// With a client that gives an attempt up soon, and soon tries again.
    pub(crate) fn impatient() -> Self {
        Self::with_retries(
            RetryOptions::new()
                .with_mode(RetryMode::Fixed)
                .with_backoff(Duration::from_millis(20))
                .with_busy_pause(Duration::from_millis(20))
                .with_try_timeout(Duration::from_millis(300)),
        )
    }

    fn with_retries(retries: RetryOptions) -> Self {
        let options = QueueOptions::new().lock_duration(LOCK);
        let emulator = Emulator::builder()
            .queue_with("orders", options.clone())
            .queue_with("desk", options.requires_session(true))
            .start()
            .expect("the emulator starts");
        // Time moves where a test wants it to.
        emulator.freeze();
        let client =
            servicebus::ClientBuilder::from_connection_string(&emulator.connection_string())
                .expect("the emulator's connection string is good")
                .retry_options(retries)
                .build()
                .expect("the client starts");
        Orders { client, emulator }
    }

    pub(crate) fn receiver(&self) -> Receiver {
        self.receiver_in(ReceiveMode::PeekLock)
    }

    pub(crate) fn receiver_in(&self, mode: ReceiveMode) -> Receiver {
        self.client
            .queue_receiver("orders")
            .receive_mode(mode)
            .open()
            .expect("the receiver opens")
    }

    pub(crate) fn send(&self, queue: &str, messages: Vec<Message>) {
        let sender = self.client.queue_sender(queue).open().expect("it opens");
        sender.send_messages(messages).expect("they are stored");
    }

    /// Sends messages and defers them; returns their numbers.
    pub(crate) fn defer(&self, bodies: &[&str]) -> Vec<i64> {
        self.send(
            "orders",
            bodies.iter().map(|body| Message::new(*body)).collect(),
        );
        let receiver = self.receiver();
        let messages = receiver
            .receive_messages(bodies.len(), LONG)
            .expect("they come");
        for message in &messages {
            receiver.defer_message(message).expect("it is set aside");
        }
        numbers(&messages)
    }

    pub(crate) fn inject(&self, fault: Fault) -> FaultId {
        self.emulator.inject(fault).expect("the fault is valid")
    }

    pub(crate) fn counts(&self) -> MessageCounts {
        self.emulator.counts("orders").expect("the queue exists")
    }

    /// How many messages are deferred, locked, active and dead-lettered.
    #[track_caller]
    pub(crate) fn assert_counts(
        &self,
        deferred: usize,
        locked: usize,
        active: usize,
        dead_lettered: usize,
    ) {
        let counts = self.counts();
        assert_eq!(
            (
                counts.deferred,
                counts.locked,
                counts.active,
                counts.dead_lettered
            ),
            (deferred, locked, active, dead_lettered),
            "deferred, locked, active, dead-lettered; the emulator saw\n{}",
            self.seen()
        );
    }

    /// What the emulator saw, for the messages of failing tests.
    pub(crate) fn seen(&self) -> String {
        self.emulator.journal().join("\n")
    }
}

/// The deferred message with this number, which must be there.
#[track_caller]
pub(crate) fn take(receiver: &Receiver, number: i64) -> ReceivedMessage {
    receiver
        .receive_deferred_messages(&[number])
        .expect("it is deferred")
        .pop()
        .expect("it comes")
}

pub(crate) fn numbers(messages: &[ReceivedMessage]) -> Vec<i64> {
    messages
        .iter()
        .filter_map(ReceivedMessage::sequence_number)
        .collect()
}

pub(crate) fn bodies(messages: &[ReceivedMessage]) -> Vec<String> {
    messages.iter().map(ToString::to_string).collect()
}
