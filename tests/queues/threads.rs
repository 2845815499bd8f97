//! One sender and one receiver shared by many threads.

use std::collections::BTreeSet;
use std::sync::{mpsc, Barrier, Mutex};
use std::thread;

use servicebus::Message;

use crate::orders::{Orders, LONG, SHORT};

const THREADS: usize = 8;
const EACH: usize = 50;

#[test]
fn many_threads_send_through_one_sender() {
    let orders = Orders::new();
    let sender = orders.sender();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let sender = &sender;
            scope.spawn(move || {
                for n in 0..EACH {
                    sender
                        .send_messages(Message::new(format!("{thread} {n}")))
                        .expect("it is stored");
                }
            });
        }
    });
    orders.assert_counts(THREADS * EACH, 0, 0);
}

fn received_by_many(prefetch: u32) {
    let orders = Orders::new();
    let sender = orders.sender();
    let receiver = orders
        .client
        .queue_receiver("orders")
        .prefetch_count(prefetch)
        .open()
        .expect("it opens");
    let received = Mutex::new(BTreeSet::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (receiver, received) = (receiver.clone(), &received);
            scope.spawn(move || {
                for message in &receiver {
                    let message = message.expect("it comes");
                    receiver
                        .complete_message(&message)
                        .expect("it is completed");
                    let mut received = received.lock().expect("no panic");
                    assert!(received.insert(message.to_string()), "{message} came twice");
                    if received.len() == THREADS * EACH {
                        receiver.close().expect("it closes");
                    }
                }
            });
        }
        for n in 0..THREADS * EACH {
            sender
                .send_messages(Message::new(n.to_string()))
                .expect("it is stored");
        }
    });
    assert_eq!(received.lock().expect("no panic").len(), THREADS * EACH);
    orders.assert_counts(0, 0, 0);
}

#[test]
fn many_threads_iterate_one_receiver() {
    received_by_many(0);
}

#[test]
fn many_threads_iterate_one_receiver_with_prefetch() {
    received_by_many(20);
}

/// Messages come one after the other, so that all threads but one wait for each.
fn taken_in_turn(prefetch: u32) {
    const SHARE: usize = 20;
    let orders = Orders::new();
    let sender = orders.sender();
    let receiver = orders
        .client
        .queue_receiver("orders")
        .prefetch_count(prefetch)
        .max_wait_time(LONG)
        .open()
        .expect("it opens");
    let begun = Barrier::new(THREADS + 1);
    let (tell, told) = mpsc::channel();
    let mut shares = [0; THREADS];
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (receiver, begun, tell) = (&receiver, &begun, tell.clone());
            scope.spawn(move || {
                begun.wait();
                for message in receiver {
                    let message = message.expect("it comes");
                    receiver
                        .complete_message(&message)
                        .expect("it is completed");
                    tell.send(number).expect("the main thread listens");
                }
            });
        }
        begun.wait();
        for _ in 0..THREADS * SHARE {
            sender
                .send_messages(Message::new("a"))
                .expect("it is stored");
            shares[told.recv_timeout(LONG).expect("somebody takes it")] += 1;
        }
        receiver.close().expect("it closes");
    });
    let fair = shares.iter().all(|share| *share >= SHARE / 4);
    assert!(fair, "the threads took {shares:?}: {}", orders.seen());
}

#[test]
fn no_thread_that_waits_is_passed_over() {
    taken_in_turn(0);
}

#[test]
fn no_thread_that_waits_is_passed_over_with_prefetch() {
    taken_in_turn(20);
}

#[test]
fn a_message_is_settled_by_one_of_many() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let message = receiver
        .next_message(LONG)
        .expect("it comes")
        .expect("a message");
    let settled: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| receiver.complete_message(&message)))
            .collect();
        threads
            .into_iter()
            .map(|thread| match thread.join().expect("no panic") {
                Ok(()) => 1,
                Err(error) => {
                    assert_eq!(
                        error.kind(),
                        servicebus::ErrorKind::MessageAlreadySettled,
                        "{error}"
                    );
                    0
                }
            })
            .sum()
    });
    assert_eq!(settled, 1, "{}", orders.seen());
}

#[test]
fn links_open_from_many_threads_at_once() {
    let orders = Orders::new();
    thread::scope(|scope| {
        for n in 0..THREADS {
            let orders = &orders;
            scope.spawn(move || {
                orders
                    .sender()
                    .send_messages(Message::new(n.to_string()))
                    .expect("it is stored");
                assert!(orders
                    .receiver()
                    .next_message(LONG)
                    .expect("no error")
                    .is_some());
            });
        }
    });
    let none = orders.receiver().next_message(SHORT).expect("no error");
    assert!(none.is_none(), "each thread took one");
}
