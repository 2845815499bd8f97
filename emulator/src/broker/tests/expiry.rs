//! Messages whose time to live runs out.

use super::*;
use ReceiveMode::{PeekLock, ReceiveAndDelete};

const HOUR: Duration = Duration::from_secs(3_600);

fn dead_lettering() -> QueueOptions {
    QueueOptions::new().dead_lettering_on_message_expiration(true)
}

fn dead(f: &mut Fixture) -> Vec<Delivery> {
    f.broker.peek(f.dead, 1, f.now).unwrap().collect()
}

#[test]
fn a_message_expires_at_the_very_end_of_its_life() {
    let mut f = Fixture::new();
    f.send_mortal("a", SECOND);
    f.send(&["b"]);
    f.advance(SECOND - Duration::from_millis(1));
    assert_eq!(f.content(f.orders).len(), 2);
    f.advance(Duration::from_millis(1));
    assert_eq!(f.content(f.orders), [(2, "b".to_owned(), 0)]);
    assert_eq!(dead(&mut f).len(), 0);
}

#[test]
fn an_expired_message_is_dead_lettered_where_the_queue_is_set_so() {
    let mut f = Fixture::with(dead_lettering());
    f.send_mortal("a", SECOND);
    f.advance(HOUR);
    let messages = dead(&mut f);
    let [message] = messages.as_slice() else {
        panic!("dead-lettered: {messages:?}");
    };
    assert_eq!((body(message), message.delivery_count), ("a".to_owned(), 0));
    assert_eq!(
        dead_letter::texts(message),
        [
            dead_letter::pair("DeadLetterReason", "TTLExpiredException"),
            dead_letter::pair(
                "DeadLetterErrorDescription",
                "The message expired and was dead lettered."
            ),
        ]
    );
}

#[test]
fn nothing_expires_in_the_dead_letter_queue() {
    let mut f = Fixture::with(dead_lettering().default_message_time_to_live(SECOND));
    f.send_mortal("a", SECOND);
    f.advance(SECOND);
    let consumer = f.attach_to(f.dead, PeekLock, 1);
    f.lock(consumer);
    f.advance(24 * HOUR);
    assert_eq!(f.broker.next_due(), None);
    assert_eq!(dead(&mut f).len(), 1);
}

#[test]
fn the_shorter_of_two_lives_counts() {
    let mut f = Fixture::with(QueueOptions::new().default_message_time_to_live(10 * SECOND));
    let started = f.now;
    f.send_mortal("short", SECOND);
    f.send_mortal("long", HOUR);
    f.send(&["unsaid"]);
    let messages = f.broker.peek(f.orders, 1, f.now).unwrap();
    let ends: Vec<_> = messages.map(|seen| seen.expires_at).collect();
    let expected = [SECOND, 10 * SECOND, 10 * SECOND].map(|life| Some(started.after(life)));
    assert_eq!(ends, expected);
    f.advance(10 * SECOND);
    assert_eq!(f.content(f.orders), []);
}

#[test]
fn without_any_limit_a_message_lives_for_ever() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    assert_eq!(f.broker.next_due(), None);
}

#[test]
fn a_message_with_no_life_at_all_is_never_delivered() {
    let mut f = Fixture::with(dead_lettering());
    let consumer = f.attach(ReceiveAndDelete, 1);
    f.send_mortal("a", Duration::ZERO);
    assert!(f.take(consumer).is_none());
    assert_eq!(dead(&mut f).len(), 1);
}

#[test]
fn a_locked_message_expires_when_its_lock_ends_in_any_way_but_completion() {
    type End = fn(&mut Fixture, LockToken);
    let ends: [(End, u32); 3] = [
        (|f, token| f.settle(token, Settlement::Release).unwrap(), 0),
        (|f, token| f.settle(token, abandon()).unwrap(), 1),
        (|f, _| f.advance(LOCK), 1),
    ];
    for (end, count) in ends {
        let mut f = Fixture::with(dead_lettering());
        let consumer = f.attach(PeekLock, 2);
        f.send_mortal("a", SECOND);
        let token = f.lock(consumer);
        f.advance(10 * SECOND);
        assert_eq!(f.broker.counts(f.orders).unwrap().locked, 1);
        end(&mut f, token);
        assert!(f.take(consumer).is_none(), "it is not delivered again");
        let messages = dead(&mut f);
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].delivery_count, count);
    }
}

#[test]
fn a_lock_outlasts_the_life_of_its_message_and_can_be_renewed() {
    let mut f = Fixture::with(dead_lettering());
    let consumer = f.attach(PeekLock, 1);
    f.send_mortal("a", SECOND);
    let token = f.lock(consumer);
    f.advance(LOCK - SECOND);
    f.broker.renew_lock(f.orders, token, f.now).unwrap();
    f.advance(LOCK - SECOND);
    assert_eq!(f.settle(token, Settlement::Complete), Ok(()));
    assert_eq!((f.content(f.orders).len(), dead(&mut f).len()), (0, 0));
}

#[test]
fn what_waits_for_a_connection_expires_and_its_credit_is_free_again() {
    for mode in [PeekLock, ReceiveAndDelete] {
        let mut f = Fixture::new();
        let consumer = f.attach(mode, 1);
        f.send_mortal("a", SECOND);
        f.send(&["b"]);
        f.advance(SECOND);
        assert_eq!(f.take_bodies(consumer), ["b"], "{mode:?}");
    }
}

#[test]
fn a_deferred_message_is_gone_when_it_expires_and_never_dead_lettered() {
    let mut f = Fixture::with(dead_lettering());
    let consumer = f.attach(PeekLock, 2);
    for body in ["a", "b"] {
        f.send_mortal(body, 10 * SECOND);
        let token = f.lock(consumer);
        f.settle(token, defer()).unwrap();
    }
    let held = f.receive_deferred(&[1]).unwrap();
    f.advance(10 * SECOND);
    let seen = f.content(f.orders);
    assert_eq!(seen, [(1, "a".to_owned(), 1)], "locked");
    let gone = f.receive_deferred(&[2]);
    assert!(
        matches!(gone, Err(BrokerError::MessageNotDeferred)),
        "{gone:?}"
    );
    f.settle(held[0].lock.unwrap().token, abandon()).unwrap();
    assert_eq!((f.content(f.orders).len(), dead(&mut f).len()), (0, 0));
}

#[test]
fn the_life_of_a_scheduled_message_starts_when_it_is_enqueued() {
    let mut f = Fixture::with(dead_lettering());
    let at = f.now.after(HOUR);
    f.enqueue(Draft::new("a").at(at).living(10 * SECOND));
    f.advance(HOUR + 9 * SECOND);
    assert_eq!(f.content(f.orders), [(2, "a".to_owned(), 0)]);
    f.advance(SECOND);
    assert_eq!((f.content(f.orders).len(), dead(&mut f).len()), (0, 1));
}

#[test]
fn a_message_may_be_enqueued_and_expire_within_one_step_of_time() {
    let mut f = Fixture::with(dead_lettering());
    let at = f.now.after(HOUR);
    f.enqueue(Draft::new("a").at(at).living(10 * SECOND));
    let consumer = f.attach(PeekLock, 1);
    f.advance(24 * HOUR);
    assert!(f.take(consumer).is_none());
    assert_eq!(dead(&mut f)[0].enqueued_at, at);
}

#[test]
fn messages_of_a_session_expire_while_it_is_held() {
    let mut f = Fixture::with(dead_lettering().requires_session(true));
    let consumer = f
        .broker
        .accept_session(f.orders, PeekLock, Some("s"), f.now)
        .unwrap();
    for body in ["taken", "waiting"] {
        let draft = Draft::new(body).living(SECOND).of_session("s");
        f.enqueue(draft);
    }
    f.credit(consumer, 1);
    f.lock(consumer);
    f.advance(SECOND);
    assert_eq!(f.content(f.orders).len(), 1, "the one that was delivered");
    f.broker.detach_consumer(consumer, f.now);
    f.check();
    assert_eq!((f.content(f.orders).len(), dead(&mut f).len()), (0, 2));
}

#[test]
fn mortal_messages_go_with_their_queue() {
    let mut f = Fixture::new();
    f.send_mortal("a", SECOND);
    f.broker.delete_entity("orders").unwrap();
    f.check();
    assert_eq!(f.broker.next_due(), None);
}

#[test]
fn ten_thousand_messages_that_expire_within_a_day_are_all_dead_lettered() {
    let mut f = Fixture::with(dead_lettering());
    let messages = (0..10_000).map(|n| {
        let life = Duration::from_secs(1 + n * 7_919 % 86_400);
        Draft::new("x").living(life).message()
    });
    f.broker
        .enqueue(f.orders, messages.collect(), f.now)
        .unwrap();
    f.attach(PeekLock, 10);
    f.now = f.now.after(24 * HOUR);
    f.broker.fire_due(f.now);
    f.check();
    let counts = f.broker.counts(f.dead).unwrap();
    assert_eq!(counts.active, 10_000);
}
