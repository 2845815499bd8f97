//! The frames of a client in the log. A test program of its own: it sets the logger of its process.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

use std::sync::{Mutex, Once};
use std::time::Duration;

use log::{LevelFilter, Log, Metadata, Record};
use servicebus::{parse_connection_string, Client, ClientBuilder, Message};
use servicebus_emulator::Emulator;

const LONG: Duration = Duration::from_secs(20);

/// Every line of every target.
static LOG: Lines = Lines(Mutex::new(Vec::new()));

struct Lines(Mutex<Vec<Line>>);

#[derive(Clone, Debug)]
struct Line {
    target: String,
    text: String,
}

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = Line {
            target: record.target().to_owned(),
            text: record.args().to_string(),
        };
        self.0.lock().expect("no test holds it").push(line);
    }

    fn flush(&self) {}
}

/// An emulator with the queue `orders`, and a client of it with this name.
fn setup(name: &str, set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> (Emulator, Client) {
    static LOGGER: Once = Once::new();
    LOGGER.call_once(|| {
        log::set_logger(&LOG).expect("it is the only one");
        log::set_max_level(LevelFilter::Trace);
    });
    let emulator = Emulator::builder()
        .queue("orders")
        .start()
        .expect("the emulator starts");
    let builder = ClientBuilder::from_connection_string(&emulator.connection_string())
        .expect("the emulator's connection string is good")
        .client_identifier(name);
    let client = set_up(builder).build().expect("the client is built");
    (emulator, client)
}

/// Sends this text, receives it, and closes the client.
fn send_and_receive(client: &Client, body: &str) {
    let sender = client.queue_sender("orders").open().expect("it opens");
    sender
        .send_messages(Message::new(body))
        .expect("it is stored");
    let receiver = client
        .queue_receiver("orders")
        .client_identifier("the-receiver")
        .open()
        .expect("it opens");
    let message = receiver
        .next_message(LONG)
        .expect("it comes")
        .expect("a message");
    receiver
        .complete_message(&message)
        .expect("it is completed");
    client.close().expect("it closes");
}

/// The frames of the client with this name, each with its direction.
fn frames(name: &str) -> Vec<String> {
    let start = format!("{name:?} ");
    let lines = LOG.0.lock().expect("no thread panics");
    lines
        .iter()
        .filter(|line| line.target == "servicebus::frames")
        .filter_map(|line| line.text.strip_prefix(&start).map(str::to_owned))
        .collect()
}

#[track_caller]
fn assert_told<'a>(frames: &'a [String], arrow: &str, parts: &[&str]) -> &'a str {
    let told = frames
        .iter()
        .find(|line| line.starts_with(arrow) && parts.iter().all(|part| line.contains(part)));
    assert!(told.is_some(), "no {arrow} {parts:?} in {frames:#?}");
    told.expect("it is one")
}

#[test]
fn frames_of_both_directions_are_told_a_line_each() {
    let (_emulator, client) = setup("traced", |client| client.logging_enable(true));
    send_and_receive(&client, "twelve bytes");
    let frames = frames("traced");
    for arrow in ["->", "<-"] {
        assert_told(&frames, arrow, &["protocol header Sasl"]);
        for name in ["Open ", "Begin ", "Attach ", "Transfer ", "Close "] {
            assert_told(&frames, arrow, &["channel ", name]);
        }
    }
    assert_told(&frames, "->", &["Sasl ", "ANONYMOUS"]);
    assert_told(&frames, "->", &["Transfer ", " bytes of payload"]);
    // Of the send, and of the settlement.
    assert_told(&frames, "<-", &["Disposition ", "Accepted"]);
    assert_told(&frames, "->", &["Disposition ", "Accepted"]);
    let unreadable: Vec<_> = frames
        .iter()
        .filter(|line| line.contains('\n') || line.contains(" no "))
        .collect();
    assert!(unreadable.is_empty(), "{unreadable:#?}");
}

#[test]
fn no_body_no_token_and_no_key_is_in_the_log() {
    const BODY: &str = "nobody else's business";
    let (emulator, client) = setup("discreet", |client| client.logging_enable(true));
    let text = emulator.connection_string();
    let parts = parse_connection_string(&text).expect("it is good");
    let key = parts.shared_access_key().expect("it has a key");
    send_and_receive(&client, BODY);
    assert!(!frames("discreet").is_empty());
    let in_bytes = |text: &str| {
        let shown = format!("{:?}", text.as_bytes());
        shown.trim_matches(['[', ']']).to_owned()
    };
    let token = "SharedAccessSignature";
    let secrets = [BODY, key, token, "sig="].map(str::to_owned);
    let bytes = [BODY, token].map(in_bytes);
    let lines = LOG.0.lock().expect("no thread panics");
    for secret in secrets.iter().chain(&bytes) {
        let telling: Vec<_> = lines
            .iter()
            .filter(|line| line.text.contains(secret))
            .collect();
        assert!(telling.is_empty(), "{secret:?} is in {telling:#?}");
    }
}

#[test]
fn a_client_that_does_not_ask_is_not_traced() {
    let (_emulator, client) = setup("silent", |client| client);
    send_and_receive(&client, "a");
    assert_eq!(frames("silent"), Vec::<String>::new());
}

#[test]
fn the_service_learns_the_names_of_application_client_and_receiver() {
    let (_emulator, client) = setup("named", |client| {
        client
            .logging_enable(true)
            .user_agent("orders-service/1.2 (staging)")
    });
    client.queue_receiver("orders").open().expect("it opens");
    send_and_receive(&client, "a");
    let frames = frames("named");
    let open = assert_told(&frames, "->", &["Open "]);
    let version = env!("CARGO_PKG_VERSION");
    let agent = format!("\"orders-service/1.2 (staging) servicebus-rust/{version} (");
    assert!(open.contains(&agent), "{open}");
    assert!(open.contains("container_id: \"named\""), "{open}");
    // The receiver's own name, and one made up where it has none.
    let key = "Symbol(\"com.microsoft:receiver-name\"): String(";
    for name in ["\"the-receiver\")", "\"SBReceiver-"] {
        assert_told(&frames, "->", &["Attach ", &format!("{key}{name}")]);
    }
}
