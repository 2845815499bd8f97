//! What ends renewing without a word.

use servicebus::{AutoLockRenewer, ErrorKind};

use crate::orders::{next, telling_renewer, Orders, LOCK};

/// Waits until a message that is registered now would have been renewed.
#[track_caller]
fn let_time_pass(orders: &Orders) {
    orders.send("orders", std::iter::once(servicebus::Message::new("clock")));
    let receiver = orders.renewed_receiver(&AutoLockRenewer::new());
    let message = next(&receiver);
    orders.await_renewal(&message);
}

#[test]
fn a_settled_message_is_not_renewed() {
    let orders = Orders::holding(&["a"]);
    let (renewer, failures) = telling_renewer();
    let receiver = orders.renewed_receiver(&renewer);
    let message = next(&receiver);
    let until = message.locked_until();
    receiver.complete_message(&message).expect("it is locked");
    let_time_pass(&orders);
    assert_eq!(message.locked_until(), until);
    assert!(message.auto_renew_error().is_none());
    failures.try_recv().expect_err("nothing failed");
}

#[test]
fn a_dropped_message_is_not_renewed() {
    let orders = Orders::holding(&["a"]);
    let (renewer, failures) = telling_renewer();
    let receiver = orders.renewed_receiver(&renewer);
    let first = next(&receiver).sequence_number();
    orders.emulator.advance(LOCK);
    let again = next(&receiver);
    assert_eq!(again.sequence_number(), first);
    assert_eq!(again.delivery_count(), 1, "{}", orders.seen());
    failures.try_recv().expect_err("nothing failed");
}

#[test]
fn a_closed_receiver_renews_nothing() {
    let orders = Orders::holding(&["a"]);
    let (renewer, failures) = telling_renewer();
    let receiver = orders.renewed_receiver(&renewer);
    let message = next(&receiver);
    let until = message.locked_until();
    receiver.close().expect("it closes");
    let error = renewer
        .register(&receiver, &message, None)
        .expect_err("it is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    let_time_pass(&orders);
    assert_eq!(message.locked_until(), until);
    failures.try_recv().expect_err("nothing failed");
}

#[test]
fn a_closed_renewer_renews_nothing() {
    let orders = Orders::holding(&["a", "b"]);
    let (renewer, failures) = telling_renewer();
    let receiver = orders.renewed_receiver(&renewer);
    let messages = receiver.receive_messages(2, LOCK).expect("they come");
    let until: Vec<_> = messages.iter().map(|m| m.locked_until()).collect();
    renewer.close().expect("it closes");
    renewer.close().expect("a second close does nothing");
    for error in [
        renewer
            .register(&receiver, &messages[0], None)
            .expect_err("it is closed"),
        orders
            .client
            .queue_receiver("orders")
            .auto_lock_renewer(&renewer)
            .open()
            .expect_err("it is closed"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    }
    let_time_pass(&orders);
    assert_eq!(
        messages
            .iter()
            .map(|m| m.locked_until())
            .collect::<Vec<_>>(),
        until
    );
    failures.recv().expect_err("the callback is dropped");
}

#[test]
fn a_dropped_renewer_renews_nothing() {
    let orders = Orders::holding(&["a"]);
    let (renewer, failures) = telling_renewer();
    let receiver = orders.receiver();
    let message = next(&receiver);
    let until = message.locked_until();
    renewer
        .register(&receiver, &message, None)
        .expect("it is locked");
    drop(renewer);
    failures.recv().expect_err("the callback is dropped");
    let_time_pass(&orders);
    assert_eq!(message.locked_until(), until);
}

#[test]
fn a_renewer_does_not_keep_its_receivers() {
    let orders = Orders::holding(&["a"]);
    let renewer = AutoLockRenewer::new();
    let receiver = orders.receiver();
    let message = next(&receiver);
    renewer
        .register(&receiver, &message, None)
        .expect("it is locked");
    let until = message.locked_until();
    drop(receiver);
    let_time_pass(&orders);
    assert_eq!(message.locked_until(), until);
}
