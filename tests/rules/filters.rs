//! What filters select.

use chrono::DateTime;
use servicebus::{AmqpValue, CorrelationRuleFilter, Message, RuleFilter};
use uuid::Uuid;

use crate::news::News;

#[test]
fn sql_selects_by_properties() {
    let news = News::without_rules();
    news.rules
        .add_rule("red", RuleFilter::sql("colour = 'red' AND size > 5"))
        .expect("it is added");
    let message = |body: &str, colour: &str, size: i32| {
        Message::new(body.to_owned())
            .with_application_property("colour", colour)
            .with_application_property("size", size)
    };
    news.publish(vec![
        message("small", "red", 5),
        message("large", "red", 6),
        message("blue", "blue", 6),
        Message::new("bare"),
    ]);
    assert_eq!(news.delivered(), ["large"], "{}", news.seen());
}

#[test]
fn a_rule_counts_from_when_it_is_added_until_it_is_removed() {
    let news = News::without_rules();
    news.publish(vec![Message::new("before")]);
    news.rules
        .add_rule("all", RuleFilter::True)
        .expect("it is added");
    news.publish(vec![Message::new("during")]);
    news.rules.remove_rule("all").expect("it is removed");
    news.publish(vec![Message::new("after")]);
    assert_eq!(news.delivered(), ["during"], "{}", news.seen());
}

#[test]
fn true_selects_all_and_false_none() {
    let news = News::without_rules();
    news.rules
        .add_rule("none", RuleFilter::False)
        .expect("it is added");
    news.publish(vec![Message::new("a")]);
    news.rules
        .add_rule("all", RuleFilter::True)
        .expect("it is added");
    news.publish(vec![Message::new("b")]);
    assert_eq!(news.delivered(), ["b"], "{}", news.seen());
}

#[test]
fn a_correlation_filter_compares_each_of_its_properties() {
    type Filtering = fn(CorrelationRuleFilter, &str) -> CorrelationRuleFilter;
    type Sending = fn(Message, &str) -> Message;
    let table: [(&str, Filtering, Sending); 8] = [
        (
            "correlation id",
            |it, v| it.with_correlation_id(v),
            |it, v| it.with_correlation_id(v),
        ),
        (
            "message id",
            |it, v| it.with_message_id(v),
            |it, v| it.with_message_id(v),
        ),
        ("to", |it, v| it.with_to(v), |it, v| it.with_to(v)),
        (
            "reply-to",
            |it, v| it.with_reply_to(v),
            |it, v| it.with_reply_to(v),
        ),
        (
            "subject",
            |it, v| it.with_subject(v),
            |it, v| it.with_subject(v),
        ),
        (
            "session id",
            |it, v| it.with_session_id(v),
            |it, v| it.with_session_id(v),
        ),
        (
            "reply-to session id",
            |it, v| it.with_reply_to_session_id(v),
            |it, v| it.with_reply_to_session_id(v),
        ),
        (
            "content type",
            |it, v| it.with_content_type(v),
            |it, v| it.with_content_type(v),
        ),
    ];
    let news = News::without_rules();
    for (name, filtering, sending) in table {
        let filter = filtering(CorrelationRuleFilter::new(), "this");
        news.rules.add_rule("it", filter).expect(name);
        let other = sending(Message::new("other"), "that");
        let same = sending(Message::new("same"), "this");
        // Messages of one session are sent apart from those of another.
        news.publish(vec![other]);
        news.publish(vec![same]);
        assert_eq!(news.delivered(), ["same"], "{name}: {}", news.seen());
        news.rules.remove_rule("it").expect(name);
    }
}

#[test]
fn application_properties_are_compared_with_their_types() {
    let instant = DateTime::from_timestamp_millis(1_500).expect("a date");
    let values: [AmqpValue; 9] = [
        "5".into(),
        5i32.into(),
        2.5f64.into(),
        true.into(),
        instant.into(),
        Uuid::from_u128(5).into(),
        AmqpValue::from(&b"5"[..]),
        AmqpValue::Char('5'),
        AmqpValue::Ubyte(7),
    ];
    for value in &values {
        let news = News::without_rules();
        let filter = CorrelationRuleFilter::new().with_application_property("value", value.clone());
        news.rules.add_rule("typed", filter).expect("it is added");
        let messages = values.iter().map(|own| {
            Message::new(format!("{own:?}")).with_application_property("value", own.clone())
        });
        news.publish(messages.collect());
        assert_eq!(news.delivered(), [format!("{value:?}")], "{}", news.seen());
    }
}

#[test]
fn every_condition_of_a_filter_must_hold() {
    let news = News::without_rules();
    let filter = CorrelationRuleFilter::new()
        .with_subject("order")
        .with_application_property("region", "north");
    news.rules.add_rule("both", filter).expect("it is added");
    let order = || Message::new("order").with_subject("order");
    news.publish(vec![
        order(),
        Message::new("north").with_application_property("region", "north"),
        order().with_application_property("region", "south"),
        Message::new("both")
            .with_subject("order")
            .with_application_property("region", "north"),
    ]);
    assert_eq!(news.delivered(), ["both"], "{}", news.seen());
}
