//! Sending many messages where something goes wrong for some of them.

use std::time::{Duration, Instant};

use servicebus::{ErrorKind, Message, Result};
use servicebus_emulator::Fault;

use crate::heap::{assert_all_ok, Heap, LONG};

const BUSY: &str = "com.microsoft:server-busy";

/// Larger than half of a batch, so that each travels in one of its own.
fn large() -> Message {
    Message::new(vec![b'x'; 200_000])
}

fn kinds(results: &[Result<()>]) -> Vec<Option<ErrorKind>> {
    results
        .iter()
        .map(|result| result.as_ref().err().map(|error| error.kind()))
        .collect()
}

#[test]
fn a_refused_batch_fails_by_itself() {
    let heap = Heap::new();
    let sender = heap.client.queue_sender("heap").open().expect("it opens");
    heap.emulator
        .inject(Fault::reject_message("amqp:not-allowed").skip(1).times(1))
        .expect("the fault is valid");
    let (a, b, c) = (
        Message::new("a").with_session_id("a"),
        Message::new("b").with_session_id("b"),
        Message::new("c").with_session_id("c"),
    );
    let results = sender.send_all([&a, &b, &c, &a, &b]);
    let failed = results.iter().map(Result::is_err).collect::<Vec<_>>();
    assert_eq!(failed, [false, true, false, false, true], "{results:?}");
    heap.assert_counts(3, 0, 0);
}

#[test]
fn what_cannot_be_sent_does_not_keep_the_others() {
    let heap = Heap::new();
    let sender = heap.client.queue_sender("heap").open().expect("it opens");
    let good = Message::new("good");
    let too_large = Message::new(vec![b'x'; 2_000_000]);
    let contradictory = Message::new("x")
        .with_session_id("a")
        .with_partition_key("b");
    let results = sender.send_all([&good, &too_large, &contradictory, &good]);
    assert_eq!(
        kinds(&results),
        [
            None,
            Some(ErrorKind::MessageSizeExceeded),
            Some(ErrorKind::InvalidArgument),
            None
        ]
    );
    heap.assert_counts(2, 0, 0);
}

#[test]
fn a_busy_service_is_asked_again() {
    let heap = Heap::new();
    let sender = heap.client.queue_sender("heap").open().expect("it opens");
    heap.emulator
        .inject(Fault::reject_message(BUSY).times(2))
        .expect("the fault is valid");
    assert_all_ok(&sender.send_all((0..100).map(|_| Message::new("x"))), 100);
    heap.assert_counts(100, 0, 0);
}

#[test]
fn one_deadline_covers_all_and_the_rest_did_not_leave() {
    let heap = Heap::new();
    let sender = heap
        .client
        .queue_sender("heap")
        .operation_timeout(Duration::from_millis(300))
        .max_bytes_in_flight(300_000)
        .open()
        .expect("it opens");
    heap.emulator
        .inject(Fault::drop_outcome())
        .expect("the fault is valid");
    let began = Instant::now();
    let results = sender.send_all((0..5).map(|_| large()));
    let lasted = began.elapsed();
    assert!(lasted < Duration::from_millis(800), "{lasted:?}");
    let unknown: Vec<_> = results
        .into_iter()
        .map(|result| result.expect_err("no answer comes"))
        .inspect(|error| assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}"))
        .map(|error| error.is_outcome_unknown())
        .collect();
    assert_eq!(
        unknown,
        [true, false, false, false, false],
        "{}",
        heap.seen()
    );
    heap.assert_counts(1, 0, 0);
}

#[test]
fn a_close_ends_the_call() {
    let heap = Heap::new();
    let sender = heap
        .client
        .queue_sender("heap")
        .operation_timeout(LONG * 10)
        .max_bytes_in_flight(300_000)
        .open()
        .expect("it opens");
    let unanswered = heap
        .emulator
        .inject(Fault::drop_outcome())
        .expect("the fault is valid");
    let results = std::thread::scope(|scope| {
        let sending = scope.spawn(|| sender.send_all((0..3).map(|_| large())));
        while heap.emulator.hits(unanswered) == Some(0) {
            std::thread::yield_now();
        }
        sender.close().expect("it is closed");
        sending.join().expect("no panic")
    });
    let unknown: Vec<_> = results
        .into_iter()
        .map(|result| result.expect_err("it was closed"))
        .inspect(|error| assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}"))
        .map(|error| error.is_outcome_unknown())
        .collect();
    assert_eq!(unknown, [true, false, false], "{}", heap.seen());
}

#[test]
fn a_lost_connection_leaves_what_was_on_its_way_unknown_and_the_rest_arrives() {
    let heap = Heap::new();
    let sender = heap.client.queue_sender("heap").open().expect("it opens");
    let unanswered = heap
        .emulator
        .inject(Fault::drop_outcome().times(1))
        .expect("the fault is valid");
    let messages = (0..4).map(|n| {
        if n == 2 {
            while heap.emulator.hits(unanswered) == Some(0) {
                std::thread::yield_now();
            }
            heap.emulator
                .inject(Fault::cut_stream().times(1))
                .expect("the fault is valid");
            // One that crosses the end of the connection is unknown as well.
            while sender.send_messages(Message::new("probe")).is_err() {}
        }
        large()
    });
    let results = sender.send_all(messages);
    let unknown: Vec<_> = results
        .iter()
        .map(|result| {
            result
                .as_ref()
                .is_err_and(|error| error.is_outcome_unknown())
        })
        .collect();
    assert_eq!(unknown, [true, false, false, false], "{results:?}");
    assert!(results.iter().skip(1).all(Result::is_ok), "{results:?}");
}
