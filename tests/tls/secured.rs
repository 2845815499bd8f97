//! An emulator with the queue `orders` that speaks TLS, and clients of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use servicebus::{Client, ClientBuilder, Error, Message, RetryMode, RetryOptions, Sender};
use servicebus_emulator::Emulator;

/// Long enough for any answer of the emulator; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) fn emulator() -> Emulator {
    emulator_at(0)
}

pub(crate) fn emulator_at(port: u16) -> Emulator {
    Emulator::builder()
        .queue("orders")
        .tls_port(port)
        .start()
        .expect("the emulator starts")
}

pub(crate) fn root(emulator: &Emulator) -> &str {
    emulator.tls_root_pem().expect("it has a root")
}

/// Trusts what the platform trusts, which is not the emulator.
pub(crate) fn stranger(emulator: &Emulator) -> ClientBuilder {
    let text = emulator.tls_connection_string().expect("it listens");
    ClientBuilder::from_connection_string(&text)
        .expect("the string is good")
        .operation_timeout(LONG)
}

pub(crate) fn builder(emulator: &Emulator) -> ClientBuilder {
    stranger(emulator).root_certificates(root(emulator))
}

pub(crate) fn client(builder: ClientBuilder) -> Client {
    builder.build().expect("the client starts")
}

pub(crate) fn sender(client: &Client) -> Sender {
    client.queue_sender("orders").open().expect("it opens")
}

/// How to try again soon.
pub(crate) fn pauses() -> RetryOptions {
    RetryOptions::new()
        .with_mode(RetryMode::Fixed)
        .with_backoff(Duration::from_millis(20))
}

/// A client that tries again soon.
pub(crate) fn soon(builder: ClientBuilder) -> ClientBuilder {
    builder.retry_options(pauses())
}

/// Where the emulator listens, under a name or address of this machine.
pub(crate) fn at(emulator: &Emulator, host: &str) -> String {
    format!("{host}:{}", emulator.tls_port().expect("it listens"))
}

/// Why a client does not get through.
#[track_caller]
pub(crate) fn refused(builder: ClientBuilder) -> Error {
    client(builder)
        .queue_sender("orders")
        .open()
        .expect_err("there is no way through")
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

/// A file of a test's own.
pub(crate) fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).expect("it is written");
    path
}
