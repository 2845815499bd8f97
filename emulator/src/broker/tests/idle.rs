//! Entities that go because nobody uses them.

use super::*;
use ReceiveMode::PeekLock;

const IDLE: Duration = Duration::from_secs(300);

fn fixture() -> Fixture {
    let mut f = Fixture::new();
    f.broker.fire_due(f.now);
    let options = QueueOptions::new().auto_delete_on_idle(IDLE);
    f.broker.create_queue("fleeting", options).unwrap();
    f.orders = f.broker.resolve("fleeting").unwrap();
    f
}

fn is_there(f: &Fixture) -> bool {
    f.broker.path(f.orders).is_some()
}

#[test]
fn an_unused_queue_goes_at_the_end_of_its_time_with_its_messages() {
    let mut f = fixture();
    f.send(&["a"]);
    f.advance(IDLE - SECOND);
    assert!(is_there(&f));
    f.advance(SECOND);
    assert!(!is_there(&f));
    assert_eq!(f.broker.entity_changes(), 1);
    assert!(f.broker.path(f.dead).is_some(), "the others stay");
    assert_eq!(f.broker.next_due(), None);
}

#[test]
fn every_use_starts_the_time_anew() {
    let mut f = fixture();
    for round in 0..3 {
        f.advance(IDLE - SECOND);
        match round {
            0 => f.send(&["a"]),
            1 => assert_eq!(f.content(f.orders).len(), 1),
            _ => {
                let options = QueueOptions::new().auto_delete_on_idle(IDLE);
                f.broker.update_queue("fleeting", options).unwrap();
            }
        }
        assert!(is_there(&f), "round {round}");
    }
    f.advance(IDLE);
    assert!(!is_there(&f));
}

#[test]
fn a_receiver_or_a_scheduled_message_keeps_a_queue() {
    let mut f = fixture();
    let consumer = f.attach(PeekLock, 0);
    f.advance(3 * IDLE);
    assert!(is_there(&f));
    f.broker.detach_consumer(consumer, f.now);
    f.schedule("later", 3 * IDLE);
    f.advance(2 * IDLE);
    assert!(is_there(&f));
    f.advance(3 * IDLE);
    assert!(!is_there(&f));
}

#[test]
fn copies_from_its_topic_do_not_keep_a_subscription() {
    let mut f = fixture();
    f.broker.create_topic("news", TopicOptions::new()).unwrap();
    let options = SubscriptionOptions::new().auto_delete_on_idle(IDLE);
    f.broker
        .create_subscription("news", "fleeting", options)
        .unwrap();
    let subscription = f.broker.resolve("news/Subscriptions/fleeting").unwrap();
    f.orders = f.broker.resolve("news").unwrap();
    for _ in 0..3 {
        f.send(&["a"]);
        f.advance(IDLE / 3);
    }
    assert_eq!(f.broker.path(subscription), None);
    f.send(&["b"]);
}
