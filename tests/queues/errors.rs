//! Each way to fail has its kind; the text names the entity and never a key.

use std::time::Duration;

use servicebus::{Client, Error, ErrorKind, Message};

use crate::orders::{next, Orders};

const WRONG_KEY: &str = "bm90LXRoZS1rZXk";

#[track_caller]
fn assert_error(error: &Error, kind: ErrorKind, entity: &str) {
    assert_eq!(error.kind(), kind, "{error:?}");
    assert_eq!(error.entity(), Some(entity), "{error:?}");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains(entity), "{shown}");
    for secret in [WRONG_KEY, "SAS_KEY_VALUE", "SharedAccessSignature", "sig="] {
        assert!(!shown.contains(secret), "it shows {secret}: {shown}");
    }
    assert!(!error.is_outcome_unknown(), "{error:?}");
}

#[test]
fn an_unknown_queue() {
    let orders = Orders::new();
    let error = orders
        .client
        .queue_sender("nowhere")
        .open()
        .expect_err("there is none");
    assert_error(&error, ErrorKind::MessagingEntityNotFound, "nowhere");
    let error = orders
        .client
        .queue_receiver("nowhere")
        .open()
        .expect_err("there is none");
    assert_error(&error, ErrorKind::MessagingEntityNotFound, "nowhere");
    orders
        .sender()
        .send_messages(Message::new("a"))
        .expect("the connection is still good");
}

#[test]
fn a_wrong_key() {
    let orders = Orders::new();
    let text = orders
        .emulator
        .connection_string()
        .replace("SAS_KEY_VALUE", WRONG_KEY);
    let client = Client::from_connection_string(&text).expect("the string is well-formed");
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("the key is wrong");
    assert_error(&error, ErrorKind::Authentication, "orders");
    assert!(!error.is_retryable(), "{error:?}");
    let shown = format!("{client:?}");
    assert!(!shown.contains(WRONG_KEY), "{shown}");
}

#[test]
fn a_malformed_connection_string() {
    for text in [
        "",
        "nonsense",
        "Endpoint=sb://localhost",
        "Endpoint=sb://localhost;SharedAccessKeyName=a",
        "Endpoint=http:;SharedAccessKeyName=a;SharedAccessKey=bm90LXRoZS1rZXk",
    ] {
        let error = Client::from_connection_string(text).expect_err("it is malformed");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text}: {error}");
        assert!(!format!("{error} {error:?}").contains(WRONG_KEY), "{error}");
    }
}

#[test]
fn an_oversized_message() {
    let orders = Orders::new();
    let sender = orders.sender();
    let error = sender
        .send_messages(Message::new(vec![0; 300_000]))
        .expect_err("it is too large");
    assert_error(&error, ErrorKind::MessageSizeExceeded, "orders");
    sender
        .send_messages(Message::new("a"))
        .expect("the link is still good");
    orders.assert_counts(1, 0, 0);
}

#[test]
fn a_message_settled_twice() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let message = next(&receiver);
    receiver
        .complete_message(&message)
        .expect("it is completed");
    for result in [
        receiver.complete_message(&message),
        receiver.abandon_message(&message),
        receiver.dead_letter_message(&message),
    ] {
        let error = result.expect_err("it is settled");
        assert_error(&error, ErrorKind::MessageAlreadySettled, "orders");
    }
}

#[test]
fn a_peeked_message() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let peeked = receiver.peek_messages(1, None).expect("it is shown");
    for result in [
        receiver.complete_message(&peeked[0]),
        receiver.abandon_message(&peeked[0]),
        receiver.renew_message_lock(&peeked[0]).map(drop),
    ] {
        let error = result.expect_err("it has no lock");
        assert_error(&error, ErrorKind::InvalidOperation, "orders");
    }
}

#[test]
fn a_message_of_another_queue() {
    let orders = Orders::holding(&["a"]);
    orders
        .emulator
        .create_queue("other", servicebus_emulator::QueueOptions::new())
        .expect("a new name");
    let message = next(&orders.receiver());
    let other = orders
        .client
        .queue_receiver("other")
        .open()
        .expect("it opens");
    let error = other
        .complete_message(&message)
        .expect_err("it is none of its messages");
    assert_error(&error, ErrorKind::InvalidOperation, "other");
    orders
        .receiver()
        .complete_message(&message)
        .expect("it stayed open");
}

#[test]
fn a_lost_lock() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let message = next(&receiver);
    orders.emulator.advance(Duration::from_secs(61));
    for result in [
        receiver.complete_message(&message),
        receiver.abandon_message(&message),
        receiver.dead_letter_message(&message),
    ] {
        let error = result.expect_err("the lock ran out");
        assert_error(&error, ErrorKind::MessageLockLost, "orders");
        assert!(!error.is_retryable(), "{error:?}");
    }
    let again = next(&receiver);
    assert_eq!(again.delivery_count(), 1);
    receiver
        .complete_message(&again)
        .expect("the new lock stands");
}

#[test]
fn a_queue_deleted_while_its_links_stand() {
    let orders = Orders::new();
    let sender = orders.sender();
    orders.emulator.delete_entity("orders").expect("it exists");
    // This message may be on its way when the service takes the link.
    let error = sender
        .send_messages(Message::new("a"))
        .expect_err("it is gone");
    assert_eq!(
        error.kind(),
        ErrorKind::MessagingEntityNotFound,
        "{error:?}"
    );
    let error = sender
        .send_messages(Message::new("b"))
        .expect_err("it is gone for good");
    assert_error(&error, ErrorKind::MessagingEntityNotFound, "orders");
}

#[test]
fn another_entity_than_the_connection_string_names() {
    let orders = Orders::new();
    let text = format!("{}EntityPath=orders", orders.emulator.connection_string());
    let client = Client::from_connection_string(&text).expect("the string is good");
    client
        .queue_sender("orders")
        .open()
        .expect("its own entity");
    let error = client
        .queue_sender("other")
        .open()
        .expect_err("another one");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}
