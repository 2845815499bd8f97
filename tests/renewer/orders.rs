//! An emulator with the queue `orders`, whose locks are short, the session queue `desk`, and a client of both.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use servicebus::{AutoLockRenewer, Client, Message, ReceivedMessage, Receiver, RenewalFailure};
use servicebus_emulator::{Emulator, Fault, FaultId, QueueOptions};

/// Long enough for anything; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);
/// How long a lock lasts: as short as may be.
pub(crate) const LOCK: Duration = Duration::from_secs(5);

pub(crate) struct Orders {
    pub(crate) client: Client,
    pub(crate) emulator: Emulator,
}

impl Orders {
    pub(crate) fn holding(bodies: &[&str]) -> Self {
        let options = QueueOptions::new().lock_duration(LOCK);
        let emulator = Emulator::builder()
            .queue_with("orders", options.clone())
            .queue_with("desk", options.requires_session(true))
            .start()
            .expect("the emulator starts");
        // No lock runs out because the machine is slow: time moves by `until` and by what a test wants.
        emulator.freeze();
        let client = Client::from_connection_string(&emulator.connection_string())
            .expect("the emulator's connection string is good");
        let orders = Orders { client, emulator };
        orders.send("orders", bodies.iter().map(|body| Message::new(*body)));
        orders
    }

    pub(crate) fn send(&self, queue: &str, messages: impl Iterator<Item = Message>) {
        let messages: Vec<Message> = messages.collect();
        let sender = self.client.queue_sender(queue).open().expect("it opens");
        sender.send_messages(&messages).expect("they are stored");
    }

    pub(crate) fn receiver(&self) -> Receiver {
        let receiver = self.client.queue_receiver("orders");
        receiver.open().expect("the receiver opens")
    }

    pub(crate) fn renewed_receiver(&self, renewer: &AutoLockRenewer) -> Receiver {
        self.client
            .queue_receiver("orders")
            .auto_lock_renewer(renewer)
            .open()
            .expect("the receiver opens")
    }

    /// A fault that only counts the requests for renewals.
    pub(crate) fn count_requests(&self) -> FaultId {
        let count = Fault::delay_request(Duration::ZERO).operation("com.microsoft:renew-lock");
        self.emulator.inject(count).expect("the fault is valid")
    }

    pub(crate) fn hits(&self, fault: FaultId) -> u64 {
        self.emulator.hits(fault).expect("the fault is set")
    }

    /// What the emulator saw, for the messages of failing tests.
    pub(crate) fn seen(&self) -> String {
        self.emulator.journal().join("\n")
    }

    /// Waits until the message has been renewed again.
    #[track_caller]
    pub(crate) fn await_renewal(&self, message: &ReceivedMessage) {
        let before = message.locked_until();
        self.until(|| message.locked_until() > before);
    }

    /// Lets more time pass than a lock lasts, with a renewal in between.
    #[track_caller]
    pub(crate) fn outlast(&self, message: &ReceivedMessage) {
        for _ in 0..2 {
            self.emulator.advance(LOCK * 3 / 5);
            self.await_renewal(message);
        }
    }

    /// Waits until it is so.
    #[track_caller]
    pub(crate) fn until(&self, so: impl Fn() -> bool) {
        let start = Instant::now();
        while !so() {
            assert!(start.elapsed() < LONG, "it never is\n{}", self.seen());
            std::thread::sleep(Duration::from_millis(5));
            // So that a lock that is renewed ends later than before.
            self.emulator.advance(Duration::from_millis(1));
        }
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

/// A renewer whose failures come through the channel.
pub(crate) fn telling_renewer() -> (AutoLockRenewer, mpsc::Receiver<RenewalFailure>) {
    let (tell, told) = mpsc::channel();
    let renewer = AutoLockRenewer::builder()
        .on_failure(move |failure| {
            tell.send(failure.clone()).ok();
        })
        .build();
    (renewer, told)
}
