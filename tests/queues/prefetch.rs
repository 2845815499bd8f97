//! Prefetch: messages at hand before anybody asks, given back at the end.

use servicebus::Receiver;

use crate::orders::{bodies, next, Orders, LONG, SHORT};

fn prefetching(orders: &Orders, count: u32) -> Receiver {
    orders
        .client
        .queue_receiver("orders")
        .prefetch_count(count)
        .max_wait_time(SHORT)
        .open()
        .expect("the receiver opens")
}

#[test]
fn as_many_as_configured_are_at_hand_after_the_first() {
    let orders = Orders::holding(&["a", "b", "c", "d", "e", "f"]);
    let receiver = prefetching(&orders, 3);
    let message = next(&receiver);
    assert_eq!(message.to_string(), "a");
    // Credit is topped up at half: at least the three are locked, never more than three beyond the one handed out.
    let locked = orders.counts().locked;
    assert!(
        (3..=4).contains(&locked),
        "{locked} locked\n{}",
        orders.seen()
    );
}

#[test]
fn all_messages_come_through_a_small_prefetch() {
    let orders = Orders::new();
    let sent: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    orders.send(&sent.iter().map(String::as_str).collect::<Vec<_>>());
    let receiver = prefetching(&orders, 7);
    let mut received = Vec::new();
    for message in &receiver {
        let message = message.expect("it comes");
        receiver
            .complete_message(&message)
            .expect("it is completed");
        received.push(message.to_string());
    }
    assert_eq!(received, sent, "{}", orders.seen());
    orders.assert_counts(0, 0, 0);
}

#[test]
fn closing_gives_back_what_was_not_handed_out() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let receiver = prefetching(&orders, 10);
    let message = next(&receiver);
    receiver.close().expect("it closes");
    orders.assert_counts(2, 1, 0);
    let other = orders.receiver();
    let rest = other.receive_messages(5, LONG).expect("they come");
    assert_eq!(bodies(&rest), ["b", "c"], "{}", orders.seen());
    assert!(
        rest.iter().all(|message| message.delivery_count() == 0),
        "given back uncounted: {rest:?}"
    );
    other.complete_message(&message).expect("its lock stands");
}

#[test]
fn more_than_the_service_allows_is_refused() {
    let orders = Orders::new();
    let error = orders
        .client
        .queue_receiver("orders")
        .prefetch_count(50_001)
        .open()
        .expect_err("it is too much");
    assert_eq!(
        error.kind(),
        servicebus::ErrorKind::InvalidArgument,
        "{error}"
    );
}
