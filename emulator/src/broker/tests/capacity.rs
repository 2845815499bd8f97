//! How many entities, filters and receivers there may be.

use super::*;
use crate::filter::Filter;

fn too_many(kind: &'static str, count: usize) -> BrokerError {
    let limit = count;
    BrokerError::TooMany { kind, count, limit }
}

fn rule(name: &str, expression: &str) -> Rule {
    Rule {
        name: name.to_owned(),
        filter: Filter::of_expression(expression).unwrap(),
        ..Rule::default_at(Timestamp::from_millis(0))
    }
}

#[test]
fn a_premium_namespace_holds_a_thousand_queues_and_topics() {
    let mut broker = Broker::new(Tier::Premium);
    let created = |broker: &mut Broker, name: &str| broker.create_queue(name, QueueOptions::new());
    broker.create_topic("topic", TopicOptions::new()).unwrap();
    broker
        .create_subscription(
            "topic",
            "subscriptions-do-not-count",
            SubscriptionOptions::new(),
        )
        .unwrap();
    for number in 1..1_000 {
        created(&mut broker, &format!("queue-{number}")).unwrap();
    }
    assert_eq!(created(&mut broker, "more"), Err(too_many("Queue", 1_000)));
    let refused = broker.create_topic("more", TopicOptions::new());
    assert_eq!(refused, Err(too_many("Topic", 1_000)));
    broker.delete_entity("queue-1").unwrap();
    assert_eq!(created(&mut broker, "more"), Ok(()));
}

#[test]
fn a_namespace_holds_a_hundred_partitioned_entities_each_of_sixteen_times_the_size() {
    let mut broker = Broker::new(Tier::Standard);
    let options = QueueOptions::new().enable_partitioning(true);
    for number in 0..100 {
        let name = format!("queue-{number}");
        broker.create_queue(&name, options.clone()).unwrap();
    }
    let refused = broker.create_queue("more", options);
    let expected = too_many("EnablePartitioning == true", 100);
    assert_eq!(refused, Err(expected));
    let size = |broker: &Broker| {
        let state = broker.entity_state("queue-0").unwrap();
        state.options.max_size_in_megabytes
    };
    assert_eq!(size(&broker), 16 * 1_024);
    let read = broker.entity_state("queue-0").unwrap().options.clone();
    broker.update_queue("queue-0", QueueOptions(read)).unwrap();
    assert_eq!(size(&broker), 16 * 1_024, "what was read is written back");
    let plain = QueueOptions::new();
    broker.create_queue("plain", plain.clone()).unwrap();
    let refused = broker.update_queue("plain", plain.max_size_in_megabytes(6_144));
    assert!(
        matches!(refused, Err(BrokerError::InvalidOption { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_premium_namespace_has_larger_entities_and_no_partitioned_or_express_ones() {
    let mut broker = Broker::new(Tier::Premium);
    let large = QueueOptions::new().max_size_in_megabytes(81_920);
    assert_eq!(broker.create_queue("large", large), Ok(()));
    for options in [
        QueueOptions::new().enable_partitioning(true),
        QueueOptions::new().enable_express(true),
    ] {
        let refused = broker.create_queue("other", options);
        assert!(
            matches!(refused, Err(BrokerError::InvalidOption { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn a_topic_has_two_thousand_subscriptions_and_as_many_sql_filters() {
    let mut broker = Broker::new(Tier::Standard);
    broker.create_topic("topic", TopicOptions::new()).unwrap();
    let mut subscribe = |name: &str, rule| {
        broker.create_subscription_with("topic", name, SubscriptionOptions::new(), rule)
    };
    for number in 0..1_999 {
        subscribe(&format!("sub-{number}"), rule("r", "a = 1")).unwrap();
    }
    let default = || Rule::default_at(Timestamp::from_millis(0));
    subscribe("plain", default()).unwrap();
    assert_eq!(
        subscribe("more", default()),
        Err(too_many("Subscription", 2_000))
    );

    let plain = broker.resolve("topic/subscriptions/plain").unwrap();
    broker.add_rule(plain, rule("last", "a = 1")).unwrap();
    let refused = broker.add_rule(plain, rule("more", "a = 1"));
    assert_eq!(refused, Err(too_many("SqlFilter", 2_000)));
    let refused = broker.replace_rule(plain, rule("$Default", "a = 1"));
    assert_eq!(refused, Err(too_many("SqlFilter", 2_000)));
    assert_eq!(broker.replace_rule(plain, rule("last", "a = 2")), Ok(()));
    assert_eq!(broker.add_rule(plain, rule("none", "1=0")), Ok(()));
    let state = broker.entity_state("topic").unwrap();
    let EntityKind::Topic { filters, .. } = state.kind else {
        panic!("no topic: {state:?}");
    };
    assert_eq!((filters.sql, filters.correlation), (2_000, 0));
}

#[test]
fn a_queue_has_five_thousand_receivers() {
    let mut f = Fixture::new();
    let attach = |f: &mut Fixture| f.broker.attach_consumer(f.orders, ReceiveMode::PeekLock);
    let first = attach(&mut f).unwrap();
    for _ in 1..5_000 {
        attach(&mut f).unwrap();
    }
    assert_eq!(attach(&mut f), Err(too_many("Receiver", 5_000)));
    f.broker.detach_consumer(first, f.now);
    assert!(attach(&mut f).is_ok());
}
