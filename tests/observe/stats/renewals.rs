//! Renewed locks, and messages whose locks were lost before anybody saw them.

use std::time::{Duration, Instant};

use servicebus::{AutoLockRenewer, Receiver};
use servicebus_emulator::QueueOptions;

use super::{of_client, of_receiver};
use crate::orders::{next, Orders, LONG};

/// As short as a lock may be.
const LOCK: Duration = Duration::from_secs(5);

fn renewals(receiver: &Receiver) -> u64 {
    of_receiver(receiver).renewals
}

/// With short locks, which last as long as a test wants.
fn short_locks() -> Orders {
    let orders = Orders::new();
    let options = QueueOptions::new().lock_duration(LOCK);
    orders
        .emulator
        .update_queue("orders", options)
        .expect("the queue is there");
    orders.emulator.freeze();
    orders
}

#[test]
fn each_renewal_by_hand_counts_and_a_refused_one_does_not() {
    let orders = Orders::new();
    orders.send(&["a"]);
    let receiver = orders.receiver(0);
    let message = next(&receiver);
    for n in 1..=2 {
        receiver
            .renew_message_lock(&message)
            .expect("it is renewed");
        assert_eq!(renewals(&receiver), n, "{}", orders.seen());
    }
    orders.emulator.advance(Duration::from_secs(600));
    receiver
        .renew_message_lock(&message)
        .expect_err("it is lost");
    assert_eq!(renewals(&receiver), 2, "{}", orders.seen());
    assert_eq!(of_client(&orders.client).renewals, 2);
}

#[test]
fn the_lock_on_a_session_counts_too() {
    let orders = Orders::new();
    let desk = orders.client.queue_receiver("desk").session_id("a");
    let receiver = desk.open().expect("the session is free");
    let session = receiver.session().expect("it holds one");
    session.renew_lock().expect("it is renewed");
    assert_eq!(renewals(&receiver), 1, "{}", orders.seen());
}

#[test]
fn a_renewer_counts_each_lock_of_a_request() {
    let orders = short_locks();
    orders.send(&["a", "b", "c"]);
    let receiver = orders.receiver(0);
    let messages = receiver.receive_messages(3, LONG).expect("they come");
    let before: Vec<_> = messages
        .iter()
        .map(|message| message.locked_until())
        .collect();
    let renewer = AutoLockRenewer::new();
    for message in &messages {
        renewer
            .register(&receiver, message, None)
            .expect("it is held");
    }
    orders.emulator.advance(Duration::from_secs(1));
    orders.until(|| {
        let mut locks = messages.iter().zip(&before);
        locks.all(|(message, before)| message.locked_until() > *before)
    });
    renewer.close().expect("it closes");
    assert_eq!(renewals(&receiver), 3, "{}", orders.seen());
    let stats = of_client(&orders.client);
    assert_eq!((stats.renewals, stats.expired_unseen), (3, 0));
}

#[test]
fn a_message_whose_lock_was_lost_at_hand_is_counted_and_one_that_is_renewed_is_not() {
    let orders = short_locks();
    let receiver = orders.receiver(2);
    orders.send(&["a", "b"]);
    orders.until(|| of_receiver(&receiver).inbox_messages == 2);
    let arrived = Instant::now();
    orders.until(|| arrived.elapsed() > LOCK);

    let message = next(&receiver);
    assert_eq!(message.to_string(), "a", "{}", orders.seen());
    let stats = of_receiver(&receiver);
    assert_eq!((stats.renewals, stats.expired_unseen), (1, 0), "{stats:?}");

    orders.emulator.advance(LOCK);
    let message = next(&receiver);
    assert_eq!(message.delivery_count(), 1, "{}", orders.seen());
    let stats = of_receiver(&receiver);
    assert_eq!((stats.renewals, stats.expired_unseen), (1, 1), "{stats:?}");
    assert_eq!(of_client(&orders.client).expired_unseen, 1);
}

#[test]
fn a_message_that_is_lost_after_it_was_handed_out_is_not_unseen() {
    let orders = short_locks();
    orders.send(&["a"]);
    let receiver = orders.receiver(0);
    let message = next(&receiver);
    orders.emulator.advance(LOCK);
    receiver
        .complete_message(&message)
        .expect_err("its lock is lost");
    assert_eq!(
        of_receiver(&receiver).expired_unseen,
        0,
        "{}",
        orders.seen()
    );
}
