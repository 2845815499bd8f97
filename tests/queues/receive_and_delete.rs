//! Receive-and-delete: gone from the queue when it is sent to the receiver.

use servicebus::{ErrorKind, ReceiveMode, Receiver};
use servicebus_emulator::QueueOptions;

use crate::orders::{bodies, next, Orders, LONG, SHORT};

fn deleting(orders: &Orders, prefetch: u32) -> Receiver {
    orders
        .client
        .queue_receiver("orders")
        .receive_mode(ReceiveMode::ReceiveAndDelete)
        .prefetch_count(prefetch)
        .max_wait_time(SHORT)
        .open()
        .expect("the receiver opens")
}

#[test]
fn received_messages_are_gone_and_others_are_not() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let receiver = deleting(&orders, 0);
    let received = receiver.receive_messages(2, LONG).expect("they come");
    assert_eq!(bodies(&received), ["a", "b"], "{}", orders.seen());
    assert!(received
        .iter()
        .all(|message| message.lock_token().is_none()));
    orders.assert_counts(1, 0, 0);
}

#[test]
fn there_is_nothing_to_settle() {
    let orders = Orders::holding(&["a"]);
    let receiver = deleting(&orders, 0);
    let message = next(&receiver);
    let error = receiver
        .complete_message(&message)
        .expect_err("it is deleted already");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error}");
}

#[test]
fn the_iterator_asks_for_one_at_a_time() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let receiver = deleting(&orders, 0);
    assert_eq!(
        receiver
            .messages()
            .next()
            .expect("an item")
            .expect("a message")
            .to_string(),
        "a"
    );
    orders.assert_counts(2, 0, 0);
}

#[test]
fn what_was_prefetched_is_served_after_close() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let receiver = deleting(&orders, 10);
    assert_eq!(next(&receiver).to_string(), "a");
    receiver.close().expect("it closes");
    // The broker's word that nothing is left there means that all of it is on this side.
    orders.assert_counts(0, 0, 0);
    assert_eq!(next(&receiver).to_string(), "b");
    let rest = receiver
        .receive_messages(5, SHORT)
        .expect("the rest is served");
    assert_eq!(bodies(&rest), ["c"]);
    let error = receiver.next_message(SHORT).expect_err("nothing is left");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
}

#[test]
fn what_was_prefetched_outlives_its_link() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let receiver = deleting(&orders, 10);
    assert_eq!(next(&receiver).to_string(), "a");
    // The first peek's answer comes behind the deliveries, so the rest is on this side.
    receiver.peek_messages(1, None).expect("nothing to see");
    orders
        .emulator
        .delete_entity("orders")
        .expect("it is there");
    orders
        .emulator
        .create_queue("orders", QueueOptions::default())
        .expect("it is there again");
    // Attaches anew while two messages wait.
    let attached = (0..1_000).any(|_| receiver.peek_messages(1, None).is_ok());
    assert!(attached, "{}", orders.seen());
    assert_eq!(next(&receiver).to_string(), "b", "{}", orders.seen());
    assert_eq!(next(&receiver).to_string(), "c");
}
