//! After the broker has gone and come back, the next call connects anew.

use servicebus::{Client, ErrorKind, Message};
use servicebus_emulator::Emulator;

use crate::orders::{next, LONG};

fn emulator(port: u16) -> Emulator {
    Emulator::builder()
        .port(port)
        .queue("orders")
        .start()
        .expect("the emulator starts")
}

#[test]
fn a_sender_sends_again_after_a_restart() {
    let first = emulator(0);
    let client =
        Client::from_connection_string(&first.connection_string()).expect("the string is good");
    let sender = client.queue_sender("orders").open().expect("it opens");
    sender
        .send_messages(Message::new("a"))
        .expect("it is stored");
    let port = first.port();
    drop(first);
    let error = sender
        .send_messages(Message::new("b"))
        .expect_err("nobody is there");
    assert!(error.is_retryable(), "{error:?}");
    let second = emulator(port);
    sender
        .send_messages(Message::new("c"))
        .expect("it is stored");
    assert_eq!(second.counts("orders").map(|counts| counts.active), Some(1));
}

#[test]
fn a_receiver_waits_again_after_a_restart() {
    let first = emulator(0);
    let client =
        Client::from_connection_string(&first.connection_string()).expect("the string is good");
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    let port = first.port();
    let error = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| receiver.next_message(None));
        drop(first);
        waiting
            .join()
            .expect("no panic")
            .expect_err("the connection is lost")
    });
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Connection | ErrorKind::Communication
        ),
        "{error:?}"
    );
    assert!(error.is_retryable(), "{error:?}");
    let second = emulator(port);
    let sender = client.queue_sender("orders").open().expect("it opens");
    sender
        .send_messages(Message::new("b"))
        .expect("it is stored");
    let message = next(&receiver);
    receiver
        .complete_message(&message)
        .expect("it is completed");
    assert_eq!(second.counts("orders").map(|counts| counts.locked), Some(0));
    assert!(receiver
        .next_message(std::time::Duration::ZERO)
        .expect("no error")
        .is_none());
    assert!(client
        .queue_receiver("orders")
        .operation_timeout(LONG)
        .open()
        .is_ok());
}
