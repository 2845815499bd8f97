//! Keeping a lock.

use std::time::Duration;

use servicebus::ErrorKind;

use crate::orders::{next, Orders};

#[test]
fn a_renewed_lock_outlives_its_first_end() {
    let orders = Orders::holding(&["a"]);
    orders.emulator.freeze();
    let receiver = orders.receiver();
    let message = next(&receiver);
    let first = message.locked_until().expect("a lock");
    orders.emulator.advance(Duration::from_secs(40));
    let until = receiver
        .renew_message_lock(&message)
        .expect("it is renewed");
    assert_eq!((until - first).num_seconds(), 40, "{}", orders.seen());
    assert_eq!(message.locked_until(), Some(until));
    orders.emulator.advance(Duration::from_secs(40));
    receiver
        .complete_message(&message)
        .expect("the lock still stands");
    orders.assert_counts(0, 0, 0);
}

#[test]
fn a_lost_lock_is_not_renewed() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let message = next(&receiver);
    orders.emulator.advance(Duration::from_secs(61));
    let error = receiver
        .renew_message_lock(&message)
        .expect_err("the lock is lost");
    assert_eq!(error.kind(), ErrorKind::MessageLockLost, "{error}");
}

#[test]
fn a_settled_message_is_not_renewed() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let message = next(&receiver);
    receiver
        .complete_message(&message)
        .expect("it is completed");
    let error = receiver
        .renew_message_lock(&message)
        .expect_err("it is settled");
    assert_eq!(error.kind(), ErrorKind::MessageAlreadySettled, "{error}");
}
