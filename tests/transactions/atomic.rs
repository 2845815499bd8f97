//! All of a transaction happens, or none.

use servicebus::{AbandonOptions, DeadLetterOptions, ErrorKind, Message};

use crate::shop::{Shop, LONG};

#[test]
fn a_commit_sends_and_settles_at_once() {
    let shop = Shop::new();
    let (receiver, order) = shop.order();
    let sender = shop.sender("orders");
    let transaction = shop.client.transaction().expect("it begins");
    transaction
        .send_messages(&sender, vec![Message::new("a"), Message::new("b")])
        .expect("they are taken");
    transaction
        .complete_message(&receiver, &order)
        .expect("it is noted");
    shop.assert_counts("orders", 0, 1);
    transaction.commit().expect("it is committed");
    shop.assert_counts("orders", 2, 0);
    let error = receiver
        .complete_message(&order)
        .expect_err("the commit settled it");
    assert_eq!(error.kind(), ErrorKind::MessageAlreadySettled, "{error:?}");
}

#[test]
fn a_rollback_leaves_everything_as_it_was() {
    let shop = Shop::new();
    let (receiver, order) = shop.order();
    let transaction = shop.client.transaction().expect("it begins");
    transaction
        .send_messages(&shop.sender("orders"), Message::new("a"))
        .expect("it is taken");
    transaction
        .complete_message(&receiver, &order)
        .expect("it is noted");
    let error = receiver
        .complete_message(&order)
        .expect_err("the transaction settles it");
    assert_eq!(error.kind(), ErrorKind::MessageAlreadySettled, "{error:?}");
    transaction.rollback().expect("it is rolled back");
    shop.assert_counts("orders", 0, 1);
    receiver
        .complete_message(&order)
        .expect("it is open and locked again");
    shop.assert_counts("orders", 0, 0);
}

#[test]
fn a_transaction_that_is_dropped_is_rolled_back() {
    let shop = Shop::new();
    let (receiver, order, transaction) = shop.completing();
    drop(transaction);
    receiver
        .abandon_message(&order)
        .expect("it is open and locked again");
    shop.assert_counts("orders", 1, 0);
}

#[test]
fn every_settlement_works_in_a_transaction() {
    let shop = Shop::new();
    let sender = shop.sender("orders");
    sender
        .send_messages(vec![Message::new("1"), Message::new("2")])
        .expect("they are stored");
    let receiver = shop.receiver("orders");
    let messages = receiver.receive_messages(2, LONG).expect("two are there");
    let transaction = shop.client.transaction().expect("it begins");
    transaction
        .abandon_message(&receiver, &messages[0], AbandonOptions::new())
        .expect("it is noted");
    let why = DeadLetterOptions::new().with_reason("bad");
    transaction
        .dead_letter_message(&receiver, &messages[1], why)
        .expect("it is noted");
    shop.assert_counts("orders", 0, 2);
    transaction.commit().expect("it is committed");
    shop.assert_counts("orders", 1, 0);
    let counts = shop.emulator.counts("orders").expect("the queue exists");
    assert_eq!(counts.dead_lettered, 1);
}

#[test]
fn an_empty_transaction_is_committed() {
    let shop = Shop::new();
    let transaction = shop.client.transaction().expect("it begins");
    transaction.commit().expect("there is nothing to refuse");
}
