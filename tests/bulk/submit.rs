//! Messages on their way at once, each with a ticket.

use std::sync::mpsc;
use std::time::Duration;

use servicebus::{ErrorKind, Message, ReceivedMessage, Ticket};
use servicebus_emulator::Fault;

use crate::heap::{take, Heap, LONG};

#[test]
fn a_ticket_tells_what_became_of_its_message() {
    let heap = Heap::new();
    let sender = heap.client.queue_sender("heap").open().expect("it opens");
    heap.emulator
        .inject(
            Fault::reject_message("amqp:resource-limit-exceeded")
                .skip(1)
                .times(1),
        )
        .expect("the fault is valid");
    let tickets: Vec<Ticket> = ["a", "b", "c"]
        .map(|body| sender.submit(Message::new(body)).expect("there is room"))
        .into();
    let kinds: Vec<_> = tickets
        .into_iter()
        .map(|ticket| ticket.wait().err().map(|error| error.kind()))
        .collect();
    assert_eq!(kinds, [None, Some(ErrorKind::QuotaExceeded), None]);
    heap.assert_counts(2, 0, 0);
}

#[test]
fn messages_leave_in_order() {
    let heap = Heap::new();
    let sender = heap.client.queue_sender("heap").open().expect("it opens");
    let tickets: Vec<Ticket> = (0..200)
        .map(|n| {
            sender
                .submit(Message::new(n.to_string()))
                .expect("there is room")
        })
        .collect();
    for ticket in tickets {
        ticket.wait().expect("it is stored");
    }
    let bodies: Vec<String> = take(&heap.receiver(), 200)
        .iter()
        .map(ReceivedMessage::to_string)
        .collect();
    assert_eq!(bodies, (0..200).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn lists_and_nothing_can_be_submitted_as_well() {
    let heap = Heap::new();
    let sender = heap.client.queue_sender("heap").open().expect("it opens");
    let list = [Message::new("a"), Message::new("b")];
    sender
        .submit(&list)
        .and_then(Ticket::wait)
        .expect("the list is stored");
    sender
        .submit(Vec::new())
        .and_then(Ticket::wait)
        .expect("nothing is sent");
    heap.assert_counts(2, 0, 0);
}

#[test]
fn a_dropped_ticket_does_not_keep_its_message() {
    let heap = Heap::new();
    let sender = heap.client.queue_sender("heap").open().expect("it opens");
    drop(sender.submit(Message::new("a")).expect("there is room"));
    sender
        .submit(Message::new("b"))
        .and_then(Ticket::wait)
        .expect("it is stored, and what left before");
    heap.assert_counts(2, 0, 0);
}

#[test]
fn a_ticket_keeps_the_sender_open() {
    let heap = Heap::new();
    let sender = heap.client.queue_sender("heap").open().expect("it opens");
    heap.emulator
        .inject(Fault::delay_outcome(Duration::from_millis(50)))
        .expect("the fault is valid");
    let ticket = sender.submit(Message::new("a")).expect("there is room");
    drop(sender);
    ticket.wait().expect("it is stored");
}

#[test]
fn a_full_window_makes_submitters_wait_for_room() {
    let heap = Heap::new();
    let sender = heap
        .client
        .queue_sender("heap")
        .max_bytes_in_flight(10_000)
        .open()
        .expect("it opens");
    let unanswered = heap
        .emulator
        .inject(Fault::drop_outcome().times(1))
        .expect("the fault is valid");
    let large = Message::new(vec![b'x'; 6_000]);
    let hurried = sender.with_timeout(Duration::from_millis(300));
    let first = hurried.submit(&large).expect("there is room");
    // Waits until the first is given up.
    let second = sender.submit(&large).expect("room comes free");
    let error = first.wait().expect_err("its answer never comes");
    assert!(error.is_outcome_unknown(), "{error:?}");
    second.wait().expect("it is stored");
    assert_eq!(heap.emulator.hits(unanswered), Some(1), "{}", heap.seen());
}

#[test]
fn no_room_until_the_deadline_means_that_nothing_was_sent() {
    let heap = Heap::new();
    let sender = heap
        .client
        .queue_sender("heap")
        .max_bytes_in_flight(10_000)
        .open()
        .expect("it opens");
    heap.emulator
        .inject(Fault::drop_outcome())
        .expect("the fault is valid");
    let large = Message::new(vec![b'x'; 6_000]);
    let first = sender.submit(&large).expect("there is room");
    let error = sender
        .with_timeout(Duration::from_millis(100))
        .submit(&large)
        .expect_err("there is no room");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    sender.close().expect("it is closed");
    let error = first.wait().expect_err("it was closed first");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
    heap.assert_counts(1, 0, 0);
}

#[test]
fn a_close_ends_the_wait_for_room_and_for_answers() {
    let heap = Heap::new();
    let sender = heap
        .client
        .queue_sender("heap")
        .operation_timeout(LONG * 10)
        .max_bytes_in_flight(10_000)
        .open()
        .expect("it opens");
    let unanswered = heap
        .emulator
        .inject(Fault::drop_outcome())
        .expect("the fault is valid");
    let large = Message::new(vec![b'x'; 6_000]);
    let first = sender.submit(&large).expect("there is room");
    let (about_to, begun) = mpsc::channel();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| first.wait());
        let submitting = scope.spawn(|| {
            about_to.send(()).expect("the test listens");
            sender.submit(&large)
        });
        begun.recv().expect("the thread runs");
        while heap.emulator.hits(unanswered) == Some(0) {
            std::thread::yield_now();
        }
        sender.close().expect("it is closed");
        let error = submitting.join().expect("no panic").expect_err("no room");
        assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
        let error = waiting.join().expect("no panic").expect_err("no answer");
        assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
        assert!(error.is_outcome_unknown(), "{error:?}");
    });
}
