//! Deleting some messages without receiving them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use servicebus::{ErrorKind, Message, RetryOptions};
use servicebus_emulator::Tier;

use crate::store::{Store, DELETE, LONG};

#[test]
fn the_oldest_go_first_and_no_more_than_wanted() {
    let store = Store::new();
    store.fill(5);
    let receiver = store.receiver();
    let deleted = receiver.delete_messages(2, None).expect("they are deleted");
    assert_eq!(deleted, 2, "{}", store.seen());
    let rest = receiver.receive_messages(5, LONG).expect("they come");
    let bodies: Vec<String> = rest.iter().map(ToString::to_string).collect();
    assert_eq!(bodies, ["2", "3", "4"]);
}

#[test]
fn fewer_than_wanted_or_none_is_no_error() {
    let store = Store::new();
    store.fill(3);
    let receiver = store.receiver();
    let delete = || receiver.delete_messages(100, None).expect("it works");
    assert_eq!(delete(), 3);
    assert_eq!(delete(), 0);
}

#[test]
fn what_was_enqueued_later_stays() {
    let store = Store::new();
    store.emulator.freeze();
    store.send("orders", &[Message::new("old")]);
    store.emulator.advance(Duration::from_secs(60));
    store.send("orders", &[Message::new("young")]);
    let receiver = store.receiver();
    let peeked = receiver.peek_messages(2, None).expect("they are shown");
    let time = |place: usize| peeked[place].enqueued_time().expect("it was enqueued");
    let delete = |before| receiver.delete_messages(10, before).expect("it works");
    assert_eq!(delete(time(0)), 0);
    assert_eq!(delete(time(1)), 1);
    store.assert_active("orders", 1);
    assert_eq!(delete(time(1) + TimeDelta::milliseconds(1)), 1);
}

#[test]
fn what_is_locked_deferred_or_scheduled_stays() {
    let store = Store::new();
    store.fill(3);
    let receiver = store.receiver();
    let messages = receiver.receive_messages(2, LONG).expect("they come");
    receiver
        .defer_message(&messages[0])
        .expect("it is set aside");
    let sender = store.client.queue_sender("orders").open();
    sender
        .expect("it opens")
        .schedule_messages(Message::new("d"), Utc::now() + TimeDelta::hours(1))
        .expect("it is scheduled");
    let deleted = receiver.delete_messages(10, None).expect("it works");
    assert_eq!(deleted, 1, "{}", store.seen());
    let counts = store.counts("orders");
    let left = (counts.locked, counts.deferred, counts.scheduled);
    assert_eq!(left, (1, 1, 1), "{}", store.seen());
}

#[test]
fn counts_of_zero_are_refused_and_great_ones_lowered() {
    let store = Store::new();
    store.fill(3);
    let receiver = store.receiver();
    let error = receiver
        .delete_messages(0, None)
        .expect_err("nothing is asked for");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    for count in [4_001, usize::MAX] {
        receiver
            .delete_messages(count, None)
            .expect("the service takes it");
    }
    store.assert_active("orders", 0);
}

#[test]
fn any_instant_can_be_named() {
    let store = Store::new();
    store.fill(1);
    let receiver = store.receiver();
    let delete = |before| receiver.delete_messages(10, before).expect("it works");
    assert_eq!(delete(DateTime::<Utc>::MIN_UTC), 0);
    assert_eq!(delete(DateTime::<Utc>::MAX_UTC), 1);
}

#[test]
fn one_call_is_one_request_whatever_the_tier_deletes() {
    let store = Store::with(Tier::Standard, RetryOptions::new());
    store.fill(600);
    let counted = store.count(DELETE);
    let deleted = store.receiver().delete_messages(600, None);
    assert_eq!(deleted.expect("it works"), 500, "{}", store.seen());
    assert_eq!(store.hits(counted), 1);
}

#[test]
fn a_receiver_of_a_session_deletes_in_that_session() {
    let store = Store::new();
    let messages = [("s", "a"), ("t", "b"), ("s", "c")]
        .map(|(session, body)| Message::new(body).with_session_id(session));
    store.send("desk", &messages);
    let receiver = store.session("s");
    let deleted = receiver.delete_messages(10, None).expect("it works");
    assert_eq!(deleted, 2, "{}", store.seen());
    store.assert_active("desk", 1);
}
