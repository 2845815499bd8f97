//! Messages that appear at a time to come.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use servicebus::{ErrorKind, Message, MessageState};
use servicebus_emulator::Fault;

use crate::orders::{bodies, Orders, LONG, SHORT};
use crate::patience::{impatient, soon};
use crate::recovery::count_answered_detaches;

const SCHEDULE: &str = "com.microsoft:schedule-message";
const CANCEL: &str = "com.microsoft:cancel-scheduled-message";
const HOUR: Duration = Duration::from_secs(3_600);

fn in_an_hour() -> DateTime<Utc> {
    Utc::now() + TimeDelta::hours(1)
}

fn frozen() -> Orders {
    let orders = Orders::new();
    orders.emulator.freeze();
    orders
}

#[track_caller]
fn assert_scheduled(orders: &Orders, count: usize) {
    let scheduled = orders.counts().scheduled;
    assert_eq!(scheduled, count, "{}", orders.seen());
}

#[test]
fn they_appear_at_their_time_and_not_before() {
    let orders = frozen();
    let when = in_an_hour();
    let messages = [Message::new("a").with_message_id("1"), Message::new("b")];
    let numbers = orders
        .sender()
        .schedule_messages(&messages, when)
        .expect("they are scheduled");
    assert_eq!(numbers.len(), 2);
    assert_scheduled(&orders, 2);
    let receiver = orders.receiver();
    let early = receiver.receive_messages(2, SHORT).expect("it works");
    assert!(early.is_empty(), "{}", orders.seen());
    orders.emulator.advance(2 * HOUR);
    let messages = receiver.receive_messages(2, LONG).expect("it works");
    assert_eq!(bodies(&messages), ["a", "b"], "{}", orders.seen());
    assert_eq!(messages[0].message_id(), Some("1"));
    assert!(messages[1].message_id().is_some(), "it was given one");
    for message in &messages {
        let time = message.scheduled_enqueue_time().expect("it has one");
        assert_eq!(time.timestamp_millis(), when.timestamp_millis());
    }
}

#[test]
fn their_numbers_are_those_that_peeking_shows() {
    let orders = frozen();
    let numbers = orders
        .sender()
        .schedule_messages(vec![Message::new("a"), Message::new("b")], in_an_hour())
        .expect("they are scheduled");
    let peeked = orders
        .receiver()
        .peek_messages(5, None)
        .expect("they are shown");
    let shown: Vec<_> = peeked
        .iter()
        .filter_map(|message| message.sequence_number())
        .collect();
    assert_eq!(shown, numbers, "{}", orders.seen());
    assert!(peeked
        .iter()
        .all(|message| message.state() == MessageState::Scheduled));
}

#[test]
fn a_time_on_the_message_does_the_same() {
    let orders = frozen();
    let message = Message::new("a").with_scheduled_enqueue_time(in_an_hour());
    orders
        .sender()
        .send_messages(message)
        .expect("it is stored");
    assert_scheduled(&orders, 1);
    orders.emulator.advance(2 * HOUR);
    orders.assert_counts(1, 0, 0);
}

#[test]
fn a_time_that_is_past_enqueues_at_once() {
    let orders = Orders::new();
    let numbers = orders
        .sender()
        .schedule_messages(Message::new("a"), DateTime::UNIX_EPOCH)
        .expect("it is stored");
    assert_eq!(numbers.len(), 1);
    orders.assert_counts(1, 0, 0);
}

#[test]
fn a_list_is_one_request_and_an_empty_one_none() {
    let orders = frozen();
    let counted = orders
        .emulator
        .inject(Fault::delay_request(Duration::ZERO).operation(SCHEDULE))
        .expect("the fault is valid");
    let sender = orders.sender();
    let none: [Message; 0] = [];
    let numbers = sender
        .schedule_messages(none, in_an_hour())
        .expect("nothing is no error");
    assert!(numbers.is_empty());
    assert_eq!(orders.emulator.hits(counted), Some(0));
    let many: Vec<Message> = (0..100)
        .map(|number| Message::new(number.to_string()))
        .collect();
    let numbers = sender
        .schedule_messages(&many, in_an_hour())
        .expect("they are scheduled");
    assert_eq!(numbers.len(), 100);
    assert_eq!(orders.emulator.hits(counted), Some(1));
    assert_scheduled(&orders, 100);
}

#[test]
fn what_is_cancelled_never_appears() {
    let orders = frozen();
    let sender = orders.sender();
    let numbers = sender
        .schedule_messages([Message::new("a"), Message::new("b")], in_an_hour())
        .expect("they are scheduled");
    sender
        .cancel_scheduled_messages(&numbers[..1])
        .expect("it is cancelled");
    sender
        .cancel_scheduled_messages(&[])
        .expect("nothing to do");
    orders.emulator.advance(2 * HOUR);
    let messages = orders.receiver().receive_messages(2, LONG).expect("works");
    assert_eq!(bodies(&messages), ["b"], "{}", orders.seen());
}

#[test]
fn all_are_cancelled_or_none() {
    let orders = frozen();
    let sender = orders.sender();
    let mut numbers = sender
        .schedule_messages(Message::new("a"), in_an_hour())
        .expect("it is scheduled");
    numbers.push(numbers[0] + 1_000);
    let error = sender
        .cancel_scheduled_messages(&numbers)
        .expect_err("one is not there");
    assert_eq!(error.kind(), ErrorKind::MessageNotFound, "{error:?}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    assert_scheduled(&orders, 1);
}

#[test]
fn a_busy_service_is_asked_again() {
    let orders = soon(frozen());
    for operation in [SCHEDULE, CANCEL] {
        let busy = Fault::refuse_request("com.microsoft:server-busy");
        orders
            .emulator
            .inject(busy.operation(operation).times(1))
            .expect("the fault is valid");
    }
    let sender = orders.sender();
    let numbers = sender
        .schedule_messages(Message::new("a"), in_an_hour())
        .expect("it is scheduled at last");
    assert_scheduled(&orders, 1);
    sender
        .cancel_scheduled_messages(&numbers)
        .expect("it is cancelled at last");
    assert_scheduled(&orders, 0);
}

#[test]
fn a_lost_answer_leaves_open_whether_they_are_scheduled() {
    let orders = impatient(frozen());
    let lost = orders
        .emulator
        .inject(Fault::drop_request().operation(SCHEDULE).times(1))
        .expect("the fault is valid");
    let error = orders
        .sender()
        .schedule_messages(Message::new("a"), in_an_hour())
        .expect_err("there is no answer");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
    assert_eq!(orders.emulator.hits(lost), Some(1));
    assert_scheduled(&orders, 1);
}

#[test]
fn a_repeated_cancellation_that_finds_nothing_proves_nothing() {
    let orders = impatient(frozen());
    let sender = orders.sender();
    let numbers = sender
        .schedule_messages(Message::new("a"), in_an_hour())
        .expect("it is scheduled");
    orders
        .emulator
        .inject(Fault::drop_request().operation(CANCEL).times(1))
        .expect("the fault is valid");
    let error = sender
        .cancel_scheduled_messages(&numbers)
        .expect_err("the first attempt was carried out");
    assert_eq!(error.kind(), ErrorKind::MessageNotFound, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
    assert_scheduled(&orders, 0);
}

#[test]
fn a_close_ends_the_wait_and_leaves_the_outcome_open() {
    let orders = frozen();
    let lost = orders
        .emulator
        .inject(Fault::drop_request().operation(SCHEDULE))
        .expect("the fault is valid");
    let sender = orders.sender();
    let waiting = {
        let sender = sender.clone();
        std::thread::spawn(move || sender.schedule_messages(Message::new("a"), in_an_hour()))
    };
    while orders.emulator.hits(lost) == Some(0) {
        std::thread::yield_now();
    }
    sender.close().expect("it closes");
    let error = waiting
        .join()
        .expect("the thread ends")
        .expect_err("the sender is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
}

#[test]
fn links_that_were_detached_are_attached_again() {
    let orders = soon(frozen());
    let sender = orders.sender();
    sender
        .schedule_messages(Message::new("a"), in_an_hour())
        .expect("it is scheduled");
    orders.emulator.record_frames(true);
    orders
        .emulator
        .inject(Fault::detach_link("amqp:link:detach-forced"))
        .expect("the fault is valid");
    // The link for messages, and two for requests. A request that crosses their end may have been carried out for all
    // the client knows.
    while count_answered_detaches(&orders.emulator) < 3 {
        std::thread::yield_now();
    }
    sender
        .schedule_messages(Message::new("b"), in_an_hour())
        .expect("it is scheduled");
    assert_scheduled(&orders, 2);
}

#[test]
fn more_than_a_request_may_carry_is_refused_and_nothing_stored() {
    let orders = frozen();
    let sender = orders.sender();
    let one_too_large = vec![Message::new(vec![0; 300_000])];
    let together = vec![Message::new(vec![0; 200_000]); 10];
    for messages in [one_too_large, together] {
        let error = sender
            .schedule_messages(&messages, in_an_hour())
            .expect_err("that is too much");
        assert_eq!(error.kind(), ErrorKind::MessageSizeExceeded, "{error:?}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
    }
    assert_scheduled(&orders, 0);
}
