//! A session that is lost says so, to every call, and is not taken again behind the caller's back.

use std::time::Duration;

use servicebus::{ErrorKind, Receiver};
use servicebus_emulator::Fault;

use crate::desk::{Desk, LONG};

#[track_caller]
fn assert_lost(desk: &Desk, receiver: &Receiver) {
    let mut iterator = receiver.messages();
    let error = iterator
        .next()
        .expect("a loss is an item")
        .expect_err("the session is lost");
    assert_eq!(
        error.kind(),
        ErrorKind::SessionLockLost,
        "{error:?}\n{}",
        desk.seen()
    );
    assert!(!error.is_retryable(), "{error:?}");
    assert!(iterator.next().is_none(), "and the last one");
    let session = receiver.session().expect("it had a session");
    for error in [
        session.renew_lock().expect_err("it is lost"),
        session.state().expect_err("it is lost"),
        session.set_state("x").expect_err("it is lost"),
        receiver.receive_messages(1, LONG).expect_err("it is lost"),
        receiver.peek_messages(1, None).expect_err("it is lost"),
    ] {
        assert_eq!(
            error.kind(),
            ErrorKind::SessionLockLost,
            "{error:?}\n{}",
            desk.seen()
        );
    }
}

#[test]
fn a_lock_that_ran_out() {
    let desk = Desk::new();
    desk.send(&[("a", "1")]);
    let receiver = desk.session("a");
    let message = receiver
        .receive_messages(1, LONG)
        .expect("it is there")
        .remove(0);
    desk.emulator.advance(Duration::from_secs(600));
    let error = receiver
        .complete_message(&message)
        .expect_err("the lock ran out");
    assert_eq!(
        error.kind(),
        ErrorKind::SessionLockLost,
        "{error:?}\n{}",
        desk.seen()
    );
    assert_lost(&desk, &receiver);
    let next = desk.session("a");
    let again = next.receive_messages(1, LONG).expect("it is there again");
    assert_eq!(again.len(), 1, "{}", desk.seen());
}

#[test]
fn a_connection_that_broke() {
    let desk = Desk::new();
    desk.send(&[("a", "1")]);
    let receiver = desk.session("a");
    desk.emulator
        .inject(Fault::cut_stream().times(1))
        .expect("the fault is valid");
    assert_lost(&desk, &receiver);
    drop(receiver);
    let next = desk.session("a");
    assert_eq!(next.receive_messages(1, LONG).expect("it works").len(), 1);
}

#[test]
fn a_caller_that_waits_learns_of_it() {
    let desk = Desk::new();
    let receiver = desk.session("a");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| receiver.next_message(None));
        desk.emulator.advance(Duration::from_secs(600));
        let error = waiting
            .join()
            .expect("no panic")
            .expect_err("the lock ran out");
        assert_eq!(error.kind(), ErrorKind::SessionLockLost, "{error:?}");
    });
}
