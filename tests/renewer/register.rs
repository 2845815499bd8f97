//! Messages registered one by one.

use std::time::Duration;

use servicebus::{AutoLockRenewer, ErrorKind, Message, ReceiveMode};

use crate::orders::{next, telling_renewer, Orders, LONG};

#[test]
fn a_registered_message_is_renewed_and_another_is_not() {
    let orders = Orders::holding(&["a", "b"]);
    let renewer = AutoLockRenewer::new();
    let receiver = orders.receiver();
    let messages = receiver.receive_messages(2, LONG).expect("they come");
    let [kept, left] = messages.as_slice() else {
        panic!("{messages:?}\n{}", orders.seen());
    };
    renewer
        .register(&receiver, kept, None)
        .expect("it is locked");
    let first = left.locked_until();
    orders.outlast(kept);
    assert_eq!(left.locked_until(), first);
    receiver.complete_message(kept).expect("it is locked");
    let error = receiver.complete_message(left).expect_err("it is not");
    assert_eq!(error.kind(), ErrorKind::MessageLockLost, "{error}");
}

#[test]
fn after_its_time_a_lock_is_left_alone() {
    let orders = Orders::holding(&["a"]);
    let (renewer, failures) = telling_renewer();
    let receiver = orders.receiver();
    let message = next(&receiver);
    let first = message.locked_until();
    renewer
        .register(&receiver, &message, Duration::from_millis(50))
        .expect("it is locked");
    let failure = failures.recv_timeout(LONG).expect("its time ends");
    assert_eq!(failure.lock_token(), message.lock_token());
    assert_eq!(failure.session_id(), None);
    assert_eq!(failure.error().kind(), ErrorKind::AutoLockRenewTimeout);
    assert_eq!(failure.error().entity(), Some("orders"));
    let error = message.auto_renew_error().expect("it is told of");
    assert_eq!(error.kind(), ErrorKind::AutoLockRenewTimeout, "{error}");
    assert_eq!(message.locked_until(), first, "it lasted long enough");
}

#[test]
fn a_later_registration_replaces_an_earlier_one() {
    let orders = Orders::holding(&["a"]);
    let (first, failures) = telling_renewer();
    let second = AutoLockRenewer::new();
    let receiver = orders.receiver();
    let message = next(&receiver);
    let short = Duration::from_millis(300);
    first
        .register(&receiver, &message, short)
        .expect("it is locked");
    second
        .register(&receiver, &message, None)
        .expect("it is locked");
    orders.await_renewal(&message);
    failures.try_recv().expect_err("its time does not count");
    assert!(message.auto_renew_error().is_none());
}

#[test]
fn what_has_no_lock_of_its_own_is_refused() {
    let orders = Orders::holding(&["a", "b"]);
    let renewer = AutoLockRenewer::new();
    let receiver = orders.receiver();
    let peeked = receiver.peek_messages(1, None).expect("it is there");
    let settled = next(&receiver);
    receiver
        .complete_message(&settled)
        .expect("it is completed");
    let deleting = orders
        .client
        .queue_receiver("orders")
        .receive_mode(ReceiveMode::ReceiveAndDelete)
        .open()
        .expect("it opens");
    let deleted = next(&deleting);
    orders.send(
        "desk",
        std::iter::once(Message::new("c").with_session_id("s")),
    );
    let session = orders
        .client
        .queue_receiver("desk")
        .session_id("s")
        .open()
        .expect("it opens");
    let covered = next(&session);
    for (on, message, kind) in [
        (&receiver, &peeked[0], ErrorKind::InvalidOperation),
        (&receiver, &settled, ErrorKind::MessageAlreadySettled),
        (&deleting, &deleted, ErrorKind::InvalidOperation),
        (&session, &covered, ErrorKind::InvalidOperation),
        (&receiver, &covered, ErrorKind::InvalidOperation),
    ] {
        let error = renewer
            .register(on, message, None)
            .expect_err("there is nothing to renew");
        assert_eq!(error.kind(), kind, "{error}");
    }
    let error = renewer
        .register_session(&receiver, None)
        .expect_err("there is no session");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error}");
}
