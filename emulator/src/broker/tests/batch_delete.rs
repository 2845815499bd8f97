//! Deleting messages that nobody receives.

use super::*;
use ReceiveMode::{PeekLock, ReceiveAndDelete};

fn delete(f: &mut Fixture, count: usize, before: Timestamp) -> usize {
    let deleted = f
        .broker
        .delete_messages(f.orders, None, count, before, f.now);
    f.check();
    deleted.unwrap()
}

#[test]
fn the_first_messages_are_deleted_and_no_more_than_asked() {
    let mut f = Fixture::new();
    f.send(&["a", "b", "c"]);
    f.advance(SECOND);
    let now = f.now;
    assert_eq!(delete(&mut f, 2, now), 2);
    assert_eq!(f.content(f.orders), [(3, "c".to_owned(), 0)]);
    assert_eq!(delete(&mut f, 2, now), 1);
    assert_eq!(delete(&mut f, 2, now), 0);
}

#[test]
fn messages_enqueued_at_the_instant_or_later_stay() {
    let mut f = Fixture::new();
    f.send(&["before"]);
    f.advance(SECOND);
    let cutoff = f.now;
    f.send(&["at"]);
    f.advance(SECOND);
    f.send(&["after"]);
    assert_eq!(delete(&mut f, 10, cutoff), 1);
    assert_eq!(f.content(f.orders).len(), 2);
}

#[test]
fn locked_promised_deferred_and_scheduled_messages_stay() {
    let mut f = Fixture::new();
    f.send(&["locked", "deferred", "promised", "free"]);
    f.schedule("scheduled", SECOND);
    let consumer = f.attach(PeekLock, 2);
    f.lock(consumer);
    let token = f.lock(consumer);
    f.settle(token, defer()).unwrap();
    let other = f.attach(ReceiveAndDelete, 1);
    let later = f.now.after(SECOND);
    assert_eq!(delete(&mut f, 10, later), 1);
    assert_eq!(f.take_bodies(other), ["promised"]);
    let left: Vec<_> = f.content(f.orders).into_iter().map(|(n, ..)| n).collect();
    assert_eq!(left, [1, 2, 5]);
}

#[test]
fn the_tier_limits_how_many_are_deleted_at_once() {
    for (tier, limit) in [(Tier::Standard, 500), (Tier::Premium, 4_000)] {
        let mut f = Fixture::new();
        f.broker.tier = tier;
        f.send(&["x"; 4_100]);
        f.advance(SECOND);
        let now = f.now;
        assert_eq!(delete(&mut f, 10_000, now), limit);
    }
}

#[test]
fn dead_letters_are_deleted_too() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.settle(token, dead_letter()).unwrap();
    f.advance(SECOND);
    let deleted = f.broker.delete_messages(f.dead, None, 1, f.now, f.now);
    assert_eq!(deleted, Ok(1));
    assert_eq!(f.content(f.dead), []);
}

#[test]
fn the_messages_of_a_session_are_deleted_while_it_is_held() {
    let mut f = sessions::with_sessions();
    f.send_to("a", &["1", "2"]);
    f.send_to("b", &["3"]);
    f.advance(SECOND);
    let now = f.now;
    let delete = |f: &mut Fixture, session| {
        let deleted = f.broker.delete_messages(f.orders, session, 10, now, now);
        f.check();
        deleted
    };
    for session in [None, Some("a")] {
        assert_eq!(delete(&mut f, session), Err(BrokerError::SessionLockLost));
    }
    let holder = f.accept("a", 1);
    f.lock(holder);
    assert_eq!(delete(&mut f, Some("a")), Ok(1), "the other one is locked");
    let content = f.content(f.orders).into_iter();
    let left: Vec<_> = content.map(|(_, body, _)| body).collect();
    assert_eq!(left, ["1", "3"]);
}
