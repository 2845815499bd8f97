//! A topic gives each of its subscriptions every message.

use super::*;
use ReceiveMode::PeekLock;

fn topic() -> (Fixture, QueueRef, QueueRef) {
    let mut f = Fixture::new();
    f.broker.create_topic("news", TopicOptions::new()).unwrap();
    for name in ["all", "sessions"] {
        let options = SubscriptionOptions::new().requires_session(name == "sessions");
        f.broker.create_subscription("NEWS", name, options).unwrap();
    }
    f.orders = f.broker.resolve("news").unwrap();
    let all = f.broker.resolve("news/subscriptions/ALL").unwrap();
    let sessions = f.broker.resolve("news/Subscriptions/sessions").unwrap();
    (f, all, sessions)
}

#[test]
fn every_subscription_gets_its_own_copy_with_its_own_number() {
    let (mut f, all, _) = topic();
    f.send(&["a", "b"]);
    f.broker
        .create_subscription("news", "late", SubscriptionOptions::new())
        .unwrap();
    let late = f.broker.resolve("news/subscriptions/late").unwrap();
    f.send(&["c"]);
    let bodies = |f: &mut Fixture, queue| -> Vec<(i64, String)> {
        let content = f.content(queue).into_iter();
        content.map(|(number, body, _)| (number, body)).collect()
    };
    let all_of_them = [
        (1, "a".to_owned()),
        (2, "b".to_owned()),
        (3, "c".to_owned()),
    ];
    assert_eq!(bodies(&mut f, all), all_of_them);
    assert_eq!(bodies(&mut f, late), [(1, "c".to_owned())]);
    assert!(f.content(f.orders).is_empty(), "nothing stays in a topic");
    let consumer = f.attach_to(late, PeekLock, 1);
    let seen = f.take(consumer).expect("the copy");
    assert_eq!(seen.first_sequence, Some(3), "the number in the topic");
}

#[test]
fn a_message_without_session_is_set_aside_where_sessions_are_required() {
    let (mut f, all, sessions) = topic();
    f.send(&["a"]);
    let dead = QueueRef {
        part: Part::DeadLetter,
        ..sessions
    };
    assert_eq!(f.content(all).len(), 1);
    assert_eq!(f.content(sessions).len(), 0);
    assert_eq!(f.content(dead).len(), 1);
}

#[test]
fn a_scheduled_message_waits_in_the_topic() {
    let (mut f, all, _) = topic();
    f.schedule("later", SECOND);
    assert_eq!((f.content(f.orders).len(), f.content(all).len()), (1, 0));
    f.advance(SECOND);
    assert_eq!((f.content(f.orders).len(), f.content(all).len()), (0, 1));
}

#[test]
fn who_waits_at_a_subscription_is_served_at_once() {
    let (mut f, all, _) = topic();
    let consumer = f.attach_to(all, PeekLock, 1);
    f.send(&["a"]);
    assert_eq!(f.broker.take_ready(), [consumer]);
    assert_eq!(f.take_bodies(consumer), ["a"]);
}

#[test]
fn sending_and_receiving_have_their_places() {
    let (mut f, all, _) = topic();
    let sent = f.broker.enqueue(all, vec![message("a")], f.now);
    let refused = matches!(sent, Err(BrokerError::SendToSubscription { .. }));
    assert!(refused, "{sent:?}");
    let received = f.broker.attach_consumer(f.orders, PeekLock);
    let refused = matches!(received, Err(BrokerError::ReceiveFromTopic { .. }));
    assert!(refused, "{received:?}");
}

#[test]
fn a_topic_takes_its_subscriptions_along() {
    let (mut f, all, _) = topic();
    let consumer = f.attach_to(all, PeekLock, 1);
    f.send(&["a"]);
    f.broker.delete_entity("News").unwrap();
    assert_eq!(f.broker.path(all), None);
    assert!(f.broker.take_delivery(consumer, f.now).is_none());
    assert!(f.broker.resolve("news/subscriptions/sessions").is_err());
    f.check();
}

#[test]
fn a_subscription_goes_alone() {
    let (mut f, all, _) = topic();
    f.broker
        .delete_entity("news/subscriptions/sessions")
        .unwrap();
    f.send(&["a"]);
    assert_eq!(f.content(all).len(), 1);
}

#[test]
fn duplicates_are_dropped_before_any_subscription_gets_them() {
    let (mut f, all, _) = topic();
    let options = TopicOptions::new().duplicate_detection(60 * SECOND);
    f.broker.create_topic("once", options).unwrap();
    f.broker
        .create_subscription("once", "all", SubscriptionOptions::new())
        .unwrap();
    f.orders = f.broker.resolve("once").unwrap();
    let once = f.broker.resolve("once/subscriptions/all").unwrap();
    let at = f.now.after(SECOND);
    f.enqueue(Draft::new("a").with_id("1"));
    f.enqueue(Draft::new("b").with_id("1"));
    f.enqueue(Draft::new("c").with_id("2").at(at));
    f.enqueue(Draft::new("d").with_id("2"));
    f.advance(SECOND);
    let content = f.content(once).into_iter();
    let seen: Vec<_> = content.map(|(number, body, _)| (number, body)).collect();
    assert_eq!(seen, [(1, "a".to_owned()), (2, "c".to_owned())]);
    assert_eq!(f.content(all), [], "another topic");
}

#[test]
fn the_shortest_life_of_message_topic_and_subscription_counts() {
    let mut f = Fixture::new();
    let lives = [(10, 20, 30), (20, 10, 30), (30, 20, 10)];
    for (place, (asked, topic, subscription)) in lives.into_iter().enumerate() {
        let name = format!("topic{place}");
        let options = TopicOptions::new().default_message_time_to_live(topic * SECOND);
        f.broker.create_topic(&name, options).unwrap();
        let options =
            SubscriptionOptions::new().default_message_time_to_live(subscription * SECOND);
        f.broker.create_subscription(&name, "s", options).unwrap();
        f.orders = f.broker.resolve(&name).unwrap();
        f.send_mortal("a", asked * SECOND);
        let copies = f
            .broker
            .resolve(&format!("{name}/subscriptions/s"))
            .unwrap();
        f.advance(10 * SECOND - Duration::from_millis(1));
        assert_eq!(f.content(copies).len(), 1, "{name}");
        f.advance(Duration::from_millis(1));
        assert_eq!(f.content(copies).len(), 0, "{name}");
    }
}
