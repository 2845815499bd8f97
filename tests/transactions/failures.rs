//! What goes wrong in a transaction leaves nothing half done, and is said truly.

use std::time::Duration;

use servicebus::{ErrorKind, Message, RetryOptions};
use servicebus_emulator::Fault;

use crate::shop::Shop;

const SOON: Duration = Duration::from_millis(300);

#[test]
fn a_transaction_that_took_too_long_is_rolled_back() {
    let shop = Shop::new();
    let sender = shop.sender("orders");
    let transaction = shop.client.transaction().expect("it begins");
    transaction
        .send_messages(&sender, Message::new("a"))
        .expect("it is taken");
    shop.emulator.advance(Duration::from_secs(121));
    let error = transaction.commit().expect_err("two minutes are over");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    shop.assert_counts("orders", 0, 0);
}

#[test]
fn a_lost_connection_ends_the_transaction() {
    let shop = Shop::with(|builder| builder.retry_options(RetryOptions::new().with_total(0)));
    let (receiver, order, transaction) = shop.completing();
    let sender = shop.sender("orders");
    shop.emulator
        .inject(Fault::close_connection("amqp:connection:forced"))
        .expect("the fault is valid");
    // Until a call has met the end of the connection.
    while sender.send_messages(Message::new("alone")).is_err() {}
    let error = transaction
        .send_messages(&sender, Message::new("within"))
        .expect_err("the transaction is gone");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    let error = transaction.commit().expect_err("it is gone");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    shop.assert_counts("orders", 1, 1);
    receiver
        .complete_message(&order)
        .expect("it is open, and locked still");
    shop.assert_counts("orders", 1, 0);
}

#[test]
fn a_commit_without_an_answer_is_unknown() {
    let shop = Shop::with(|builder| builder.operation_timeout(SOON));
    let (receiver, order, transaction) = shop.completing();
    shop.emulator
        .inject(Fault::drop_outcome().entity("$coordinator").times(1))
        .expect("the fault is valid");
    let error = transaction.commit().expect_err("the answer is lost");
    assert!(error.is_outcome_unknown(), "{error:?}");
    shop.assert_counts("orders", 0, 0);
    let error = receiver
        .complete_message(&order)
        .expect_err("it was settled, as nobody knows");
    assert!(error.is_outcome_unknown(), "{error:?}");
}

#[test]
fn after_a_step_without_an_answer_the_commit_rolls_back() {
    let shop = Shop::with(|builder| builder.operation_timeout(SOON));
    let (receiver, order, transaction) = shop.completing();
    let sender = shop.sender("orders");
    shop.emulator
        .inject(Fault::drop_outcome().entity("orders").times(1))
        .expect("the fault is valid");
    let error = transaction
        .send_messages(&sender, Message::new("a"))
        .expect_err("the answer is lost");
    assert!(error.is_outcome_unknown(), "{error:?}");
    let error = transaction.commit().expect_err("it is not whole");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    shop.assert_counts("orders", 0, 1);
    receiver.complete_message(&order).expect("it is open again");
}

#[test]
fn a_refused_step_is_left_out_and_the_rest_committed() {
    let shop = Shop::new();
    let sender = shop.sender("orders");
    let transaction = shop.client.transaction().expect("it begins");
    transaction
        .send_messages(&sender, Message::new("a"))
        .expect("it is taken");
    let error = transaction
        .send_messages(&sender, Message::new(vec![0; 300 * 1024]))
        .expect_err("it is too large");
    assert_eq!(error.kind(), ErrorKind::MessageSizeExceeded, "{error:?}");
    transaction.commit().expect("it is committed");
    shop.assert_counts("orders", 1, 0);
}

#[test]
fn work_of_another_client_is_refused() {
    let (shop, other) = (Shop::new(), Shop::new());
    let transaction = shop.client.transaction().expect("it begins");
    let error = transaction
        .send_messages(&other.sender("orders"), Message::new("a"))
        .expect_err("it is another client's");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    let (receiver, order) = other.order();
    let error = transaction
        .complete_message(&receiver, &order)
        .expect_err("it is another client's");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    receiver.complete_message(&order).expect("it is untouched");
}
