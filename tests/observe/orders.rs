//! An emulator with the queue `orders`, the session queue `desk` and the subscription `events/audit`, and a client.

use std::time::{Duration, Instant};

use servicebus::{
    Client, ClientBuilder, Message, ReceivedMessage, Receiver, RetryMode, RetryOptions, Sender,
};
use servicebus_emulator::{Emulator, Fault, FaultId, QueueOptions};

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
        Self::with_client(|builder| builder)
    }

    /// With a client that is set up further.
    pub(crate) fn with_client(set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let emulator = emulator(0);
        let client = set_up(builder(&emulator))
            .build()
            .expect("the client is built");
        Orders { client, emulator }
    }

    pub(crate) fn send(&self, bodies: &[&str]) {
        let messages: Vec<Message> = bodies.iter().map(|body| Message::new(*body)).collect();
        self.sender()
            .send_messages(&messages)
            .expect("the messages are stored");
    }

    pub(crate) fn sender(&self) -> Sender {
        self.client
            .queue_sender("orders")
            .open()
            .expect("the sender opens")
    }

    pub(crate) fn receiver(&self, prefetch: u32) -> Receiver {
        self.client
            .queue_receiver("orders")
            .prefetch_count(prefetch)
            .max_wait_time(SHORT)
            .open()
            .expect("the receiver opens")
    }

    pub(crate) fn inject(&self, fault: Fault) -> FaultId {
        self.emulator.inject(fault).expect("the fault is valid")
    }

    /// Waits until it is so.
    #[track_caller]
    pub(crate) fn until(&self, so: impl Fn() -> bool) {
        let start = Instant::now();
        while !so() {
            assert!(start.elapsed() < LONG, "it never is\n{}", self.seen());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// What the emulator saw, for the messages of failing tests.
    pub(crate) fn seen(&self) -> String {
        self.emulator.journal().join("\n")
    }
}

/// An emulator on this port, or on a free one with 0.
pub(crate) fn emulator(port: u16) -> Emulator {
    Emulator::builder()
        .port(port)
        .queue("orders")
        .queue_with("desk", QueueOptions::new().requires_session(true))
        .topic("events")
        .subscription("events", "audit")
        .start()
        .expect("the emulator starts")
}

/// A client of the emulator that does not give up soon, with short pauses.
pub(crate) fn builder(emulator: &Emulator) -> ClientBuilder {
    let retry = RetryOptions::new()
        .with_total(1_000)
        .with_mode(RetryMode::Fixed)
        .with_backoff(Duration::from_millis(20))
        .with_busy_pause(Duration::from_millis(20));
    ClientBuilder::from_connection_string(&emulator.connection_string())
        .expect("the emulator's connection string is good")
        .retry_options(retry)
}

/// The next message, which must be there.
#[track_caller]
pub(crate) fn next(receiver: &Receiver) -> ReceivedMessage {
    receiver
        .next_message(LONG)
        .expect("receiving works")
        .expect("a message is there")
}
