//! An emulator with the queues `orders` and `invoices`, and a client of it.

use std::time::Duration;

use servicebus::{Client, ClientBuilder, Message, ReceivedMessage, Receiver, Sender, Transaction};
use servicebus_emulator::Emulator;

/// Long enough for any answer of the emulator; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) struct Shop {
    pub(crate) client: Client,
    pub(crate) emulator: Emulator,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let emulator = Emulator::builder()
            .queue("orders")
            .queue("invoices")
            .start()
            .expect("the emulator starts");
        let builder = ClientBuilder::from_connection_string(&emulator.connection_string())
            .expect("the emulator's connection string is good");
        let client = set_up(builder).build().expect("the client starts");
        Shop { client, emulator }
    }

    pub(crate) fn sender(&self, queue: &str) -> Sender {
        self.client.queue_sender(queue).open().expect("it opens")
    }

    pub(crate) fn receiver(&self, queue: &str) -> Receiver {
        self.client.queue_receiver(queue).open().expect("it opens")
    }

    /// A receiver of `orders`, and a message that it has locked.
    pub(crate) fn order(&self) -> (Receiver, ReceivedMessage) {
        self.sender("orders")
            .send_messages(Message::new("order"))
            .expect("it is stored");
        let receiver = self.receiver("orders");
        let message = receiver
            .next_message(LONG)
            .expect("receiving works")
            .expect("a message is there");
        (receiver, message)
    }

    /// A receiver of `orders`, and deferred messages that it has locked.
    pub(crate) fn deferred(&self, bodies: &[&str]) -> (Receiver, Vec<ReceivedMessage>) {
        let messages: Vec<Message> = bodies.iter().map(|body| Message::new(*body)).collect();
        self.sender("orders")
            .send_messages(&messages)
            .expect("they are stored");
        let receiver = self.receiver("orders");
        let received = receiver
            .receive_messages(bodies.len(), LONG)
            .expect("they come");
        let deferred = receiver.defer_messages(&received);
        assert!(deferred.iter().all(Result::is_ok), "{deferred:?}");
        let numbers: Vec<i64> = received
            .iter()
            .filter_map(ReceivedMessage::sequence_number)
            .collect();
        let messages = receiver
            .receive_deferred_messages(&numbers)
            .expect("they are deferred");
        (receiver, messages)
    }

    /// A receiver of `orders`, a message that it has locked, and a transaction that completes the message.
    pub(crate) fn completing(&self) -> (Receiver, ReceivedMessage, Transaction) {
        let (receiver, order) = self.order();
        let transaction = self.client.transaction().expect("it begins");
        transaction
            .complete_message(&receiver, &order)
            .expect("it is noted");
        (receiver, order, transaction)
    }

    /// How many messages are active and locked.
    #[track_caller]
    pub(crate) fn assert_counts(&self, queue: &str, active: usize, locked: usize) {
        let counts = self.emulator.counts(queue).expect("the queue exists");
        assert_eq!(
            (counts.active, counts.locked),
            (active, locked),
            "active and locked in {queue}; the emulator saw\n{}",
            self.emulator.journal().join("\n")
        );
    }
}
