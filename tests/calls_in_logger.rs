//! A logger that asks the client what it logs about gets an error on the client's own thread, where waiting for the
//! client would never end.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock};

use servicebus::{Client, ErrorKind, Message, Receiver, Result, Sender};
use servicebus_emulator::Emulator;

static ASKED: OnceLock<Asked> = OnceLock::new();
static ANSWERS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What the logger asks.
struct Asked {
    client: Client,
    sender: Sender,
    receiver: Receiver,
}

struct Asking;

impl log::Log for Asking {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target() == "servicebus::connection"
    }

    fn log(&self, record: &log::Record<'_>) {
        let Some(asked) = ASKED.get().filter(|_| self.enabled(record.metadata())) else {
            return;
        };
        let mut answers = ANSWERS.lock().expect("no panic");
        answers.insert(in_words("client", asked.client.stats()));
        answers.insert(in_words("sender", asked.sender.stats()));
        answers.insert(in_words("receiver", asked.receiver.stats()));
    }

    fn flush(&self) {}
}

fn in_words<T>(who: &str, answer: Result<T>) -> String {
    match answer {
        Ok(_) => format!("{who}: told"),
        Err(error) => format!("{who}: {:?}", error.kind()),
    }
}

#[test]
fn stats_in_a_logger_are_refused() {
    let emulator = Emulator::builder()
        .queue("orders")
        .start()
        .expect("the emulator starts");
    let client = Client::from_connection_string(&emulator.connection_string())
        .expect("the emulator's connection string is good");
    let asked = Asked {
        sender: client.queue_sender("orders").open().expect("it opens"),
        receiver: client.queue_receiver("orders").open().expect("it opens"),
        client,
    };
    let sender = asked.sender.clone();
    assert!(ASKED.set(asked).is_ok(), "it is the first");
    log::set_logger(&Asking).expect("it is the first");
    log::set_max_level(log::LevelFilter::Trace);
    sender
        .send_messages(Message::new("a"))
        .expect("the logger holds nothing up");
    log::set_max_level(log::LevelFilter::Off);
    let answers = ANSWERS.lock().expect("no panic");
    let refused = ["client", "receiver", "sender"]
        .map(|who| format!("{who}: {:?}", ErrorKind::WouldDeadlock));
    assert!(answers.iter().eq(&refused), "{answers:?}");
}
