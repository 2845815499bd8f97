//! The values that peers and codecs are known to lose, wherever a message may hold values.

use servicebus::{AmqpBody, AmqpDescribed, AmqpMap, AmqpMessage, AmqpValue};

use crate::desk::Desk;

fn map<K: Into<AmqpValue>, V: Into<AmqpValue>, const N: usize>(pairs: [(K, V); N]) -> AmqpValue {
    AmqpMap::from_iter(pairs).into()
}

fn described(descriptor: impl Into<AmqpValue>, value: impl Into<AmqpValue>) -> AmqpValue {
    AmqpDescribed::new(descriptor, value).into()
}

fn easily_lost() -> Vec<(&'static str, AmqpValue)> {
    let name = || AmqpValue::symbol("com.example:it");
    vec![
        ("decimal32", AmqpValue::Decimal32([0x22, 0x50, 0x00, 0x07])),
        (
            "decimal64",
            AmqpValue::Decimal64([0x22, 0x38, 0, 0, 0, 0, 0, 9]),
        ),
        (
            "decimal128",
            AmqpValue::Decimal128([0x22, 0x08, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 0xff]),
        ),
        ("equal keys", map([("a", 1), ("b", 2), ("a", 3)])),
        (
            "keys of any type",
            map([
                (AmqpValue::Null, 1),
                (AmqpValue::symbol("a"), 2),
                (AmqpValue::from("a"), 3),
                (AmqpValue::Ulong(1), 4),
                (AmqpValue::Uint(1), 5),
                (AmqpValue::List(vec![]), 6),
                (described(name(), 1), 7),
            ]),
        ),
        ("empty map", AmqpMap::new().into()),
        ("empty list", AmqpValue::List(vec![])),
        ("empty array", AmqpValue::Array(vec![])),
        (
            "empty array before another value",
            AmqpValue::List(vec![AmqpValue::Array(vec![]), 7.into()]),
        ),
        (
            "array of empty arrays",
            AmqpValue::Array(vec![AmqpValue::Array(vec![]); 2]),
        ),
        (
            "array of maps",
            AmqpValue::Array(vec![map([("a", 1)]), map([("a", 2), ("a", 3)])]),
        ),
        (
            "array of lists",
            AmqpValue::Array(vec![
                AmqpValue::List(vec![]),
                AmqpValue::List(vec![1.into(), "two".into()]),
            ]),
        ),
        ("array of nulls", AmqpValue::Array(vec![AmqpValue::Null; 3])),
        (
            "array of booleans",
            AmqpValue::Array(vec![true.into(), false.into()]),
        ),
        (
            "array of texts, short and long",
            AmqpValue::Array(vec!["".into(), "x".repeat(300).into()]),
        ),
        (
            "array of described values",
            AmqpValue::Array(vec![described(name(), 1), described(name(), 1_000)]),
        ),
        (
            "array of described maps",
            AmqpValue::Array(vec![described(5u64, map([("a", 1)])); 2]),
        ),
        (
            "described value in a described value",
            described(name(), described(7u64, described("text", 1))),
        ),
        (
            "descriptor that is a described list",
            described(described(1u64, AmqpValue::List(vec![1.into()])), true),
        ),
        (
            ".NET's span",
            described(AmqpValue::symbol("com.microsoft:timespan"), 5i64),
        ),
        ("timestamp of no calendar", AmqpValue::Timestamp(i64::MIN)),
        ("zero below zero", AmqpValue::Double(-0.0)),
    ]
}

#[test]
fn in_each_section_and_body() {
    let desk = Desk::new();
    let annotations = AmqpMap::from_iter(
        easily_lost()
            .into_iter()
            .map(|(name, value)| (AmqpValue::symbol(name), value)),
    );
    let sent = AmqpMessage::new("a")
        .with_delivery_annotations(annotations.clone())
        .with_message_annotations(annotations.clone())
        .with_footer(annotations.clone());
    let received = desk.through(sent);
    let amqp = received.amqp();
    for (section, map) in [
        ("delivery annotations", amqp.delivery_annotations()),
        ("message annotations", amqp.message_annotations()),
        ("footer", amqp.footer()),
    ] {
        for (name, value) in easily_lost() {
            assert_eq!(map.get(name), Some(&value), "{name} in {section}");
        }
    }
    for (name, value) in easily_lost() {
        for body in [
            AmqpBody::Value(value.clone()),
            AmqpBody::Sequence(vec![vec![value.clone(), 7.into()], vec![], vec![value]]),
        ] {
            let received = desk.through(AmqpMessage::new(body.clone()));
            assert_eq!(received.amqp().body(), &body, "{name}");
        }
    }
}

#[test]
fn an_annotations_key_may_come_twice() {
    let desk = Desk::new();
    let twice = AmqpMap::from_iter(
        [("a", 1), ("a", 2)].map(|(key, value)| (AmqpValue::symbol(key), AmqpValue::from(value))),
    );
    let received = desk.through(AmqpMessage::new("a").with_footer(twice.clone()));
    assert_eq!(received.amqp().footer(), &twice);
}

#[test]
fn an_application_property_may_come_twice() {
    let desk = Desk::new();
    let twice = [("a", 1), ("b", 2), ("a", 3)].into_iter().collect();
    let received = desk.through(AmqpMessage::new("a").with_application_properties(twice));
    let pairs: Vec<_> = received.application_properties().iter().collect();
    assert_eq!(
        pairs,
        [("a", &1.into()), ("b", &2.into()), ("a", &3.into())]
    );
}
