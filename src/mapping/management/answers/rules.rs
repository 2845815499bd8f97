//! Rules as they are described to the service, and by it.

use super::*;
use crate::mapping::management::rules::{self, NewRule};
use crate::model::rule::{RuleAction, RuleProperties};
use crate::{AmqpDescribed, AmqpMap, CorrelationRuleFilter, RuleFilter};

/// The body of a request to add a rule.
fn added(filter: impl Into<RuleFilter>, action: Option<RuleAction>) -> AmqpMap {
    let rule = NewRule::new("r".to_owned(), filter.into(), action).expect("it can be sent");
    let bytes = request(rules::ADD, |writer| rules::write_add(writer, &rule));
    let message = decode_unlocked(&bytes).expect("a message");
    let AmqpBody::Value(AmqpValue::Map(map)) = message.amqp().body() else {
        panic!("{message:?} is no map");
    };
    map.clone()
}

fn map(entries: impl IntoIterator<Item = (&'static str, AmqpValue)>) -> AmqpValue {
    AmqpMap::from_iter(entries).into()
}

fn expression(text: &str) -> AmqpValue {
    map([("expression", text.into())])
}

#[test]
fn a_rule_is_added_by_a_map_of_strings() {
    let none = ("sql-rule-action", AmqpValue::Null);
    let table = [
        (RuleFilter::sql("a = 1"), "a = 1"),
        (RuleFilter::True, "1=1"),
        (RuleFilter::False, "1=0"),
    ];
    for (filter, text) in table {
        let description = map([("sql-filter", expression(text)), none.clone()]);
        let expected = [("rule-name", "r".into()), ("rule-description", description)];
        assert_eq!(added(filter, None), AmqpMap::from_iter(expected));
    }
    let with_action = added(RuleFilter::True, Some(RuleAction::sql("SET a = 1")));
    let description = map([
        ("sql-filter", expression("1=1")),
        ("sql-rule-action", expression("SET a = 1")),
    ]);
    assert_eq!(with_action.get("rule-description"), Some(&description));
}

#[test]
fn a_correlation_filter_names_what_it_compares() {
    let every = CorrelationRuleFilter::new()
        .with_correlation_id("c")
        .with_message_id("m")
        .with_to("t")
        .with_reply_to("r")
        .with_subject("s")
        .with_session_id("i")
        .with_reply_to_session_id("j")
        .with_content_type("k")
        .with_application_property("byte", 5u8)
        .with_application_property("text", "5");
    let properties = map([("byte", AmqpValue::Ubyte(5)), ("text", "5".into())]);
    let expected = map([
        ("correlation-id", "c".into()),
        ("message-id", "m".into()),
        ("to", "t".into()),
        ("reply-to", "r".into()),
        ("label", "s".into()),
        ("session-id", "i".into()),
        ("reply-to-session-id", "j".into()),
        ("content-type", "k".into()),
        ("properties", properties),
    ]);
    let one = CorrelationRuleFilter::new().with_subject("s");
    let expected_one = map([("label", "s".into()), ("properties", map([]))]);
    for (filter, expected) in [(every, expected), (one, expected_one)] {
        let request = added(filter, None);
        let description = request.get("rule-description").and_then(AmqpValue::as_map);
        assert_eq!(
            description.and_then(|it| it.get("correlation-filter")),
            Some(&expected)
        );
    }
}

#[test]
fn the_other_requests_are_maps_too() {
    let bytes = request(rules::REMOVE, |writer| rules::write_remove(writer, "r"));
    assert_eq!(body_of(&bytes), "rule-name=String(\"r\");");
    let bytes = request(rules::ENUMERATE, |writer| {
        rules::write_enumerate(writer, 200);
    });
    assert_eq!(body_of(&bytes), "top=Int(100);skip=Int(200);");
}

/// A list with this descriptor.
fn list(descriptor: impl Into<AmqpValue>, fields: Vec<AmqpValue>) -> AmqpValue {
    AmqpDescribed::new(descriptor, AmqpValue::List(fields)).into()
}

fn read(descriptions: &[AmqpValue]) -> Result<Vec<RuleProperties>, crate::Error> {
    let rules = descriptions
        .iter()
        .map(|description| map([("rule-description", description.clone())]));
    let body = map([("rules", AmqpValue::List(rules.collect()))]);
    rules::read_page(&answer(200, None, |writer| {
        crate::mapping::value::write_value(writer, &body);
    }))
}

/// The rule with this filter and action.
fn described(filter: AmqpValue, action: AmqpValue) -> RuleProperties {
    let fields = vec![filter, action, "r".into(), AmqpValue::Timestamp(5)];
    let mut rules = read(&[list(0x137_0000_0004u64, fields)]).expect("a rule");
    let rule = rules.remove(0);
    assert_eq!(rule.name(), "r");
    assert_eq!(rule.created_at().map(|at| at.timestamp_millis()), Some(5));
    rule
}

#[test]
fn lists_are_known_by_number_and_by_name() {
    let table = [
        (0x13_7000_0006u64, "sql-filter", RuleFilter::sql("a = 1")),
        (0x13_7000_0007, "true-filter", RuleFilter::True),
        (0x13_7000_0008, "false-filter", RuleFilter::False),
    ];
    for (number, name, filter) in table {
        let symbol = AmqpValue::symbol(format!("com.microsoft:{name}:list"));
        for descriptor in [AmqpValue::from(number), symbol] {
            let fields = match filter {
                RuleFilter::Sql(_) => vec!["a = 1".into(), AmqpValue::Int(20)],
                _ => vec![],
            };
            let rule = described(list(descriptor, fields), AmqpValue::Null);
            assert_eq!((rule.filter(), rule.action()), (&filter, None));
        }
    }
    let action = list(
        0x137_0000_0006u64,
        vec!["SET a = 1".into(), AmqpValue::Int(20)],
    );
    let filter = || list(0x13_7000_0007u64, vec![]);
    assert_eq!(
        described(filter(), action).action(),
        Some(&RuleAction::sql("SET a = 1"))
    );
    let none = list(0x137_0000_0005u64, vec![]);
    assert_eq!(described(filter(), none).action(), None);
}

#[test]
fn a_correlation_filter_is_read_with_its_types() {
    let properties = map([
        ("byte", AmqpValue::Ubyte(5)),
        ("when", AmqpValue::Timestamp(5)),
    ]);
    let fields = |properties| {
        vec![
            AmqpValue::Null,
            "m".into(),
            AmqpValue::Null,
            AmqpValue::Null,
            "s".into(),
            AmqpValue::Null,
            AmqpValue::Null,
            AmqpValue::symbol("text/plain"),
            properties,
        ]
    };
    let filter = CorrelationRuleFilter::new()
        .with_message_id("m")
        .with_subject("s")
        .with_content_type("text/plain");
    let rule = described(
        list(0x13_7000_0009u64, fields(AmqpValue::Null)),
        AmqpValue::Null,
    );
    assert_eq!(rule.filter(), &RuleFilter::from(filter.clone()));
    let rule = described(list(0x13_7000_0009u64, fields(properties)), AmqpValue::Null);
    let filter = filter
        .with_application_property("byte", 5u8)
        .with_application_property("when", AmqpValue::Timestamp(5));
    assert_eq!(rule.filter(), &RuleFilter::from(filter));
}

#[test]
fn what_is_not_known_is_kept_as_it_is() {
    let filters = [
        list(0x13_7000_000Cu64, vec!["session".into()]),
        list(AmqpValue::symbol("x:y"), vec![AmqpValue::Decimal32([1; 4])]),
        // A filter in SQL without any.
        list(0x13_7000_0006u64, vec![]),
        // A subject that is a number.
        list(
            0x13_7000_0009u64,
            vec![
                AmqpValue::Null,
                AmqpValue::Null,
                AmqpValue::Null,
                AmqpValue::Null,
                7.into(),
            ],
        ),
        AmqpValue::Null,
    ];
    for filter in filters {
        let action = list(AmqpValue::symbol("x:z"), vec![1.into()]);
        let rule = described(filter.clone(), action.clone());
        assert_eq!(rule.filter(), &RuleFilter::Other(filter));
        assert_eq!(rule.action(), Some(&RuleAction::Other(action)));
    }
}

#[test]
fn what_is_no_rule_is_an_error() {
    let nameless = list(0x137_0000_0004u64, vec![AmqpValue::Null]);
    for description in [nameless, AmqpValue::Null, list(7u64, vec![])] {
        read(&[description]).expect_err("it is no rule");
    }
}

#[test]
fn no_rules_are_no_error() {
    let none = answer(204, None, |writer| writer.put_null());
    assert!(rules::read_page(&none).expect("no error").is_empty());
    let conflict = Some("com.microsoft:entity-already-exists");
    let taken = answer(409, conflict, |writer| writer.put_null());
    let error = rules::read_done(&taken).expect_err("the name is taken");
    assert_eq!(error.kind(), ErrorKind::MessagingEntityAlreadyExists);
}

#[test]
fn what_the_service_would_not_understand_is_not_sent() {
    let refused = [
        (RuleFilter::Other(AmqpValue::Null), None),
        (RuleFilter::True, Some(RuleAction::Other(AmqpValue::Null))),
        (
            CorrelationRuleFilter::new()
                .with_application_property("p", AmqpMap::new())
                .into(),
            None,
        ),
    ];
    for (filter, action) in refused {
        let error = NewRule::new("r".to_owned(), filter, action)
            .err()
            .expect("it cannot be sent");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}
