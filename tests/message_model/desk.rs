//! An emulator with the queue `orders` whose message time stands still, a sender and a receiver.

use std::time::Duration;

use servicebus::{Client, Message, ReceivedMessage, Receiver, Sender};
use servicebus_emulator::Emulator;

/// Long enough for any answer of the emulator; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(20);

pub(crate) struct Desk {
    pub(crate) sender: Sender,
    pub(crate) receiver: Receiver,
    pub(crate) emulator: Emulator,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let emulator = Emulator::builder()
            .queue("orders")
            .start()
            .expect("the emulator starts");
        emulator.freeze();
        let client = Client::from_connection_string(&emulator.connection_string())
            .expect("the emulator's connection string is good");
        Desk {
            sender: client.queue_sender("orders").open().expect("it opens"),
            receiver: client.queue_receiver("orders").open().expect("it opens"),
            emulator,
        }
    }

    /// The message as it is received after it was sent.
    #[track_caller]
    pub(crate) fn through(&self, message: impl Into<Message>) -> ReceivedMessage {
        let message = message.into();
        if let Err(error) = self.sender.send_messages(&message) {
            panic_with(&format!("{error:?} for {message:?}"), &self.emulator);
        }
        self.next()
    }

    /// The next message, completed.
    #[track_caller]
    pub(crate) fn next(&self) -> ReceivedMessage {
        let received = self
            .receiver
            .next_message(LONG)
            .expect("receiving works")
            .expect("a message is there");
        self.receiver
            .complete_message(&received)
            .expect("it is completed");
        received
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a message that is refused ends the test")]
fn panic_with(what: &str, emulator: &Emulator) {
    panic!(
        "{what}; the emulator saw\n{}",
        emulator.journal().join("\n")
    );
}
