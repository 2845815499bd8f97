//! Iterating: by reference, by value, again, and with `break`.

use std::time::Instant;

use crate::orders::{Orders, SHORT};

fn collect(receiver: &servicebus::Receiver) -> Vec<String> {
    let mut bodies = Vec::new();
    for message in receiver {
        let message = message.expect("it comes");
        receiver
            .complete_message(&message)
            .expect("it is completed");
        bodies.push(message.to_string());
    }
    bodies
}

#[test]
fn it_ends_when_nothing_has_come_for_a_while() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let start = Instant::now();
    assert_eq!(
        collect(&orders.receiver()),
        ["a", "b", "c"],
        "{}",
        orders.seen()
    );
    assert!(start.elapsed() >= SHORT);
    orders.assert_counts(0, 0, 0);
}

#[test]
fn an_idle_receiver_can_be_iterated_again() {
    let orders = Orders::new();
    let receiver = orders.receiver();
    assert!(collect(&receiver).is_empty());
    orders.send(&["a"]);
    assert_eq!(collect(&receiver), ["a"], "{}", orders.seen());
}

#[test]
fn an_ended_iterator_stays_ended() {
    let orders = Orders::new();
    let receiver = orders.receiver();
    let mut messages = receiver.messages();
    assert!(messages.next().is_none());
    orders.send(&["a"]);
    assert!(messages.next().is_none());
    assert!(receiver.messages().next().is_some(), "a new one goes on");
}

#[test]
fn leaving_the_loop_leaves_the_rest_in_the_queue() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let receiver = orders.receiver();
    for message in &receiver {
        let message = message.expect("it comes");
        receiver
            .complete_message(&message)
            .expect("it is completed");
        if message.body() == b"a" {
            break;
        }
    }
    orders.assert_counts(2, 0, 0);
    assert_eq!(collect(&receiver), ["b", "c"], "{}", orders.seen());
}

#[test]
fn by_value_closes_the_receiver_with_the_loop() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let received: Vec<_> = receiver
        .into_iter()
        .map(|message| message.expect("it comes").to_string())
        .collect();
    assert_eq!(received, ["a"]);
    orders.assert_counts(0, 1, 0);
}

#[test]
fn a_queue_that_is_deleted_ends_it_with_one_error() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let mut messages = receiver.messages();
    messages.next().expect("an item").expect("a message");
    orders.emulator.delete_entity("orders").expect("it exists");
    let error = messages
        .next()
        .expect("an item")
        .expect_err("the queue is gone");
    assert_eq!(
        error.kind(),
        servicebus::ErrorKind::MessagingEntityNotFound,
        "{error}"
    );
    assert!(messages.next().is_none(), "nothing follows");
    let later = receiver.next_message(SHORT).expect_err("it stays so");
    assert_eq!(later.kind(), error.kind(), "{later}");
}
