//! Messages that are enqueued at a later instant.

use super::*;
use ReceiveMode::{PeekLock, ReceiveAndDelete};

const HOUR: Duration = Duration::from_secs(3_600);

/// Sequence number, body and enqueued time of the messages that are active.
fn active(f: &mut Fixture) -> Vec<(i64, String, Timestamp)> {
    let messages = f.broker.peek(f.orders, 1, f.now).unwrap();
    messages
        .filter(|seen| seen.state == MessageState::Active)
        .map(|seen| (seen.sequence, body(&seen), seen.enqueued_at))
        .collect()
}

#[test]
fn a_scheduled_message_is_seen_but_not_received_before_its_time() {
    let mut f = Fixture::new();
    let at = f.now.after(HOUR);
    assert_eq!(f.schedule("later", HOUR), 1);
    f.send(&["now"]);
    let seen: Vec<_> = f.broker.peek(f.orders, 1, f.now).unwrap().collect();
    let states: Vec<_> = seen.iter().map(|seen| seen.state).collect();
    assert_eq!(
        states,
        [MessageState::Scheduled { at }, MessageState::Active]
    );
    let counts = f.broker.counts(f.orders).unwrap();
    assert_eq!((counts.active, counts.scheduled), (1, 1));
    let consumer = f.attach(ReceiveAndDelete, 10);
    assert_eq!(f.take_bodies(consumer), ["now"]);
    f.advance(HOUR - Duration::from_millis(1));
    assert_eq!(f.take_bodies(consumer), [""; 0]);
    f.advance(Duration::from_millis(1));
    assert_eq!(f.take_bodies(consumer), ["later"]);
}

#[test]
fn at_its_time_a_message_is_enqueued_anew() {
    let mut f = Fixture::new();
    let at = f.now.after(HOUR);
    f.schedule("later", HOUR);
    f.send(&["now"]);
    let sent_at = f.now;
    f.advance(2 * HOUR);
    assert_eq!(
        active(&mut f),
        [(2, "now".to_owned(), sent_at), (3, "later".to_owned(), at),]
    );
}

#[test]
fn messages_are_enqueued_in_the_order_of_their_times() {
    let mut f = Fixture::new();
    for (body, hours) in [("c", 3), ("a", 1), ("b", 2), ("d", 3)] {
        f.schedule(body, hours * HOUR);
    }
    f.advance(24 * HOUR);
    let bodies: Vec<_> = active(&mut f)
        .into_iter()
        .map(|(_, body, _)| body)
        .collect();
    assert_eq!(bodies, ["a", "b", "c", "d"]);
}

#[test]
fn a_consumer_is_told_when_the_time_of_a_message_comes() {
    let mut f = Fixture::new();
    f.schedule("later", HOUR);
    let consumer = f.attach(PeekLock, 1);
    assert_eq!(f.broker.next_due(), Some(f.now.after(HOUR)));
    f.advance(HOUR);
    assert_eq!(f.broker.take_ready(), [consumer]);
    let lock = f.take(consumer).unwrap().lock.unwrap();
    assert_eq!(lock.until, Some(f.now.after(LOCK)));
}

#[test]
fn a_time_that_is_not_ahead_means_now() {
    let mut f = Fixture::new();
    for at in [f.now, Timestamp::from_millis(-62_135_596_800_000)] {
        let message = Draft::new("past").at(at).message();
        f.broker.enqueue(f.orders, vec![message], f.now).unwrap();
    }
    assert_eq!(active(&mut f).len(), 2);
    assert_eq!(f.broker.next_due(), None);
}

#[test]
fn a_cancelled_message_is_gone() {
    let mut f = Fixture::new();
    let numbers = [f.schedule("a", HOUR), f.schedule("b", HOUR)];
    f.schedule("c", HOUR);
    assert_eq!(f.cancel(&numbers), Ok(()));
    f.advance(HOUR);
    let bodies: Vec<_> = active(&mut f)
        .into_iter()
        .map(|(_, body, _)| body)
        .collect();
    assert_eq!(bodies, ["c"]);
}

#[test]
fn what_is_not_scheduled_cannot_be_cancelled() {
    let mut f = Fixture::new();
    let scheduled = f.schedule("a", HOUR);
    f.send(&["b"]);
    for (numbers, missing) in [
        (vec![2], vec![2]),
        (vec![scheduled, 2, 77, -1], vec![2, 77, -1]),
        (vec![scheduled, scheduled], vec![scheduled]),
    ] {
        assert_eq!(
            f.cancel(&numbers),
            Err(BrokerError::MessagesNotScheduled { missing })
        );
    }
    f.advance(HOUR);
    let late = f.cancel(&[scheduled]);
    let missing = vec![scheduled];
    assert_eq!(late, Err(BrokerError::MessagesNotScheduled { missing }));
    assert_eq!(active(&mut f).len(), 2, "a refusal cancels none");
}

#[test]
fn a_scheduled_message_is_not_received_by_its_number() {
    let mut f = Fixture::new();
    let number = f.schedule("a", HOUR);
    let refused = f.receive_deferred(&[number]);
    assert!(
        matches!(refused, Err(BrokerError::MessageNotDeferred)),
        "{refused:?}"
    );
}

#[test]
fn scheduled_messages_go_with_their_queue() {
    let mut f = Fixture::new();
    f.schedule("a", HOUR);
    f.broker.delete_entity("orders").unwrap();
    f.check();
    assert_eq!(f.broker.next_due(), None);
}

#[test]
fn ten_thousand_messages_scheduled_within_a_day_are_all_enqueued() {
    let mut f = Fixture::new();
    for n in 0..10_000 {
        let at = f.now.after(Duration::from_secs(1 + n * 7_919 % 86_400));
        let message = Draft::new("x").at(at).message();
        f.broker.enqueue(f.orders, vec![message], f.now).unwrap();
    }
    let consumer = f.attach(PeekLock, 10);
    f.now = f.now.after(24 * HOUR);
    f.broker.fire_due(f.now);
    f.check();
    assert_eq!(f.broker.counts(f.orders).unwrap().scheduled, 0);
    assert!(f.take(consumer).is_some());
}
