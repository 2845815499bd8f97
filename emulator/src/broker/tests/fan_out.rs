//! Which copies of a message get into a subscription, by its rules.

use super::*;
use crate::filter::{Action, Filter, MessageView, Parameters, SqlFilter, Value};

/// A broker with a topic and a subscription of it, which stand for `orders`.
fn topic(options: SubscriptionOptions) -> (Fixture, QueueRef) {
    let mut f = Fixture::new();
    f.broker.create_topic("news", TopicOptions::new()).unwrap();
    f.broker.create_subscription("news", "s", options).unwrap();
    f.orders = f.broker.resolve("news").unwrap();
    f.dead = f
        .broker
        .resolve("news/Subscriptions/s/$DeadLetterQueue")
        .unwrap();
    let subscription = f.broker.resolve("news/subscriptions/s").unwrap();
    (f, subscription)
}

fn rule(name: &str, filter: &str, action: Option<&str>) -> Rule {
    let parameters = Parameters::default();
    Rule {
        name: name.to_owned(),
        filter: Filter::Sql(SqlFilter::new(filter, &parameters).unwrap()),
        action: action.map(|action| Action::new(action, &parameters).unwrap()),
        created_at: Timestamp::from_millis(0),
    }
}

fn add(f: &mut Fixture, subscription: QueueRef, rule: Rule) {
    f.broker.add_rule(subscription, rule).unwrap();
}

/// The text of an application property of each message of a queue, in order.
fn texts(f: &mut Fixture, queue: QueueRef, name: &str) -> Vec<Option<String>> {
    let messages = f.broker.peek(queue, 1, f.now).unwrap();
    messages
        .map(|delivery| {
            let arrival = crate::filter::Arrival {
                enqueued_at: 0,
                sequence: 1,
            };
            let view = MessageView::new(&delivery.message, arrival);
            let (_, value) = view.application_property(name)?;
            match value {
                Value::String(text) => Some(text.into_owned()),
                other => panic!("{name} is {other:?}"),
            }
        })
        .collect()
}

#[test]
fn a_subscription_without_rules_gets_nothing() {
    let (mut f, subscription) = topic(SubscriptionOptions::new());
    f.broker.remove_rule(subscription, "$DEFAULT").unwrap();
    f.send(&["a"]);
    assert!(f.content(subscription).is_empty());
    add(&mut f, subscription, rule("again", "1 = 1", None));
    f.send(&["b"]);
    let content = f.content(subscription);
    assert_eq!(content, [(1, "b".to_owned(), 0)], "none was missed");
}

#[test]
fn each_rule_with_an_action_brings_a_copy_with_a_number_of_its_own() {
    let (mut f, subscription) = topic(SubscriptionOptions::new());
    add(&mut f, subscription, rule("also", "1 = 1", None));
    add(&mut f, subscription, rule("x", "1 = 1", Some("SET a = 1")));
    add(&mut f, subscription, rule("y", "1 = 1", Some("SET a = 2")));
    f.send(&["a"]);
    let numbers: Vec<i64> = f.content(subscription).iter().map(|seen| seen.0).collect();
    assert_eq!(numbers, [1, 2, 3]);
    let named = texts(&mut f, subscription, "RuleName");
    let named: Vec<_> = named.iter().map(Option::as_deref).collect();
    assert_eq!(named, [None, Some("x"), Some("y")]);
}

#[test]
fn a_message_that_a_rule_fails_on_is_dead_lettered_if_so_set() {
    for dead_letters in [true, false] {
        let options = SubscriptionOptions::new().dead_lettering_on_filter_errors(dead_letters);
        let (mut f, subscription) = topic(options);
        add(&mut f, subscription, rule("bad", "1 / 0 = 1", None));
        f.send(&["a"]);
        assert_eq!(f.content(subscription).len(), 1, "by the other rule");
        let dead = f.dead;
        let reasons = texts(&mut f, dead, "DeadLetterReason");
        let expected = dead_letters.then(|| Some("FilterException".to_owned()));
        assert_eq!(reasons, Vec::from_iter(expected));
    }
}

#[test]
fn only_subscriptions_have_rules() {
    let (mut f, _) = topic(SubscriptionOptions::new());
    let refused = f.broker.add_rule(f.orders, rule("r", "1 = 1", None));
    let refused = matches!(refused, Err(BrokerError::WrongKind { .. }));
    assert!(refused, "a topic has none");
}
