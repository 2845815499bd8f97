//! Renewals that fail: those that may pass are repeated, a lost lock is told of once.

use std::collections::BTreeSet;
use std::time::Duration;

use servicebus::{AutoLockRenewer, Error, ErrorKind};
use servicebus_emulator::Fault;

use crate::orders::{next, telling_renewer, Orders, LOCK, LONG};

const RENEW: &str = "com.microsoft:renew-lock";

#[track_caller]
fn assert_failed(error: &Error, cause: ErrorKind) {
    assert_eq!(error.kind(), ErrorKind::AutoLockRenewFailed, "{error:?}");
    assert_eq!(error.entity(), Some("orders"), "{error:?}");
    let source = std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<Error>())
        .map(Error::kind);
    assert_eq!(source, Some(cause), "{error:?}");
}

#[test]
fn a_busy_service_is_asked_again() {
    let orders = Orders::holding(&["a"]);
    let busy = Fault::refuse_request("com.microsoft:server-busy").operation(RENEW);
    orders.emulator.inject(busy.times(2)).expect("valid");
    let receiver = orders.renewed_receiver(&AutoLockRenewer::new());
    let message = next(&receiver);
    orders.await_renewal(&message);
    assert!(message.auto_renew_error().is_none());
    receiver.complete_message(&message).expect("it is locked");
}

#[test]
fn a_lost_connection_is_made_anew() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.renewed_receiver(&AutoLockRenewer::new());
    let message = next(&receiver);
    orders
        .emulator
        .inject(Fault::cut_stream().times(1))
        .expect("valid");
    orders.await_renewal(&message);
    orders.await_renewal(&message);
    receiver.complete_message(&message).expect("it is locked");
}

#[test]
fn the_one_lost_lock_among_several_is_found() {
    let bodies = ["a", "b", "c", "d", "e", "f", "g"];
    let orders = Orders::holding(&bodies);
    let (renewer, failures) = telling_renewer();
    let receiver = orders.renewed_receiver(&renewer);
    let messages = receiver.receive_messages(7, LOCK).expect("they come");
    assert_eq!(messages.len(), 7, "{}", orders.seen());
    // Settled behind the back of the renewer: its lock is gone, which the client cannot know.
    let unseen = Fault::drop_settlement();
    let unseen = orders.emulator.inject(unseen).expect("valid");
    let lost = &messages[4];
    receiver
        .with_timeout(Duration::from_millis(100))
        .complete_message(lost)
        .expect_err("nothing is answered");
    orders.emulator.clear(unseen);
    let failure = failures.recv_timeout(LONG).expect("it is told of");
    assert_eq!(failure.lock_token(), lost.lock_token(), "{}", orders.seen());
    assert_failed(failure.error(), ErrorKind::MessageLockLost);
    assert_failed(
        &lost.auto_renew_error().expect("it is told of"),
        ErrorKind::MessageLockLost,
    );
    let (_, kept): (Vec<_>, Vec<_>) = messages
        .iter()
        .partition(|message| message.lock_token() == lost.lock_token());
    for message in kept {
        assert!(message.auto_renew_error().is_none());
        receiver
            .complete_message(message)
            .unwrap_or_else(|error| panic!("{error}\n{}", orders.seen()));
    }
    renewer.close().expect("it ends");
    failures.try_recv().expect_err("once");
}

#[test]
fn every_lost_lock_is_told_of_once() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let (renewer, failures) = telling_renewer();
    let receiver = orders.renewed_receiver(&renewer);
    let messages = receiver.receive_messages(3, LOCK).expect("they come");
    orders.emulator.advance(LONG);
    let mut told = BTreeSet::new();
    for _ in &messages {
        let failure = failures.recv_timeout(LONG).expect("it is told of");
        assert_failed(failure.error(), ErrorKind::MessageLockLost);
        told.insert(failure.lock_token());
    }
    let lost: BTreeSet<_> = messages
        .iter()
        .map(|message| message.lock_token())
        .collect();
    assert_eq!(told, lost, "{}", orders.seen());
    renewer.close().expect("it ends");
    failures.try_recv().expect_err("once");
}

#[test]
fn a_lock_that_runs_out_during_an_outage_is_told_of() {
    let orders = Orders::holding(&["a"]);
    let busy = Fault::refuse_request("com.microsoft:server-busy").operation(RENEW);
    orders.emulator.inject(busy).expect("valid");
    let (renewer, failures) = telling_renewer();
    let receiver = orders.renewed_receiver(&renewer);
    let message = next(&receiver);
    let failure = failures.recv_timeout(LONG).expect("it is told of");
    assert_failed(failure.error(), ErrorKind::ServerBusy);
    assert_eq!(failure.lock_token(), message.lock_token());
}
