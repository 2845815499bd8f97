//! Messages of a receiver that was opened with a renewer are renewed from their arrival.

use servicebus::{AutoLockRenewer, ErrorKind, ReceiveMode};

use crate::orders::{next, Orders, LOCK};

#[test]
fn a_received_message_outlives_its_lock() {
    let orders = Orders::holding(&["a"]);
    let renewer = AutoLockRenewer::new();
    let receiver = orders.renewed_receiver(&renewer);
    let message = next(&receiver);
    let first = message.locked_until().expect("a lock");
    orders.outlast(&message);
    let until = message.locked_until().expect("a lock");
    assert!((until - first).to_std().unwrap_or_default() > LOCK);
    assert!(message.auto_renew_error().is_none());
    receiver
        .complete_message(&message)
        .unwrap_or_else(|error| panic!("{error}\n{}", orders.seen()));
}

#[test]
fn prefetched_messages_wait_with_their_locks() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let renewer = AutoLockRenewer::new();
    let receiver = orders
        .client
        .queue_receiver("orders")
        .prefetch_count(3)
        .auto_lock_renewer(&renewer)
        .open()
        .expect("it opens");
    let message = next(&receiver);
    orders.outlast(&message);
    for message in [message, next(&receiver), next(&receiver)] {
        assert_eq!(message.delivery_count(), 0, "{}", orders.seen());
        receiver
            .complete_message(&message)
            .unwrap_or_else(|error| panic!("{error}\n{}", orders.seen()));
    }
}

#[test]
fn what_is_due_together_is_asked_for_together() {
    let orders = Orders::holding(&["a", "b", "c", "d", "e", "f"]);
    let requests = orders.count_requests();
    let renewer = AutoLockRenewer::new();
    let receiver = orders.renewed_receiver(&renewer);
    let messages = receiver.receive_messages(6, LOCK).expect("they come");
    assert_eq!(messages.len(), 6, "{}", orders.seen());
    let until: Vec<_> = messages.iter().map(|m| m.locked_until()).collect();
    orders.until(|| {
        messages
            .iter()
            .zip(&until)
            .all(|(m, first)| m.locked_until() > *first)
    });
    assert_eq!(orders.hits(requests), 1, "{}", orders.seen());
}

#[test]
fn there_is_nothing_to_renew_in_receive_and_delete() {
    let orders = Orders::holding(&[]);
    let error = orders
        .client
        .queue_receiver("orders")
        .receive_mode(ReceiveMode::ReceiveAndDelete)
        .auto_lock_renewer(&AutoLockRenewer::new())
        .open()
        .expect_err("it makes no sense");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}

#[test]
fn a_receiver_keeps_its_renewer() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.renewed_receiver(&AutoLockRenewer::new());
    let message = next(&receiver);
    orders.await_renewal(&message);
    receiver.complete_message(&message).expect("it is locked");
}

#[test]
fn a_deferred_message_outlives_its_lock() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.renewed_receiver(&AutoLockRenewer::new());
    let message = next(&receiver);
    let number = message.sequence_number().expect("a number");
    receiver.defer_message(&message).expect("it is set aside");
    let deferred = receiver
        .receive_deferred_messages(&[number])
        .expect("it is deferred");
    orders.outlast(&deferred[0]);
    receiver
        .complete_message(&deferred[0])
        .unwrap_or_else(|error| panic!("{error}\n{}", orders.seen()));
}
