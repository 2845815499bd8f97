//! How much an entity may hold.

use super::*;
use ReceiveMode::{PeekLock, ReceiveAndDelete};

const GIBIBYTE: u64 = 1_024 * 1_024 * 1_024;

/// A large message; its clones share its bytes.
fn large() -> Message {
    Draft::new(&"x".repeat(262_000)).message()
}

/// Enough of them to fill a gibibyte.
fn many() -> Vec<Message> {
    let large = large();
    let count = GIBIBYTE.div_ceil(large.size());
    vec![large; usize::try_from(count).unwrap()]
}

fn assert_full(outcome: Result<Vec<i64>, BrokerError>, path: &str) {
    match outcome {
        Err(error @ BrokerError::QuotaExceeded { .. }) => {
            let text = error.to_string();
            let start = "The maximum entity size has been reached or exceeded for ";
            assert!(text.starts_with(start) && text.contains(path), "{text}");
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_full_queue_takes_nothing_until_there_is_room() {
    let mut f = Fixture::new();
    f.broker.enqueue(f.orders, many(), f.now).unwrap();
    let refused = f.broker.enqueue(f.orders, vec![message("a")], f.now);
    assert_full(refused, "Queue: 'orders'");
    let consumer = f.attach(ReceiveAndDelete, 1);
    f.take(consumer);
    f.send(&["a"]);
}

#[test]
fn what_is_dead_deferred_or_scheduled_takes_room_as_well() {
    let mut f = Fixture::new();
    let messages = many();
    let left = messages.len() - 3;
    f.broker
        .enqueue(f.orders, messages[..2].to_vec(), f.now)
        .unwrap();
    let consumer = f.attach(PeekLock, 2);
    let first = f.lock(consumer);
    let second = f.lock(consumer);
    f.settle(first, dead_letter()).unwrap();
    f.settle(second, defer()).unwrap();
    let later = f.now.after(SECOND);
    let body = "x".repeat(262_000);
    f.enqueue(Draft::new(&body).at(later));
    f.broker
        .enqueue(f.orders, messages[..left].to_vec(), f.now)
        .unwrap();
    let refused = f.broker.enqueue(f.orders, vec![message("a")], f.now);
    assert_full(refused, "Queue: 'orders'");
}

#[test]
fn the_changes_of_an_abandoned_message_count() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let size = |f: &Fixture| f.broker.entities[&f.orders.entity].size();
    let before = size(&f);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    let mut changes = PropertyChanges::default();
    changes.set_text("why", &"x".repeat(100));
    f.settle(token, Settlement::Abandon { changes }).unwrap();
    assert!(size(&f) > before + 100, "{} after {before}", size(&f));
}

#[test]
fn the_state_of_a_session_counts() {
    let mut f = sessions::with_sessions();
    let holder = f.accept("a", 0);
    let size = |f: &Fixture| f.broker.entities[&f.orders.entity].size();
    for (state, expected) in [(Some("state"), 5), (Some("other state"), 11), (None, 0)] {
        let state = state.map(Into::into);
        f.broker.set_session_state(holder, state, f.now).unwrap();
        f.check();
        assert_eq!(size(&f), expected);
    }
}

#[test]
fn a_topic_is_full_when_its_subscriptions_are() {
    let mut f = Fixture::new();
    f.broker.create_topic("news", TopicOptions::new()).unwrap();
    for name in ["a", "b"] {
        f.broker
            .create_subscription("news", name, SubscriptionOptions::new())
            .unwrap();
    }
    f.orders = f.broker.resolve("news").unwrap();
    let half = many().len().div_ceil(2);
    f.broker
        .enqueue(f.orders, many()[..half].to_vec(), f.now)
        .unwrap();
    let refused = f.broker.enqueue(f.orders, vec![message("a")], f.now);
    assert_full(refused, "Topic: 'news'");
}

#[test]
fn what_a_full_entity_should_get_is_set_aside_where_it_comes_from() {
    let mut f = Fixture::new();
    let options = QueueOptions::new().forward_to("orders");
    f.broker.create_queue("source", options).unwrap();
    f.broker.enqueue(f.orders, many(), f.now).unwrap();
    let source = f.broker.resolve("source").unwrap();
    f.broker.enqueue(source, vec![message("a")], f.now).unwrap();
    let aside = f
        .broker
        .resolve("source/$Transfer/$DeadLetterQueue")
        .unwrap();
    let seen: Vec<_> = f.broker.peek(aside, 1, f.now).unwrap().collect();
    let [seen] = seen.as_slice() else {
        panic!("set aside: {seen:?}");
    };
    let reason = dead_letter::pair("DeadLetterReason", "QuotaExceeded");
    assert_eq!(dead_letter::texts(seen)[0], reason);
}
