//! `receive_messages` and `next_message`: how many, how long.

use std::thread;
use std::time::{Duration, Instant};

use servicebus::Message;

use crate::orders::{bodies, Orders, LONG, SHORT};

#[test]
fn never_more_than_asked_for() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let receiver = orders.receiver();
    let received = receiver.receive_messages(2, LONG).expect("they come");
    assert_eq!(bodies(&received), ["a", "b"], "{}", orders.seen());
    orders.assert_counts(1, 2, 0);
}

#[test]
fn what_is_there_comes_without_waiting_for_more() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let receiver = orders.receiver();
    let start = Instant::now();
    let received = receiver.receive_messages(10, LONG).expect("they come");
    let elapsed = start.elapsed();
    assert_eq!(bodies(&received), ["a", "b", "c"], "{}", orders.seen());
    assert!(elapsed < LONG / 2, "it took {elapsed:?}");
}

#[test]
fn an_empty_queue_gives_nothing_in_time() {
    let orders = Orders::new();
    let receiver = orders.receiver();
    let start = Instant::now();
    let received = receiver
        .receive_messages(5, SHORT)
        .expect("nothing is no error");
    let elapsed = start.elapsed();
    assert!(received.is_empty());
    assert!(elapsed >= SHORT, "gave up after {elapsed:?}");
    assert!(
        elapsed < SHORT + Duration::from_millis(500),
        "it took {elapsed:?}"
    );
    assert!(receiver
        .next_message(SHORT)
        .expect("nothing is no error")
        .is_none());
}

#[test]
fn a_zero_wait_takes_what_is_there() {
    let orders = Orders::holding(&["a", "b"]);
    let receiver = orders.receiver();
    let received = receiver
        .receive_messages(5, Duration::ZERO)
        .expect("they come");
    assert_eq!(bodies(&received), ["a", "b"], "{}", orders.seen());
    let one = receiver
        .next_message(Duration::ZERO)
        .expect("nothing is no error");
    assert!(one.is_none());
}

#[test]
fn a_message_that_comes_later_ends_the_wait() {
    let orders = Orders::new();
    let (sender, receiver) = (orders.sender(), orders.receiver());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| receiver.next_message(None));
        sender
            .send_messages(Message::new("late"))
            .expect("it is stored");
        let message = waiting.join().expect("no panic").expect("it comes");
        assert_eq!(message.expect("a message").to_string(), "late");
    });
}

#[test]
fn a_second_receiver_gets_other_messages() {
    let orders = Orders::holding(&["a", "b"]);
    let (one, other) = (orders.receiver(), orders.receiver());
    assert_eq!(crate::orders::next(&one).to_string(), "a");
    assert_eq!(crate::orders::next(&other).to_string(), "b");
    orders.assert_counts(0, 2, 0);
}

#[test]
fn a_received_message_tells_what_the_service_added() {
    let orders = Orders::holding(&["a"]);
    let message = crate::orders::next(&orders.receiver());
    assert_eq!(message.sequence_number(), Some(1));
    assert_eq!(message.delivery_count(), 0);
    assert!(message.lock_token().is_some());
    let (enqueued, until) = (message.enqueued_time(), message.locked_until());
    let locked = until.expect("a lock") - enqueued.expect("a time");
    assert!(
        (0..=65).contains(&locked.num_seconds()),
        "locked for {locked}"
    );
}
