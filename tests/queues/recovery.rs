//! What usually passes is tried again within the deadline of the call, and nothing is done twice by it.

use std::time::Duration;

use servicebus::{ErrorKind, Message, RetryOptions};
use servicebus_emulator::{Direction, Emulator, Fault, QueueOptions};

use crate::orders::{next, Orders, LONG};
use crate::patience::{client, pauses};

const BUSY: &str = "com.microsoft:server-busy";
const DETACHED: &str = "amqp:link:detach-forced";

fn orders(retry: RetryOptions) -> Orders {
    let mut orders = Orders::new();
    orders.client = client(&orders.emulator, retry);
    orders
}

fn emulator(port: u16) -> Emulator {
    Emulator::builder()
        .port(port)
        .queue("orders")
        .start()
        .expect("the emulator starts")
}

/// How many ends of links the client has answered.
pub(crate) fn count_answered_detaches(emulator: &Emulator) -> usize {
    let frames = emulator.frames();
    let answers = frames
        .iter()
        .filter(|frame| frame.direction == Direction::Inbound && frame.performative == "detach");
    answers.count()
}

#[test]
fn a_busy_service_is_asked_again() {
    let orders = orders(pauses());
    let busy = orders
        .emulator
        .inject(Fault::reject_message(BUSY).entity("orders").times(2))
        .expect("the fault is valid");
    orders.send(&["a"]);
    assert_eq!(orders.emulator.hits(busy), Some(2), "{}", orders.seen());
    orders.assert_counts(1, 0, 0);
}

#[test]
fn a_call_gives_up_after_all_its_attempts() {
    let orders = orders(pauses().with_total(2));
    let sender = orders.sender();
    let busy = orders
        .emulator
        .inject(Fault::reject_message(BUSY).entity("orders"))
        .expect("the fault is valid");
    let error = sender
        .send_messages(Message::new("a"))
        .expect_err("the service is busy");
    assert_eq!(error.kind(), ErrorKind::ServerBusy, "{error:?}");
    assert_eq!(orders.emulator.hits(busy), Some(3), "{}", orders.seen());
}

#[test]
fn a_busy_service_is_left_alone_as_long_as_it_asks() {
    let orders = orders(pauses().with_busy_pause(LONG));
    let sender = orders.sender().with_timeout(LONG / 2);
    let busy = orders
        .emulator
        .inject(Fault::reject_message(BUSY).entity("orders").times(1))
        .expect("the fault is valid");
    for attempt in ["refused", "not even tried"] {
        let error = sender
            .send_messages(Message::new("a"))
            .expect_err("the pause outlasts the deadline");
        assert_eq!(error.kind(), ErrorKind::ServerBusy, "{attempt}: {error:?}");
    }
    assert_eq!(orders.emulator.hits(busy), Some(1), "{}", orders.seen());
    orders.assert_counts(0, 0, 0);
}

#[test]
fn what_cannot_pass_is_not_tried_again() {
    let orders = orders(pauses());
    let sender = orders.sender();
    let full = orders
        .emulator
        .inject(Fault::reject_message("amqp:resource-limit-exceeded").entity("orders"))
        .expect("the fault is valid");
    let error = sender
        .send_messages(Message::new("a"))
        .expect_err("the queue is full");
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded, "{error:?}");
    assert_eq!(orders.emulator.hits(full), Some(1), "{}", orders.seen());
}

#[test]
fn a_send_that_may_have_been_stored_is_reported_and_not_repeated() {
    let orders = orders(pauses());
    let sender = orders.sender();
    orders
        .emulator
        .inject(Fault::drop_outcome().entity("orders").times(1))
        .expect("the fault is valid");
    let error = sender
        .with_timeout(Duration::from_millis(300))
        .send_messages(Message::new("a").with_message_id("1"))
        .expect_err("the answer is lost");
    assert!(error.is_outcome_unknown(), "{error:?}");
    orders.assert_counts(1, 0, 0);
}

#[test]
fn an_unknown_send_is_repeated_where_the_caller_allows_it() {
    let detecting = QueueOptions::new().duplicate_detection(Duration::from_secs(600));
    let mut orders = Orders::with_options(detecting);
    let retry = pauses().with_try_timeout(Duration::from_millis(200));
    orders.client = client(&orders.emulator, retry);
    let sender = orders
        .client
        .queue_sender("orders")
        .resend_unknown_outcomes(true)
        .open()
        .expect("it opens");
    let lost = orders
        .emulator
        .inject(Fault::drop_outcome().entity("orders").times(1))
        .expect("the fault is valid");
    sender
        .send_messages(Message::new("a").with_message_id("1"))
        .expect("the second attempt is answered");
    assert_eq!(orders.emulator.hits(lost), Some(1), "{}", orders.seen());
    orders.assert_counts(1, 0, 0);

    orders
        .emulator
        .inject(Fault::drop_outcome().entity("orders").times(1))
        .expect("the fault is valid");
    let error = sender
        .send_messages(Message::new("has no id"))
        .expect_err("the service could not tell a repetition");
    assert!(error.is_outcome_unknown(), "{error:?}");
}

#[test]
fn a_sender_sends_through_a_restart() {
    let first = emulator(0);
    let client = client(&first, pauses().with_total(1_000));
    let sender = client.queue_sender("orders").open().expect("it opens");
    let port = first.port();
    drop(first);
    let second = std::thread::scope(|scope| {
        let sending = scope.spawn(|| sender.send_messages(Message::new("b")));
        let second = emulator(port);
        sending
            .join()
            .expect("no panic")
            .expect("the second emulator stores it");
        second
    });
    assert_eq!(second.counts("orders").map(|counts| counts.active), Some(1));
}

#[test]
fn a_receiver_iterates_through_a_restart() {
    let first = emulator(0);
    let client = client(&first, pauses().with_total(1_000));
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    let port = first.port();
    std::thread::scope(|scope| {
        let iterating = scope.spawn(|| {
            let message = receiver.messages().next().expect("no end")?;
            receiver.complete_message(&message)?;
            Ok::<_, servicebus::Error>(message.to_string())
        });
        drop(first);
        let second = emulator(port);
        let sender = client.queue_sender("orders").open().expect("it opens");
        sender
            .send_messages(Message::new("after"))
            .expect("it is stored");
        let body = iterating.join().expect("no panic").expect("no error");
        assert_eq!(body, "after", "{}", second.journal().join("\n"));
    });
}

#[test]
fn an_outage_longer_than_the_wait_is_an_error_and_the_receiver_lives_on() {
    let first = emulator(0);
    let client = client(&first, pauses().with_total(1_000));
    let receiver = client
        .queue_receiver("orders")
        .max_wait_time(Duration::from_millis(200))
        .open()
        .expect("it opens");
    let port = first.port();
    drop(first);
    let error = receiver
        .messages()
        .next()
        .expect("an outage is not the end")
        .expect_err("nobody is there");
    assert!(error.is_retryable(), "{error:?}");
    let second = emulator(port);
    let sender = client.queue_sender("orders").open().expect("it opens");
    sender
        .send_messages(Message::new("b"))
        .expect("it is stored");
    let message = next(&receiver);
    receiver
        .complete_message(&message)
        .expect("it is completed");
    assert_eq!(second.counts("orders").map(|counts| counts.locked), Some(0));
}

#[test]
fn links_that_were_closed_for_idleness_are_attached_again_unseen() {
    let orders = orders(pauses());
    let sender = orders.sender();
    let receiver = orders.receiver();
    orders.emulator.record_frames(true);
    // As the service does after ten minutes.
    orders
        .emulator
        .inject(Fault::detach_link(DETACHED).entity("orders"))
        .expect("the fault is valid");
    // A message that crosses its link's end may have been stored for all the client knows.
    while count_answered_detaches(&orders.emulator) < 2 {
        std::thread::yield_now();
    }
    sender
        .send_messages(Message::new("after a pause"))
        .expect("the link is attached again");
    let bodies: Vec<_> = receiver
        .messages()
        .map(|message| message.expect("no error").to_string())
        .collect();
    assert_eq!(bodies, ["after a pause"], "{}", orders.seen());
}

#[test]
fn a_message_of_a_lost_link_is_settled_all_the_same() {
    let orders = orders(pauses());
    orders.send(&["a"]);
    let receiver = orders.receiver();
    let message = next(&receiver);
    orders
        .emulator
        .inject(Fault::detach_link(DETACHED).receivers())
        .expect("the fault is valid");
    receiver
        .complete_message(&message)
        .expect("management takes it");
    orders.assert_counts(0, 0, 0);
}

#[test]
fn a_settlement_that_failed_for_now_is_sent_again() {
    let orders = orders(pauses());
    orders.send(&["a"]);
    let receiver = orders.receiver();
    let message = next(&receiver);
    let refused = orders
        .emulator
        .inject(Fault::refuse_settlement("amqp:internal-error").times(1))
        .expect("the fault is valid");
    receiver
        .complete_message(&message)
        .expect("the second attempt is applied");
    assert_eq!(orders.emulator.hits(refused), Some(1), "{}", orders.seen());
    orders.assert_counts(0, 0, 0);
}

#[test]
fn a_settlement_whose_answer_was_lost_stays_unknown() {
    let orders = orders(pauses().with_try_timeout(Duration::from_millis(200)));
    orders.send(&["a"]);
    let receiver = orders.receiver();
    let message = next(&receiver);
    orders
        .emulator
        .inject(Fault::drop_settlement().times(1))
        .expect("the fault is valid");
    let error = receiver
        .complete_message(&message)
        .expect_err("the second attempt finds no lock, which proves nothing");
    assert_eq!(error.kind(), ErrorKind::MessageLockLost, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
    orders.assert_counts(0, 0, 0);
}

#[test]
fn a_close_ends_the_pause_between_attempts() {
    let orders = orders(RetryOptions::new().with_busy_pause(LONG * 10));
    let sender = orders.sender().with_timeout(LONG * 100);
    let busy = orders
        .emulator
        .inject(Fault::reject_message(BUSY).entity("orders"))
        .expect("the fault is valid");
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| sender.send_messages(Message::new("a")));
        while orders.emulator.hits(busy) == Some(0) {
            std::thread::yield_now();
        }
        sender.close().expect("it is closed");
        let error = sending.join().expect("no panic").expect_err("it is closed");
        assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    });
}
