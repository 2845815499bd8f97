//! How often what has happened.

use super::sessions::with_sessions;
use super::*;
use ReceiveMode::{PeekLock, ReceiveAndDelete};

impl Fixture {
    fn totals(&self, queue: QueueRef) -> MessageTotals {
        self.broker.totals(queue).expect("the queue exists")
    }
}

#[test]
fn every_verdict_is_counted() {
    let mut f = Fixture::new();
    f.send(&["a", "b", "c", "d"]);
    let consumer = f.attach(PeekLock, 10);
    let verdicts = [
        Settlement::Complete,
        abandon(),
        defer(),
        dead_letter(),
        // The one that was abandoned.
        Settlement::Release,
        Settlement::Complete,
    ];
    for verdict in verdicts {
        let token = f.lock(consumer);
        f.settle(token, verdict).unwrap();
    }
    let expected = MessageTotals {
        enqueued: 4,
        delivered: 6,
        completed: 2,
        abandoned: 1,
        deferred: 1,
        released: 1,
        dead_lettered: 1,
        ..MessageTotals::default()
    };
    assert_eq!(f.totals(f.orders), expected);
    let expected = MessageTotals {
        enqueued: 1,
        ..MessageTotals::default()
    };
    assert_eq!(f.totals(f.dead), expected);
}

#[test]
fn what_time_does_is_counted() {
    let options = QueueOptions::new().duplicate_detection(Duration::from_secs(60));
    let mut f = Fixture::with(options);
    f.enqueue(Draft::new("a").with_id("one"));
    f.enqueue(Draft::new("a").with_id("one"));
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.broker.renew_lock(f.orders, token, f.now).unwrap();
    f.advance(LOCK);
    f.send_mortal("b", SECOND);
    let number = f.schedule("c", SECOND);
    f.cancel(&[number]).unwrap();
    f.schedule("d", SECOND);
    f.advance(SECOND);
    let expected = MessageTotals {
        enqueued: 3,
        scheduled: 2,
        cancelled: 1,
        duplicates: 1,
        delivered: 1,
        expired: 1,
        locks_expired: 1,
        locks_renewed: 1,
        ..MessageTotals::default()
    };
    assert_eq!(f.totals(f.orders), expected);
}

#[test]
fn what_is_received_and_deleted_is_delivered_and_completed() {
    let mut f = Fixture::new();
    f.send(&["a", "b"]);
    let consumer = f.attach(ReceiveAndDelete, 2);
    assert_eq!(f.take_bodies(consumer), ["a", "b"]);
    let totals = f.totals(f.orders);
    assert_eq!((totals.delivered, totals.completed), (2, 2));
}

#[test]
fn what_is_passed_on_is_counted_at_both_ends() {
    let mut f = Fixture::new();
    f.broker
        .create_queue("source", QueueOptions::new().forward_to("orders"))
        .unwrap();
    let source = f.broker.resolve("source").unwrap();
    f.broker.enqueue(source, vec![message("a")], f.now).unwrap();
    let totals = f.totals(source);
    assert_eq!((totals.passed_on, totals.enqueued), (1, 0));
    assert_eq!(f.totals(f.orders).enqueued, 1);
}

#[test]
fn sessions_are_counted() {
    let mut f = with_sessions();
    f.send_to("s", &["a"]);
    let holder = f.accept("s", 1);
    f.lock(holder);
    f.broker.renew_session_lock(holder, f.now).unwrap();
    f.advance(LOCK);
    let expected = MessageTotals {
        enqueued: 1,
        delivered: 1,
        locks_expired: 1,
        locks_renewed: 1,
        sessions_accepted: 1,
        session_locks_expired: 1,
        ..MessageTotals::default()
    };
    assert_eq!(f.totals(f.orders), expected);
}
