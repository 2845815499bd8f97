//! One entity, or several where the client was set up for it.

use servicebus::{ErrorKind, Message, Receiver, Sender};
use servicebus_emulator::Fault;

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

/// The next of `orders` moves to `invoices`, through links that were there before.
fn moves(shop: &Shop, receiver: &Receiver, sender: &Sender) {
    let transaction = shop.client.transaction().expect("it begins");
    let order = receiver
        .next_message(LONG)
        .expect("the receiver is attached again")
        .expect("a message is there");
    transaction
        .send_messages(sender, Message::new("invoice"))
        .expect("the sender is attached again");
    transaction
        .complete_message(receiver, &order)
        .expect("it is noted");
    transaction.commit().expect("it is committed");
    shop.assert_counts("orders", 0, 0);
    shop.assert_counts("invoices", 1, 0);
}

/// A client whose links of `orders` and `invoices` are there, and a message in `orders`.
fn linked() -> (Shop, Receiver, Sender) {
    let shop = across();
    shop.sender("orders")
        .send_messages(Message::new("order"))
        .expect("it is stored");
    let (receiver, sender) = (shop.receiver("orders"), shop.sender("invoices"));
    (shop, receiver, sender)
}

#[test]
fn the_session_of_all_links_is_begun_again() {
    let (shop, receiver, sender) = linked();
    shop.emulator
        .inject(
            Fault::end_session("amqp:internal-error")
                .entity("orders")
                .times(1),
        )
        .expect("the fault is valid");
    moves(&shop, &receiver, &sender);
}

#[test]
fn a_lost_coordinator_comes_back_before_the_other_links() {
    let (shop, receiver, sender) = linked();
    let ended = shop.client.transaction().expect("it begins");
    shop.emulator
        .inject(
            Fault::detach_link("amqp:link:detach-forced")
                .entity("$coordinator")
                .times(1),
        )
        .expect("the fault is valid");
    moves(&shop, &receiver, &sender);
    let error = ended
        .send_messages(&sender, Message::new("late"))
        .expect_err("its coordinator is gone");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
}
