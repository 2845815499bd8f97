//! An emulator with the queues `orders` and `closed`, to which the queue `forwarding` and the subscription `events/all`
//! forward, the session queue `desk`, and a client of it.

use std::time::Duration;

use servicebus::{Client, ClientBuilder, Message, Receiver, Result, RetryMode, RetryOptions};
use servicebus_emulator::{
    Emulator, EntityStatus, Fault, FaultId, MessageCounts, QueueOptions, SubscriptionOptions, Tier,
};

/// Long enough for any answer of the emulator; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) const PEEK: &str = "com.microsoft:peek-message";
pub(crate) const DELETE: &str = "com.microsoft:batch-delete-messages";

pub(crate) struct Store {
    pub(crate) client: Client,
    pub(crate) emulator: Emulator,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self::with(Tier::Premium, RetryOptions::new())
    }

    /// With a client that gives an attempt up soon, and soon tries again.
    pub(crate) fn impatient() -> Self {
        let retries = RetryOptions::new()
            .with_mode(RetryMode::Fixed)
            .with_backoff(Duration::from_millis(20))
            .with_busy_pause(Duration::from_millis(20))
            .with_try_timeout(Duration::from_millis(300));
        Self::with(Tier::Premium, retries)
    }

    pub(crate) fn with(tier: Tier, retries: RetryOptions) -> Self {
        let forwarding = QueueOptions::new().forward_to("closed");
        let subscription = SubscriptionOptions::new().forward_to("closed");
        let emulator = Emulator::builder()
            .tier(tier)
            .queue("orders")
            .queue("closed")
            .queue_with("forwarding", forwarding)
            .queue_with("desk", QueueOptions::new().requires_session(true))
            .topic("events")
            .subscription_with("events", "all", subscription)
            .start()
            .expect("the emulator starts");
        let closed = QueueOptions::new().status(EntityStatus::SendDisabled);
        emulator
            .update_queue("closed", closed)
            .expect("it can be closed");
        let client = ClientBuilder::from_connection_string(&emulator.connection_string())
            .expect("the emulator's connection string is good")
            .retry_options(retries)
            .build()
            .expect("the client starts");
        Store { client, emulator }
    }

    pub(crate) fn receiver(&self) -> Receiver {
        self.client
            .queue_receiver("orders")
            .open()
            .expect("it opens")
    }

    pub(crate) fn session(&self, id: &str) -> Receiver {
        self.client
            .queue_receiver("desk")
            .session_id(id)
            .open()
            .expect("the session is free")
    }

    pub(crate) fn send(&self, queue: &str, messages: &[Message]) {
        let sender = self.client.queue_sender(queue).open().expect("it opens");
        for some in messages.chunks(1_000) {
            sender.send_messages(some).expect("they are stored");
        }
    }

    /// Sends messages with the bodies 0, 1, ...
    pub(crate) fn fill(&self, count: usize) {
        let messages: Vec<Message> = (0..count)
            .map(|number| Message::new(number.to_string()))
            .collect();
        self.send("orders", &messages);
    }

    pub(crate) fn inject(&self, fault: Fault) -> FaultId {
        self.emulator.inject(fault).expect("the fault is valid")
    }

    /// Counts requests without touching them.
    pub(crate) fn count(&self, operation: &str) -> FaultId {
        self.inject(Fault::delay_request(Duration::ZERO).operation(operation))
    }

    pub(crate) fn hits(&self, fault: FaultId) -> u64 {
        self.emulator.hits(fault).expect("the fault is set")
    }

    pub(crate) fn counts(&self, queue: &str) -> MessageCounts {
        self.emulator.counts(queue).expect("the queue exists")
    }

    #[track_caller]
    pub(crate) fn assert_active(&self, queue: &str, active: usize) {
        assert_eq!(self.counts(queue).active, active, "{}", self.seen());
    }

    /// Runs a call whose answers do not come until another thread closes the receiver.
    pub(crate) fn close_under<T: Send + 'static>(
        &self,
        unanswered: FaultId,
        receiver: &Receiver,
        call: impl FnOnce(&Receiver) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let before = self.hits(unanswered);
        let waiting = {
            let receiver = receiver.clone();
            std::thread::spawn(move || call(&receiver))
        };
        while self.hits(unanswered) == before {
            std::thread::yield_now();
        }
        receiver.close().expect("it closes");
        waiting.join().expect("the thread ends")
    }

    /// What the emulator saw, for the messages of failing tests.
    pub(crate) fn seen(&self) -> String {
        self.emulator.journal().join("\n")
    }
}
