//! Which session a receiver gets, and when it gets none.

use std::time::{Duration, Instant};

use servicebus::{ErrorKind, RetryOptions};

use crate::desk::{Desk, LONG, SHORT};

#[test]
fn a_named_session_is_locked_for_one_receiver() {
    let desk = Desk::new();
    let first = desk.session("a");
    assert_eq!(first.session().expect("a session").id(), "a");
    let client =
        servicebus::ClientBuilder::from_connection_string(&desk.emulator.connection_string())
            .expect("the string is good")
            .retry_options(RetryOptions::new().with_total(0))
            .build()
            .expect("the client starts");
    let error = client
        .queue_receiver("desk")
        .session_id("a")
        .open()
        .expect_err("it is locked");
    assert_eq!(error.kind(), ErrorKind::SessionCannotBeLocked, "{error:?}");
    first.close().expect("it closes");
    client
        .queue_receiver("desk")
        .session_id("a")
        .open()
        .expect("a closed receiver frees its session at once");
}

#[test]
fn a_session_that_becomes_free_in_time_is_taken() {
    let desk = Desk::new();
    let first = desk.session("a");
    let client =
        servicebus::ClientBuilder::from_connection_string(&desk.emulator.connection_string())
            .expect("the string is good")
            .retry_options(
                RetryOptions::new()
                    .with_total(1_000)
                    .with_backoff(Duration::from_millis(1)),
            )
            .build()
            .expect("the client starts");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.queue_receiver("desk").session_id("a").open());
        first.close().expect("it closes");
        let second = waiting
            .join()
            .expect("no panic")
            .expect("it gets the session");
        assert_eq!(second.session().expect("a session").id(), "a");
    });
}

#[test]
fn the_next_available_session_has_messages_and_no_holder() {
    let desk = Desk::new();
    desk.send(&[("a", "1"), ("b", "2")]);
    let _holder = desk.session("a");
    let next = desk
        .client
        .queue_receiver("desk")
        .next_available_session(LONG)
        .open()
        .expect("b is free");
    assert_eq!(next.session().expect("a session").id(), "b");
    assert!(
        next.session().expect("a session").locked_until().is_some(),
        "the service says until when"
    );
}

#[test]
fn an_empty_name_is_a_session_of_its_own() {
    let desk = Desk::new();
    desk.send(&[("", "nameless")]);
    let receiver = desk.session("");
    let messages = receiver.receive_messages(1, LONG).expect("it works");
    assert_eq!(messages.len(), 1, "{}", desk.seen());
    assert_eq!(receiver.session().expect("a session").id(), "");
}

#[test]
fn whether_there_is_a_session_is_known_after_a_short_wait() {
    let desk = Desk::new();
    // Connected before, so that the wait is for the session alone.
    drop(desk.session("other"));
    for wait in [Duration::ZERO, Duration::from_millis(1), SHORT] {
        let start = Instant::now();
        let error = desk
            .client
            .queue_receiver("desk")
            .next_available_session(wait)
            .open()
            .expect_err("there is none");
        let elapsed = start.elapsed();
        assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
        assert!(
            elapsed < wait + Duration::from_millis(500),
            "{wait:?} took {elapsed:?}\n{}",
            desk.seen()
        );
    }
}

#[test]
fn a_wait_ends_when_a_session_appears() {
    let desk = Desk::new();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            desk.client
                .queue_receiver("desk")
                .next_available_session(LONG)
                .open()
        });
        desk.send(&[("late", "1")]);
        let receiver = waiting.join().expect("no panic").expect("one appeared");
        assert_eq!(receiver.session().expect("a session").id(), "late");
    });
}

#[test]
fn sessions_are_where_they_belong() {
    let desk = Desk::new();
    let without = desk
        .client
        .queue_receiver("desk")
        .open()
        .expect_err("the queue has sessions");
    assert_eq!(without.kind(), ErrorKind::InvalidOperation, "{without:?}");
    let with = desk
        .client
        .queue_receiver("plain")
        .session_id("a")
        .open()
        .expect_err("the queue has none");
    assert_eq!(with.kind(), ErrorKind::InvalidOperation, "{with:?}");
    let plain = desk
        .client
        .queue_receiver("plain")
        .open()
        .expect("it opens");
    assert!(plain.session().is_none());
}
