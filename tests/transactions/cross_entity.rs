//! One entity, or several where the client was set up for it.

use servicebus::{ErrorKind, Message};

use crate::shop::{Shop, LONG};

fn across() -> Shop {
    Shop::with(|builder| builder.cross_entity_transactions(true))
}

#[test]
fn a_message_moves_from_one_queue_to_another() {
    let shop = across();
    let (receiver, order) = shop.order();
    let transaction = shop.client.transaction().expect("it begins");
    transaction
        .send_messages(&shop.sender("invoices"), Message::new("invoice"))
        .expect("it is taken");
    transaction
        .complete_message(&receiver, &order)
        .expect("it is noted");
    shop.assert_counts("invoices", 0, 0);
    transaction.commit().expect("it is committed");
    shop.assert_counts("orders", 0, 0);
    shop.assert_counts("invoices", 1, 0);
}

#[test]
fn without_it_the_service_refuses_a_second_entity() {
    let shop = Shop::new();
    let (receiver, order, transaction) = shop.completing();
    let error = transaction
        .send_messages(&shop.sender("invoices"), Message::new("invoice"))
        .expect_err("it is another entity");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    transaction.rollback().expect("it is rolled back");
    receiver.complete_message(&order).expect("it is open again");
}

#[test]
fn links_in_one_session_open_and_close_apart() {
    let shop = across();
    let sender = shop.sender("invoices");
    let first = shop.receiver("orders");
    first.close().expect("it closes");
    sender
        .send_messages(Message::new("invoice"))
        .expect("the sender's link stands");
    let second = shop.receiver("invoices");
    let message = second
        .next_message(LONG)
        .expect("it works")
        .expect("a message");
    drop(sender);
    second.complete_message(&message).expect("it is completed");
    shop.assert_counts("invoices", 0, 0);
}
