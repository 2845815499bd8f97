//! What a transaction asks of the management node: deferred messages and scheduled ones.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use servicebus::{AbandonOptions, DeadLetterOptions, DeferOptions, ErrorKind, Message};
use servicebus_emulator::Fault;

use crate::shop::{Shop, LONG};

const SOON: Duration = Duration::from_millis(300);
const HOUR: Duration = Duration::from_secs(3_600);

#[track_caller]
fn assert_deferred(shop: &Shop, deferred: usize, locked: usize) {
    let counts = shop.emulator.counts("orders").expect("the queue exists");
    let seen = shop.emulator.journal().join("\n");
    assert_eq!(
        (counts.deferred, counts.locked),
        (deferred, locked),
        "{seen}"
    );
}

#[test]
fn a_message_is_deferred_with_the_commit() {
    let shop = Shop::new();
    let (receiver, order) = shop.order();
    let transaction = shop.client.transaction().expect("it begins");
    transaction
        .defer_message(&receiver, &order, DeferOptions::new().with_property("p", 1))
        .expect("it is noted");
    assert_deferred(&shop, 0, 1);
    transaction.commit().expect("it is committed");
    assert_deferred(&shop, 1, 0);
    let number = order.sequence_number().expect("a number");
    let deferred = receiver
        .receive_deferred_messages(&[number])
        .expect("it is deferred");
    let property = deferred[0].application_properties().get("p");
    assert_eq!(property, Some(&1.into()));
}

#[test]
fn deferred_messages_are_settled_with_the_commit() {
    let shop = Shop::new();
    let (receiver, messages) = shop.deferred(&["a", "b", "c", "d"]);
    let transaction = shop.client.transaction().expect("it begins");
    transaction
        .complete_message(&receiver, &messages[0])
        .expect("it is noted");
    transaction
        .abandon_message(&receiver, &messages[1], AbandonOptions::new())
        .expect("it is noted");
    transaction
        .defer_message(&receiver, &messages[2], DeferOptions::new())
        .expect("it is noted");
    let why = DeadLetterOptions::new().with_reason("bad");
    transaction
        .dead_letter_message(&receiver, &messages[3], why)
        .expect("it is noted");
    assert_deferred(&shop, 0, 4);
    let error = receiver
        .complete_message(&messages[0])
        .expect_err("the transaction settles it");
    assert_eq!(error.kind(), ErrorKind::MessageAlreadySettled, "{error:?}");
    transaction.commit().expect("it is committed");
    assert_deferred(&shop, 2, 0);
    let counts = shop.emulator.counts("orders").expect("the queue exists");
    assert_eq!(counts.dead_lettered, 1);
}

#[test]
fn after_a_rollback_they_are_locked_and_open() {
    let shop = Shop::new();
    let (receiver, messages) = shop.deferred(&["a"]);
    let transaction = shop.client.transaction().expect("it begins");
    transaction
        .complete_message(&receiver, &messages[0])
        .expect("it is noted");
    transaction.rollback().expect("it is rolled back");
    assert_deferred(&shop, 0, 1);
    receiver
        .complete_message(&messages[0])
        .expect("it is open and locked");
    assert_deferred(&shop, 0, 0);
}

#[test]
fn a_message_of_another_receiver_is_settled_by_its_lock() {
    let shop = Shop::new();
    let (_first, order) = shop.order();
    let receiver = shop.receiver("orders");
    let transaction = shop.client.transaction().expect("it begins");
    transaction
        .complete_message(&receiver, &order)
        .expect("it is noted");
    shop.assert_counts("orders", 0, 1);
    transaction.commit().expect("it is committed");
    shop.assert_counts("orders", 0, 0);
}

#[test]
fn a_step_without_an_answer_rolls_back() {
    let shop = Shop::with(|builder| builder.operation_timeout(SOON));
    let (receiver, messages) = shop.deferred(&["a"]);
    let lost = Fault::drop_request().operation("com.microsoft:update-disposition");
    shop.emulator
        .inject(lost.times(1))
        .expect("the fault is valid");
    let transaction = shop.client.transaction().expect("it begins");
    let error = transaction
        .complete_message(&receiver, &messages[0])
        .expect_err("the answer is lost");
    assert!(error.is_outcome_unknown(), "{error:?}");
    let error = transaction.commit().expect_err("it is not whole");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    assert_deferred(&shop, 0, 1);
    receiver
        .complete_message(&messages[0])
        .expect("it is open again");
}

#[test]
fn a_refused_step_is_left_out() {
    let shop = Shop::new();
    let (receiver, messages) = shop.deferred(&["a"]);
    shop.emulator.advance(HOUR);
    let transaction = shop.client.transaction().expect("it begins");
    let error = transaction
        .complete_message(&receiver, &messages[0])
        .expect_err("its lock ran out");
    assert_eq!(error.kind(), ErrorKind::MessageLockLost, "{error:?}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    transaction
        .send_messages(&shop.sender("orders"), Message::new("b"))
        .expect("it is taken");
    transaction.commit().expect("the rest is committed");
    assert_deferred(&shop, 1, 0);
    shop.assert_counts("orders", 1, 0);
}

#[test]
fn messages_are_scheduled_with_the_commit() {
    let shop = Shop::new();
    shop.emulator.freeze();
    let sender = shop.sender("orders");
    let transaction = shop.client.transaction().expect("it begins");
    let when = Utc::now() + TimeDelta::hours(1);
    let messages = [Message::new("a"), Message::new("b")];
    let numbers = transaction
        .schedule_messages(&sender, &messages, when)
        .expect("they are noted");
    assert_eq!(numbers.len(), 2);
    let scheduled = || {
        shop.emulator
            .counts("orders")
            .map(|counts| counts.scheduled)
    };
    assert_eq!(scheduled(), Some(0));
    transaction.commit().expect("it is committed");
    assert_eq!(scheduled(), Some(2));
    sender
        .cancel_scheduled_messages(&numbers[..1])
        .expect("the numbers are theirs");
    shop.emulator.advance(2 * HOUR);
    let receiver = shop.receiver("orders");
    let message = receiver.next_message(LONG).expect("it works");
    assert_eq!(message.expect("a message").to_string(), "b");
}

#[test]
fn a_rollback_schedules_nothing() {
    let shop = Shop::new();
    let sender = shop.sender("orders");
    let transaction = shop.client.transaction().expect("it begins");
    let when = Utc::now() + TimeDelta::hours(1);
    let numbers = transaction
        .schedule_messages(&sender, Message::new("a"), when)
        .expect("it is noted");
    let none: [Message; 0] = [];
    let nothing = transaction.schedule_messages(&sender, none, when);
    assert!(nothing.expect("nothing is no error").is_empty());
    transaction.rollback().expect("it is rolled back");
    let error = sender
        .cancel_scheduled_messages(&numbers)
        .expect_err("there is nothing");
    assert_eq!(error.kind(), ErrorKind::MessageNotFound, "{error:?}");
}
