//! Rules as they are listed.

use serde_amqp::described::Described;
use serde_amqp::descriptor::Descriptor;
use serde_amqp::primitives::OrderedMap;
use serde_amqp::Value;

use super::described_rules::*;
use super::*;

#[test]
fn a_subscription_has_the_default_rule() {
    let (_emulator, mut peer, links) = setup();
    let rules = listed(&enumerate(&mut peer, links, 0, 100));
    let default = (
        "$Default".to_owned(),
        described(TRUE_FILTER, Vec::new()),
        described(EMPTY_RULE_ACTION, Vec::new()),
    );
    assert_eq!(rules, [default]);
}

#[test]
fn rules_are_listed_as_they_were_added() {
    let (_emulator, mut peer, links) = setup();
    let action = Some("SET a = 1; REMOVE b");
    for (name, filter, action) in [
        ("a", "color = 'red'", None),
        ("b", "color = 'red'", action),
        ("c", "1=1", None),
        ("d", "1=0", None),
    ] {
        let answer = add_sql(&mut peer, links, name, filter, action);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let none = || described(EMPTY_RULE_ACTION, Vec::new());
    let rules = listed(&enumerate(&mut peer, links, 1, 100));
    let expected = [
        ("a", sql(SQL_FILTER, "color = 'red'"), none()),
        (
            "b",
            sql(SQL_FILTER, "color = 'red'"),
            sql(SQL_RULE_ACTION, "SET a = 1; REMOVE b"),
        ),
        ("c", described(TRUE_FILTER, Vec::new()), none()),
        ("d", described(FALSE_FILTER, Vec::new()), none()),
    ];
    let expected = expected.map(|(name, filter, action)| (name.to_owned(), filter, action));
    assert_eq!(rules, expected);
}

#[test]
fn a_correlation_filter_keeps_every_field_and_type() {
    let (_emulator, mut peer, links) = setup();
    let fields = [
        ("correlation-id", "1"),
        ("message-id", "2"),
        ("to", "3"),
        ("reply-to", "4"),
        ("label", "5"),
        ("session-id", "6"),
        ("reply-to-session-id", "7"),
        ("content-type", "8"),
    ];
    let answer = add(&mut peer, links, "all", |writer| {
        writer.put_string("correlation-filter");
        writer.put_map(|writer| {
            for (key, text) in fields {
                writer.put_string(key);
                writer.put_string(text);
            }
            writer.put_string("properties");
            writer.put_map(|writer| {
                writer.put_string("count");
                writer.put_int(3);
                writer.put_string("since");
                writer.put_timestamp(1_000);
                writer.put_string("span");
                writer.put_described_by(
                    |writer| writer.put_symbol("com.microsoft:timespan"),
                    |writer| writer.put_long(10),
                );
            });
        });
    });
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = add(&mut peer, links, "one", |writer| {
        put_texts("correlation-filter", &[("label", "x"), ("to", "")], writer);
    });
    assert_eq!(answer.status, 200, "{answer:?}");
    let rules = listed(&enumerate(&mut peer, links, 1, 100));
    let span = Value::Described(Box::new(Described {
        descriptor: Descriptor::Name("com.microsoft:timespan".into()),
        value: Value::Long(10),
    }));
    let mut properties = OrderedMap::new();
    properties.insert(Value::from("count"), Value::Int(3));
    properties.insert(Value::from("since"), Value::Timestamp(1_000.into()));
    properties.insert(Value::from("span"), span);
    let mut all: Vec<Value> = fields.map(|(_, text)| Value::from(text)).into();
    all.push(Value::Map(properties));
    let mut one = vec![Value::Null; 8];
    one[4] = Value::from("x");
    one.push(Value::Map(OrderedMap::new()));
    let found: Vec<Value> = rules.into_iter().map(|(_, filter, _)| filter).collect();
    let expected = [all, one].map(|fields| described(CORRELATION_FILTER, fields));
    assert_eq!(found, expected);
}

#[test]
fn rules_are_listed_in_pages() {
    let (_emulator, mut peer, links) = setup();
    remove(&mut peer, links, "$Default");
    for name in ["c", "A", "b"] {
        add_sql(&mut peer, links, name, "1=1", None);
    }
    assert_eq!(names(&enumerate(&mut peer, links, 0, 2)), ["A", "b"]);
    assert_eq!(names(&enumerate(&mut peer, links, 2, 2)), ["c"]);
    let beyond = enumerate(&mut peer, links, 3, 2);
    assert_eq!((beyond.status, beyond.body), (204, Value::Null));
}
