//! Retries and reconnects.

use std::time::Duration;

use servicebus::{ErrorKind, Message};
use servicebus_emulator::Fault;

use super::{of_client, of_receiver, of_sender};
use crate::orders::{builder, emulator, next, Orders, LONG};

const BUSY: &str = "com.microsoft:server-busy";

#[test]
fn each_failure_that_is_tried_again_is_a_retry() {
    let orders = Orders::new();
    let sender = orders.sender();
    let other = orders.sender();
    orders.inject(Fault::reject_message(BUSY).entity("orders").times(2));
    sender
        .send_messages(Message::new("a"))
        .expect("the third attempt works");
    assert_eq!(of_sender(&sender).retries, 2, "{}", orders.seen());
    assert_eq!(of_sender(&other).retries, 0);
    assert_eq!(of_client(&orders.client).retries, 2);
}

#[test]
fn a_failure_that_is_not_tried_again_is_none() {
    let orders = Orders::new();
    let sender = orders.sender();
    orders.inject(Fault::reject_message("amqp:resource-limit-exceeded").times(1));
    let error = sender
        .send_messages(Message::new("a"))
        .expect_err("the queue is full");
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded, "{error:?}");
    assert_eq!(of_sender(&sender).retries, 0, "{}", orders.seen());
}

#[test]
fn a_bulk_settlement_is_tried_again_as_one() {
    let orders = Orders::new();
    orders.send(&["a", "b"]);
    let receiver = orders.receiver(0);
    let messages = receiver.receive_messages(2, LONG).expect("they come");
    orders.inject(Fault::refuse_settlement(BUSY).times(2));
    let results = receiver.complete_messages(&messages);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let stats = of_receiver(&receiver);
    assert_eq!((stats.retries, stats.settled), (1, 2), "{}", orders.seen());
}

#[test]
fn what_has_no_sender_or_receiver_counts_with_the_client() {
    let orders = Orders::new();
    let rules = orders
        .client
        .subscription_rules("events", "audit")
        .expect("the names are good");
    let busy = Fault::refuse_request(BUSY).entity("events/Subscriptions/audit");
    orders.inject(busy.times(1));
    let listed = rules.list_rules().collect::<servicebus::Result<Vec<_>>>();
    assert_eq!(listed.expect("the second attempt works").len(), 1);
    assert_eq!(of_client(&orders.client).retries, 1, "{}", orders.seen());
}

#[test]
fn a_lost_link_is_a_reconnect_of_its_sender_or_receiver_alone() {
    let orders = Orders::new();
    let sender = orders.sender();
    let receiver = orders.receiver(0);
    for n in 1..=2 {
        orders.inject(
            Fault::detach_link("amqp:link:detach-forced")
                .entity("orders")
                .senders(),
        );
        orders.until(|| of_sender(&sender).credit == 0);
        assert_eq!(of_sender(&sender).reconnects, n - 1, "nobody needs it");
        sender
            .send_messages(Message::new("a"))
            .expect("it is stored");
        assert_eq!(of_sender(&sender).reconnects, n, "{}", orders.seen());
    }
    assert_eq!(of_receiver(&receiver).reconnects, 0);
    orders.inject(
        Fault::detach_link("amqp:link:detach-forced")
            .entity("orders")
            .receivers(),
    );
    next(&receiver);
    next(&receiver);
    assert_eq!(of_receiver(&receiver).reconnects, 1, "{}", orders.seen());
    assert_eq!(of_client(&orders.client).reconnects, 0);
}

#[test]
fn a_new_connection_is_a_reconnect_of_the_client_and_of_each_link_on_it() {
    let first = emulator(0);
    let client = builder(&first).build().expect("it is built");
    let sender = client.queue_sender("orders").open().expect("it opens");
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    assert_eq!(of_client(&client).reconnects, 0);
    let port = first.port();
    drop(first);
    let failed = sender
        .with_timeout(Duration::from_millis(100))
        .send_messages(Message::new("a"));
    failed.expect_err("nobody listens");
    assert_eq!(of_client(&client).reconnects, 0, "it failed to");
    assert_eq!(of_sender(&sender).reconnects, 0, "it failed to");
    let second = emulator(port);
    sender
        .send_messages(Message::new("b"))
        .expect("it is stored");
    let seen = second.journal().join("\n");
    assert_eq!(of_client(&client).reconnects, 1, "{seen}");
    assert_eq!(of_sender(&sender).reconnects, 1, "{seen}");
    assert_eq!(of_receiver(&receiver).reconnects, 0, "nobody receives");
    next(&receiver);
    assert_eq!(of_receiver(&receiver).reconnects, 1, "{seen}");
    assert_eq!(of_client(&client).reconnects, 1, "{seen}");
}
