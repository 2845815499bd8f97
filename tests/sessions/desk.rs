//! An emulator with the session queue `desk`, and a client of it.

use std::time::Duration;

use servicebus::{Client, Message, ReceivedMessage, Receiver};
use servicebus_emulator::{Emulator, QueueOptions};

/// Long enough for any answer of the emulator; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);
/// How long a call waits where nothing is to come.
pub(crate) const SHORT: Duration = Duration::from_millis(50);

pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) emulator: Emulator,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let emulator = Emulator::builder()
            .queue_with("desk", QueueOptions::new().requires_session(true))
            .queue("plain")
            .start()
            .expect("the emulator starts");
        let client = Client::from_connection_string(&emulator.connection_string())
            .expect("the emulator's connection string is good");
        Desk { client, emulator }
    }

    /// Sends a message for each pair of session and body.
    pub(crate) fn send(&self, messages: &[(&str, &str)]) {
        let sender = self
            .client
            .queue_sender("desk")
            .open()
            .expect("the sender opens");
        for (session, body) in messages {
            sender
                .send_messages(Message::new(*body).with_session_id(*session))
                .expect("the message is stored");
        }
    }

    pub(crate) fn session(&self, id: &str) -> Receiver {
        self.client
            .queue_receiver("desk")
            .session_id(id)
            .max_wait_time(SHORT)
            .open()
            .expect("the session is free")
    }

    /// What the emulator saw, for the messages of failing tests.
    pub(crate) fn seen(&self) -> String {
        self.emulator.journal().join("\n")
    }
}

pub(crate) fn bodies(messages: &[ReceivedMessage]) -> Vec<String> {
    messages.iter().map(ToString::to_string).collect()
}
