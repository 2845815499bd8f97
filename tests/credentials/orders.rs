//! An emulator with the queue `orders` that takes tokens of every kind, and clients of it.

use std::time::{Duration, Instant};

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use chrono::{DateTime, TimeDelta, Utc};
use servicebus::{AccessToken, Client, ClientBuilder, Credential, Message, Sender};
use servicebus_emulator::{Direction, Emulator};

/// Long enough for any answer of the emulator; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) fn emulator() -> Emulator {
    let emulator = Emulator::builder()
        .queue("orders")
        .queue("invoices")
        .accept_jwt(true)
        .start()
        .expect("the emulator starts");
    emulator.record_frames(true);
    emulator
}

pub(crate) fn builder(emulator: &Emulator, credential: impl Into<Credential>) -> ClientBuilder {
    Client::builder(format!("localhost:{}", emulator.port()), credential)
        .use_development_emulator(true)
}

pub(crate) fn client(emulator: &Emulator, credential: impl Into<Credential>) -> Client {
    builder(emulator, credential)
        .build()
        .expect("the client starts")
}

pub(crate) fn sender(client: &Client, queue: &str) -> Sender {
    client.queue_sender(queue).open().expect("the sender opens")
}

#[track_caller]
pub(crate) fn send(sender: &Sender, emulator: &Emulator) {
    let sent = sender.send_messages(Message::new("hello"));
    assert!(
        sent.is_ok(),
        "{sent:?}; the emulator saw\n{}",
        emulator.journal().join("\n")
    );
}

/// Looks until something is so.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !is_so() {
        assert!(Instant::now() < end, "never so: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A token for Service Bus as Entra ID issues them, but for the signature.
pub(crate) fn jwt(expires_at: DateTime<Utc>) -> String {
    let claims = format!(
        r#"{{"aud":"https://servicebus.azure.net","exp":{}}}"#,
        expires_at.timestamp()
    );
    format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims))
}

/// How many tokens the emulator was shown.
pub(crate) fn count_tokens(emulator: &Emulator) -> usize {
    let frames = emulator.frames();
    let shown = frames.iter().filter(|frame| {
        frame.direction == Direction::Inbound
            && frame.performative == "transfer"
            && frame
                .link
                .as_deref()
                .is_some_and(|link| link.starts_with("$cbs"))
    });
    shown.count()
}

/// Tokens that are good for an hour, but said to be for so long only.
pub(crate) fn short_lived(life: TimeDelta) -> Credential {
    Credential::token_credential(move |_: &str| {
        let now = Utc::now();
        Ok(AccessToken::new(jwt(now + TimeDelta::hours(1)), now + life))
    })
}
