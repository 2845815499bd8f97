//! Settled messages: those that the service has confirmed.

use servicebus::{ReceiveMode, ReceivedMessage, Receiver};
use servicebus_emulator::Fault;

use super::{of_client, of_receiver};
use crate::orders::{next, Orders, LONG};

fn settled(receiver: &Receiver) -> u64 {
    of_receiver(receiver).settled
}

#[test]
fn every_way_to_settle_counts() {
    let orders = Orders::new();
    orders.send(&["a", "b", "c", "d"]);
    let receiver = orders.receiver(0);
    let messages = receiver.receive_messages(4, LONG).expect("they come");
    type Settle = fn(&Receiver, &ReceivedMessage) -> servicebus::Result<()>;
    let ways: [Settle; 4] = [
        Receiver::complete_message,
        Receiver::abandon_message,
        Receiver::defer_message,
        Receiver::dead_letter_message,
    ];
    for (n, (settle, message)) in (1..).zip(ways.iter().zip(&messages)) {
        settle(&receiver, message).expect("it is settled");
        assert_eq!(settled(&receiver), n, "{}", orders.seen());
        settle(&receiver, message).expect_err("it was settled before");
        assert_eq!(settled(&receiver), n, "{}", orders.seen());
    }
    assert_eq!(of_receiver(&receiver).in_flight, 0);
}

#[test]
fn of_many_those_that_are_settled_count() {
    let orders = Orders::new();
    orders.send(&["a", "b", "c"]);
    let receiver = orders.receiver(0);
    let messages = receiver.receive_messages(3, LONG).expect("they come");
    orders.inject(Fault::refuse_settlement("com.microsoft:message-lock-lost").times(1));
    let results = receiver.complete_messages(&messages);
    let completed = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(completed, 2, "{results:?}");
    assert_eq!(settled(&receiver), 2, "{}", orders.seen());
}

#[test]
fn a_refused_settlement_does_not_count() {
    let orders = Orders::new();
    orders.send(&["a"]);
    let receiver = orders.receiver(0);
    let message = next(&receiver);
    orders.inject(Fault::refuse_settlement("com.microsoft:message-lock-lost").times(1));
    receiver
        .complete_message(&message)
        .expect_err("it is refused");
    assert_eq!(settled(&receiver), 0, "{}", orders.seen());
}

#[test]
fn a_settlement_by_lock_token_counts_where_it_was_called() {
    let orders = Orders::new();
    orders.send(&["a"]);
    let (first, second) = (orders.receiver(0), orders.receiver(0));
    let message = next(&first);
    second.complete_message(&message).expect("it is completed");
    assert_eq!((settled(&first), settled(&second)), (0, 1));
}

#[test]
fn what_is_received_and_deleted_was_not_settled() {
    let orders = Orders::new();
    orders.send(&["a"]);
    let receiver = orders
        .client
        .queue_receiver("orders")
        .receive_mode(ReceiveMode::ReceiveAndDelete)
        .open()
        .expect("it opens");
    next(&receiver);
    assert_eq!(settled(&receiver), 0);
}

#[test]
fn a_transaction_counts_when_it_is_committed() {
    let orders = Orders::new();
    orders.send(&["a", "b"]);
    let receiver = orders.receiver(0);
    let messages = receiver.receive_messages(2, LONG).expect("they come");
    for (message, (commit, expected)) in messages.iter().zip([(false, 0), (true, 1)]) {
        let transaction = orders.client.transaction().expect("it begins");
        transaction
            .complete_message(&receiver, message)
            .expect("it is noted");
        assert_eq!(settled(&receiver), 0, "{}", orders.seen());
        if commit {
            transaction.commit().expect("it is committed");
        } else {
            transaction.rollback().expect("it is rolled back");
        }
        assert_eq!(settled(&receiver), expected, "{}", orders.seen());
    }
}

#[test]
fn the_client_counts_its_receivers_together_also_closed_ones() {
    let orders = Orders::new();
    orders.send(&["a", "b"]);
    for n in 1..=2 {
        let receiver = orders.receiver(0);
        let message = next(&receiver);
        receiver
            .complete_message(&message)
            .expect("it is completed");
        assert_eq!(settled(&receiver), 1);
        assert_eq!(of_client(&orders.client).settled, n);
        receiver.close().expect("it closes");
        assert_eq!(settled(&receiver), 1, "a closed one still tells");
    }
    orders.client.close().expect("it closes");
    assert_eq!(of_client(&orders.client).settled, 2);
}
