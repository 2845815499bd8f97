//! Deferred messages of sessions.

use servicebus::{ErrorKind, Message, Receiver};
use servicebus_emulator::Fault;

use crate::orders::{bodies, numbers, take, Orders, LONG};

fn session(orders: &Orders, id: &str) -> Receiver {
    orders
        .client
        .queue_receiver("desk")
        .session_id(id)
        .open()
        .expect("the session is free")
}

/// A receiver of the session, and the numbers of messages that it has deferred.
fn deferring(orders: &Orders, id: &str, messages: &[&str]) -> (Receiver, Vec<i64>) {
    let of_session = |body: &&str| Message::new(*body).with_session_id(id);
    orders.send("desk", messages.iter().map(of_session).collect());
    let receiver = session(orders, id);
    let received = receiver
        .receive_messages(messages.len(), LONG)
        .expect("they come");
    let deferred = receiver.defer_messages(&received);
    assert!(deferred.iter().all(Result::is_ok), "{deferred:?}");
    (receiver, numbers(&received))
}

#[test]
fn the_holder_receives_and_settles_them() {
    let orders = Orders::new();
    let (receiver, numbers) = deferring(&orders, "s", &["a", "b", "c"]);
    let messages = receiver
        .receive_deferred_messages(&numbers)
        .expect("they are deferred");
    assert_eq!(bodies(&messages), ["a", "b", "c"]);
    assert_eq!(messages[0].session_id(), Some("s"));
    assert_eq!(
        messages[0].locked_until(),
        None,
        "the session's lock counts"
    );
    let error = receiver
        .renew_message_lock(&messages[0])
        .expect_err("it has no lock of its own");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    receiver.complete_message(&messages[0]).expect("it is done");
    receiver.defer_message(&messages[1]).expect("it is done");
    receiver
        .dead_letter_message(&messages[2])
        .expect("it is done");
    let counts = orders.emulator.counts("desk").expect("the queue exists");
    assert_eq!(
        (counts.deferred, counts.locked, counts.dead_lettered),
        (1, 0, 1),
        "{}",
        orders.seen()
    );
}

#[test]
fn those_of_another_session_are_not_found() {
    let orders = Orders::new();
    let (_held, numbers) = deferring(&orders, "s", &["a"]);
    let other = session(&orders, "t");
    let error = other
        .receive_deferred_messages(&numbers)
        .expect_err("they are of another session");
    assert_eq!(error.kind(), ErrorKind::MessageNotFound, "{error:?}");
}

#[test]
fn the_next_holder_has_them_and_the_last_one_no_more() {
    let orders = Orders::new();
    let (first, numbers) = deferring(&orders, "s", &["a"]);
    let message = take(&first, numbers[0]);
    first.close().expect("it closes");
    let second = session(&orders, "s");
    let again = take(&second, numbers[0]);
    assert_eq!(again.to_string(), "a");
    let error = first
        .complete_message(&message)
        .expect_err("the receiver is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    second.complete_message(&again).expect("it is done");
}

#[test]
fn a_lost_session_says_so() {
    let orders = Orders::impatient();
    let (receiver, numbers) = deferring(&orders, "s", &["a"]);
    orders.inject(Fault::detach_link("com.microsoft:session-lock-lost"));
    let error = loop {
        match receiver.receive_deferred_messages(&numbers) {
            // The detach is on its way.
            Ok(messages) => receiver.defer_messages(&messages),
            Err(error) => break error,
        };
    };
    assert_eq!(error.kind(), ErrorKind::SessionLockLost, "{error:?}");
}
