//! TLS, with a root that only the builder knows.

use servicebus::{ClientBuilder, ErrorKind, Message};
use servicebus_emulator::Emulator;

use crate::orders::{next, LONG};

fn emulator() -> (Emulator, String, String) {
    let emulator = Emulator::builder()
        .queue("orders")
        .tls_port(0)
        .start()
        .expect("the emulator starts");
    let text = emulator.tls_connection_string().expect("it listens");
    let root = emulator.tls_root_pem().expect("it has a root").to_owned();
    (emulator, text, root)
}

#[test]
fn messages_travel_over_tls() {
    let (_emulator, text, root) = emulator();
    let client = ClientBuilder::from_connection_string(&text)
        .expect("the string is good")
        .root_certificates(root)
        .build()
        .expect("the client starts");
    let sender = client.queue_sender("orders").open().expect("it opens");
    let body = vec![7u8; 200_000];
    sender
        .send_messages(Message::new(body.clone()))
        .expect("it is stored");
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    let message = next(&receiver);
    assert!(
        message.body() == body,
        "{} bytes came",
        message.body().len()
    );
    receiver
        .complete_message(&message)
        .expect("it is completed");
}

#[test]
fn an_unknown_root_is_refused() {
    let (_emulator, text, _root) = emulator();
    let client = ClientBuilder::from_connection_string(&text)
        .expect("the string is good")
        .operation_timeout(LONG)
        .build()
        .expect("the client starts");
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("nobody vouches for it");
    assert_eq!(error.kind(), ErrorKind::Communication, "{error}");
}

#[test]
fn an_unusable_root_is_named() {
    let (_emulator, text, _root) = emulator();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let client = ClientBuilder::from_connection_string(&text)
        .expect("the string is good")
        .root_certificates(broken)
        .build()
        .expect("the client starts");
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("the root is broken");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert!(error.to_string().contains("root certificate"), "{error}");
}

#[test]
fn tls_is_spoken_without_the_development_switch_and_only_then() {
    let (emulator, _text, root) = emulator();
    let plain_port = emulator.port();
    let text =
        format!("Endpoint=sb://localhost:{plain_port};SharedAccessKeyName=a;SharedAccessKey=b");
    let client = ClientBuilder::from_connection_string(&text)
        .expect("the string is good")
        .root_certificates(root)
        .build()
        .expect("the client starts");
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("that port speaks no TLS");
    assert_eq!(error.kind(), ErrorKind::Communication, "{error}");
}
