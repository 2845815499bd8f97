//! Locks on sessions.

use servicebus::{AutoLockRenewer, ErrorKind, Receiver};

use crate::orders::{telling_renewer, Orders, LOCK, LONG};

fn open(orders: &Orders, renewer: Option<&AutoLockRenewer>) -> Receiver {
    let mut builder = orders.client.queue_receiver("desk").session_id("s");
    if let Some(renewer) = renewer {
        builder = builder.auto_lock_renewer(renewer);
    }
    builder.open().expect("the session is free")
}

#[track_caller]
fn assert_kept(orders: &Orders, receiver: &Receiver) {
    let session = receiver.session().expect("it has one");
    for _ in 0..2 {
        orders.emulator.advance(LOCK * 3 / 5);
        let before = session.locked_until();
        orders.until(|| session.locked_until() > before);
    }
    assert!(session.auto_renew_error().is_none());
    let stored = session.set_state("x");
    assert!(stored.is_ok(), "{stored:?}\n{}", orders.seen());
}

#[test]
fn the_session_of_a_receiver_with_a_renewer_is_kept() {
    let orders = Orders::holding(&[]);
    let receiver = open(&orders, Some(&AutoLockRenewer::new()));
    assert_kept(&orders, &receiver);
}

#[test]
fn a_registered_session_is_kept() {
    let orders = Orders::holding(&[]);
    let receiver = open(&orders, None);
    let renewer = AutoLockRenewer::new();
    renewer
        .register_session(&receiver, None)
        .expect("it has a session");
    assert_kept(&orders, &receiver);
}

#[test]
fn a_lost_session_is_told_of_once() {
    let orders = Orders::holding(&[]);
    let (renewer, failures) = telling_renewer();
    let receiver = open(&orders, Some(&renewer));
    let session = receiver.session().expect("it has one");
    orders.emulator.advance(LONG);
    let failure = failures.recv_timeout(LONG).expect("it is told of");
    assert_eq!(failure.session_id(), Some("s"));
    assert_eq!(failure.lock_token(), None);
    for error in [
        failure.error().clone(),
        session.auto_renew_error().expect("it is told of"),
    ] {
        assert_eq!(error.kind(), ErrorKind::AutoLockRenewFailed, "{error}");
        let cause = std::error::Error::source(&error)
            .and_then(|cause| cause.downcast_ref::<servicebus::Error>())
            .map(servicebus::Error::kind);
        assert_eq!(cause, Some(ErrorKind::SessionLockLost), "{error:?}");
    }
    renewer.close().expect("it ends");
    failures.try_recv().expect_err("once");
}
