//! Settling many messages where something goes wrong for some of them.

use std::time::Duration;

use servicebus::{Error, ErrorKind, Result};
use servicebus_emulator::{Fault, QueueOptions};

use crate::heap::{assert_all_ok, soon, take, Heap, LONG};

const DETACHED: &str = "amqp:link:detach-forced";

/// Kind, and whether the outcome is unknown, of each failure.
fn failures(results: &[Result<()>]) -> Vec<Option<(ErrorKind, bool)>> {
    let seen = |error: &Error| (error.kind(), error.is_outcome_unknown());
    results
        .iter()
        .map(|result| result.as_ref().err().map(seen))
        .collect()
}

#[test]
fn a_refused_message_does_not_keep_the_others() {
    let heap = Heap::new();
    heap.send(3);
    let receiver = heap.receiver();
    let messages = take(&receiver, 3);
    heap.emulator
        .inject(
            Fault::refuse_settlement("com.microsoft:message-lock-lost")
                .skip(1)
                .times(1),
        )
        .expect("the fault is valid");
    let results = receiver.complete_messages(&messages);
    let lost = Some((ErrorKind::MessageLockLost, false));
    assert_eq!(failures(&results), [None, lost, None], "{}", heap.seen());
    heap.assert_counts(0, 1, 0);
}

#[test]
fn those_that_failed_for_now_are_sent_again() {
    let heap = Heap::new();
    heap.send(10);
    let receiver = heap.receiver();
    let messages = take(&receiver, 10);
    let refused = heap
        .emulator
        .inject(Fault::refuse_settlement("amqp:internal-error").times(4))
        .expect("the fault is valid");
    assert_all_ok(&receiver.complete_messages(&messages), 10);
    assert_eq!(heap.emulator.hits(refused), Some(4), "{}", heap.seen());
    heap.assert_counts(0, 0, 0);
}

#[test]
fn messages_of_a_lost_link_are_settled_all_the_same() {
    let heap = Heap::new();
    heap.send(10);
    let receiver = heap.receiver();
    let messages = take(&receiver, 10);
    heap.emulator
        .inject(Fault::detach_link(DETACHED).receivers().times(1))
        .expect("the fault is valid");
    assert_all_ok(&receiver.complete_messages(&messages), 10);
    heap.assert_counts(0, 0, 0);
}

#[test]
fn one_lost_lock_does_not_keep_the_others_of_a_request() {
    let heap = Heap::with(
        QueueOptions::new().lock_duration(Duration::from_secs(60)),
        soon(),
    );
    heap.emulator.freeze();
    heap.send(5);
    let first = heap.receiver();
    let mut messages = take(&first, 1);
    heap.emulator.advance(Duration::from_secs(40));
    messages.extend(take(&first, 4));
    heap.emulator.advance(Duration::from_secs(40));
    let results = heap.receiver().complete_messages(&messages);
    // Nothing tells what the first request did before it was refused.
    let lost = Some((ErrorKind::MessageLockLost, true));
    assert_eq!(
        failures(&results),
        [lost, None, None, None, None],
        "{}",
        heap.seen()
    );
    heap.assert_counts(1, 0, 0);
}

#[test]
fn an_answer_that_never_comes_leaves_its_message_unknown() {
    let heap = Heap::new();
    heap.send(3);
    let receiver = heap.receiver();
    let messages = take(&receiver, 3);
    heap.emulator
        .inject(Fault::drop_settlement().skip(1).times(1))
        .expect("the fault is valid");
    let results = receiver
        .with_timeout(Duration::from_millis(300))
        .complete_messages(&messages);
    let unknown = Some((ErrorKind::OperationTimeout, true));
    assert_eq!(failures(&results), [None, unknown, None], "{}", heap.seen());
    heap.assert_counts(0, 0, 0);
}

#[test]
fn an_unknown_message_stays_unknown_when_the_next_attempt_finds_no_lock() {
    let retry = soon().with_try_timeout(Duration::from_millis(200));
    let heap = Heap::with(QueueOptions::new(), retry);
    heap.send(3);
    let receiver = heap.receiver();
    let messages = take(&receiver, 3);
    heap.emulator
        .inject(Fault::drop_settlement().times(2))
        .expect("the fault is valid");
    let results = receiver.complete_messages(&messages);
    let unknown = Some((ErrorKind::MessageLockLost, true));
    assert_eq!(
        failures(&results),
        [unknown, unknown, None],
        "{}",
        heap.seen()
    );
    heap.assert_counts(0, 0, 0);
}

#[test]
fn a_close_ends_the_call_and_keeps_the_answers_that_came() {
    let heap = Heap::new();
    heap.send(3);
    let receiver = heap.receiver();
    let messages = take(&receiver, 3);
    let lost = heap
        .emulator
        .inject(Fault::drop_settlement().times(1))
        .expect("the fault is valid");
    let results = std::thread::scope(|scope| {
        let patient = receiver.with_timeout(LONG * 10);
        let settling = scope.spawn(move || patient.complete_messages(&messages));
        while heap.emulator.hits(lost) == Some(0)
            || heap.emulator.counts("heap").map(|counts| counts.locked) != Some(0)
        {
            std::thread::yield_now();
        }
        // Answers on the link come in order: with this one, the two are there.
        heap.send(1);
        let last = take(&receiver, 1);
        receiver.abandon_messages(&last);
        receiver.close().expect("it is closed");
        settling.join().expect("no panic")
    });
    let closed = Some((ErrorKind::Closed, true));
    assert_eq!(failures(&results), [closed, None, None], "{}", heap.seen());
}

#[test]
fn a_closed_receiver_settles_nothing() {
    let heap = Heap::new();
    heap.send(2);
    let receiver = heap.receiver();
    let messages = take(&receiver, 2);
    receiver.close().expect("it is closed");
    let closed = Some((ErrorKind::Closed, false));
    assert_eq!(
        failures(&receiver.complete_messages(&messages)),
        [closed; 2]
    );
}
