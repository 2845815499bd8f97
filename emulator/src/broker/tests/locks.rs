//! Locks: how long they last and what ends them.

use super::*;
use ReceiveMode::{PeekLock, ReceiveAndDelete};

#[test]
fn a_lock_runs_out_at_its_very_end_and_the_failure_counts() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let lock = f.take(consumer).unwrap().lock.unwrap();
    let until = f.now.after(LOCK);
    assert_eq!(lock.until, Some(until));
    assert_eq!(f.broker.next_due(), Some(until));

    f.now = Timestamp::from_millis(until.millis() - 1);
    assert!(f.broker.renew_lock(f.orders, lock.token, f.now).is_ok());
    f.advance(LOCK);
    assert_eq!(f.content(f.orders), [(1, "a".to_owned(), 1)]);
    assert_eq!(f.broker.next_due(), None);
}

/// No timer has to have fired for it.
#[test]
fn a_verdict_after_the_end_of_the_lock_is_refused() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.now = f.now.after(LOCK);
    assert_eq!(
        f.settle(token, Settlement::Complete),
        Err(BrokerError::MessageLockLost)
    );
    let renewed = f.broker.renew_lock(f.orders, token, f.now);
    assert_eq!(renewed, Err(BrokerError::MessageLockLost));
    assert_eq!(f.content(f.orders), [(1, "a".to_owned(), 1)]);
}

#[test]
fn a_verdict_counts_once() {
    for settlement in [
        Settlement::Complete,
        Settlement::Release,
        abandon(),
        dead_letter(),
    ] {
        let mut f = Fixture::new();
        f.send(&["a"]);
        let consumer = f.attach(PeekLock, 1);
        let token = f.lock(consumer);
        assert_eq!(
            f.settle(token, settlement.clone()),
            Ok(()),
            "{settlement:?}"
        );
        let again = f.settle(token, Settlement::Complete);
        assert_eq!(again, Err(BrokerError::MessageLockLost), "{settlement:?}");
    }
}

#[test]
fn a_renewed_lock_lasts_for_its_whole_time_again() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    for _ in 0..10 {
        f.advance(LOCK - SECOND);
        let until = f.broker.renew_lock(f.orders, token, f.now);
        assert_eq!(until, Ok(f.now.after(LOCK)));
        f.check();
    }
    assert_eq!(f.settle(token, Settlement::Complete), Ok(()));
    assert_eq!(f.content(f.orders), []);
}

#[test]
fn abandoning_counts_and_releasing_does_not() {
    let mut f = Fixture::new();
    f.send(&["a", "b"]);
    let consumer = f.attach(PeekLock, 10);
    let token = f.lock(consumer);
    f.settle(token, abandon()).unwrap();
    let next = f.take(consumer).unwrap();
    assert_eq!(
        (next.sequence, next.delivery_count),
        (2, 0),
        "it was assigned before"
    );
    let again = f.take(consumer).unwrap();
    assert_eq!((again.sequence, again.delivery_count), (1, 1));
    f.settle(again.lock.unwrap().token, Settlement::Release)
        .unwrap();
    let again = f.take(consumer).unwrap();
    assert_eq!((again.sequence, again.delivery_count), (1, 1));
}

#[test]
fn an_abandoned_message_is_the_next_one_again() {
    let mut f = Fixture::new();
    f.send(&["a", "b"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.settle(token, abandon()).unwrap();
    f.credit(consumer, 2);
    assert_eq!(f.take_bodies(consumer), ["a", "b"]);
}

#[test]
fn a_redelivery_has_another_token() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 2);
    let first = f.lock(consumer);
    f.settle(first, abandon()).unwrap();
    let second = f.lock(consumer);
    assert_ne!(first, second);
}

#[test]
fn locks_outlive_the_consumer_that_got_them() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.broker.detach_consumer(consumer, f.now);
    let other = f.attach(ReceiveAndDelete, 1);
    assert!(f.take(other).is_none(), "still locked");
    assert!(f.broker.renew_lock(f.orders, token, f.now).is_ok());
    f.advance(LOCK);
    assert_eq!(f.take(other).unwrap().delivery_count, 1);
}

#[test]
fn a_message_that_waits_for_its_connection_beyond_its_lock_is_offered_again_without_a_count() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    f.advance(10 * LOCK);
    let delivery = f.take(consumer).unwrap();
    assert_eq!(delivery.delivery_count, 0);
    assert_eq!(delivery.lock.unwrap().until, Some(f.now.after(LOCK)));
}

#[test]
fn a_leap_in_time_fires_everything_in_order_and_delivers_once() {
    let mut f = Fixture::with(QueueOptions::new().max_delivery_count(1));
    f.send(&["late", "early"]);
    let consumer = f.attach(PeekLock, 2);
    let late = f.lock(consumer);
    f.lock(consumer);
    f.now = f.now.after(SECOND);
    f.broker.renew_lock(f.orders, late, f.now).unwrap();
    f.send(&["waiting"]);
    f.credit(consumer, 1);

    f.advance(Duration::from_secs(86_400));
    let dead = f.content(f.dead);
    assert_eq!(
        dead,
        [(1, "early".to_owned(), 1), (2, "late".to_owned(), 1)]
    );
    assert_eq!(f.take_bodies(consumer), ["waiting"]);
}

#[test]
fn a_token_of_one_queue_is_worth_nothing_in_another() {
    let mut f = Fixture::new();
    f.broker.create_queue("other", QueueOptions::new()).unwrap();
    let other = f.broker.resolve("other").unwrap();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    let refused = f.settle_in(other, token, Settlement::Complete);
    assert_eq!(refused, Err(BrokerError::MessageLockLost));
    assert_eq!(f.settle(token, Settlement::Complete), Ok(()));
}
