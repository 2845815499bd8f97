//! Without prefetch, a call that has returned leaves no lock that it did not return, and no credit: a message sent
//! afterwards stays in the queue. The broker hands out what credit covers as soon as it is stored, so its counts tell.

use std::thread;
use std::time::Duration;

use crate::orders::{Orders, LONG, SHORT};

/// Nothing is asked for: a new message is locked by nobody. Counts are of messages, new one included.
#[track_caller]
fn assert_no_credit(orders: &Orders, active: usize, locked: usize) {
    orders.assert_counts(active, locked, 0);
    orders.send(&["afterwards"]);
    orders.assert_counts(active + 1, locked, 0);
}

#[test]
fn after_some_of_the_messages_asked_for() {
    let orders = Orders::holding(&["a", "b"]);
    let receiver = orders.receiver();
    let received = receiver.receive_messages(10, LONG).expect("they come");
    assert_eq!(received.len(), 2, "{}", orders.seen());
    assert_no_credit(&orders, 0, 2);
}

#[test]
fn after_all_of_the_messages_asked_for() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let receiver = orders.receiver();
    let received = receiver.receive_messages(2, LONG).expect("they come");
    assert_eq!(received.len(), 2, "{}", orders.seen());
    assert_no_credit(&orders, 1, 2);
}

#[test]
fn after_nothing_came() {
    let orders = Orders::new();
    let receiver = orders.receiver();
    assert!(receiver
        .receive_messages(10, SHORT)
        .expect("no error")
        .is_empty());
    assert_no_credit(&orders, 0, 0);
}

#[test]
fn after_a_zero_wait() {
    let orders = Orders::new();
    let receiver = orders.receiver();
    assert!(receiver
        .receive_messages(10, Duration::ZERO)
        .expect("no error")
        .is_empty());
    assert_no_credit(&orders, 0, 0);
}

#[test]
fn after_an_iterator_went_idle() {
    let orders = Orders::new();
    let receiver = orders.receiver();
    assert!(receiver.messages().next().is_none());
    assert_no_credit(&orders, 0, 0);
}

/// Messages arrive while calls end, again and again: each is returned by a call or back in the queue.
#[test]
fn in_a_race_with_arrivals() {
    let orders = Orders::new();
    let (sender, receiver) = (orders.sender(), orders.receiver());
    const COUNT: usize = 400;
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..COUNT {
                sender
                    .send_messages(servicebus::Message::new(n.to_string()))
                    .expect("it is stored");
            }
        });
        let mut received = 0;
        while received < COUNT {
            let messages = receiver
                .receive_messages(3, Duration::from_millis(1))
                .expect("no error");
            let locked = orders.counts().locked;
            assert_eq!(
                locked,
                messages.len(),
                "locked and returned differ\n{}",
                orders.seen()
            );
            for message in &messages {
                receiver.complete_message(message).expect("it is completed");
            }
            received += messages.len();
        }
    });
    assert_no_credit(&orders, 0, 0);
}

/// Several calls on one receiver at a time: when the last has left, nothing is left.
#[test]
fn after_the_last_of_several_calls() {
    let orders = Orders::new();
    let (sender, receiver) = (orders.sender(), orders.receiver());
    for round in 0..50 {
        let got: usize = thread::scope(|scope| {
            let calls: Vec<_> = (1..=4u64)
                .map(|n| {
                    let receiver = &receiver;
                    scope.spawn(move || {
                        let wait = Duration::from_millis(n);
                        let messages = receiver.receive_messages(2, wait).expect("no error");
                        for message in &messages {
                            receiver.complete_message(message).expect("it is completed");
                        }
                        messages.len()
                    })
                })
                .collect();
            sender
                .send_messages(vec![servicebus::Message::new("x"); 3])
                .expect("they are stored");
            calls
                .into_iter()
                .map(|call| call.join().expect("no panic"))
                .sum()
        });
        let counts = orders.counts();
        assert_eq!(
            (counts.active + got, counts.locked),
            (3, 0),
            "round {round}: active + received, locked\n{}",
            orders.seen()
        );
        let rest = receiver
            .receive_messages(3 - got + 1, SHORT / 10)
            .expect("no error");
        assert_eq!(rest.len(), 3 - got, "{}", orders.seen());
        for message in &rest {
            receiver.complete_message(message).expect("it is completed");
        }
    }
    assert_no_credit(&orders, 0, 0);
}
