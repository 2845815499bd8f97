//! The described lists of which an answer's rules are made.

use serde_amqp::described::Described;
use serde_amqp::descriptor::Descriptor;
use serde_amqp::Value;

use crate::peer::Answer;

pub(super) const RULE_DESCRIPTION: u64 = 0x0137_0000_0004;
pub(super) const EMPTY_RULE_ACTION: u64 = 0x0137_0000_0005;
pub(super) const SQL_RULE_ACTION: u64 = 0x0137_0000_0006;
pub(super) const SQL_FILTER: u64 = 0x0013_7000_0006;
pub(super) const TRUE_FILTER: u64 = 0x0013_7000_0007;
pub(super) const FALSE_FILTER: u64 = 0x0013_7000_0008;
pub(super) const CORRELATION_FILTER: u64 = 0x0013_7000_0009;

/// The fields of a described list.
pub(super) fn fields(value: Value, code: u64) -> Vec<Value> {
    match value {
        Value::Described(described) if described.descriptor == Descriptor::Code(code) => {
            match described.value {
                Value::List(fields) => fields,
                other => panic!("no list: {other:?}"),
            }
        }
        other => panic!("not described by {code:#x}: {other:?}"),
    }
}

pub(super) fn described(code: u64, fields: Vec<Value>) -> Value {
    Value::Described(Box::new(Described {
        descriptor: Descriptor::Code(code),
        value: Value::List(fields),
    }))
}

/// Name, filter and action of every rule.
pub(super) fn listed(answer: &Answer) -> Vec<(String, Value, Value)> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let Value::List(rules) = answer.entry("rules") else {
        panic!("no list: {answer:?}");
    };
    let rule = |entry: Value| {
        let Value::Map(map) = entry else {
            panic!("no map: {entry:?}");
        };
        let key = Value::from("rule-description");
        let mut entries = map.into_iter();
        let (found, description) = entries.next().expect("an entry");
        assert_eq!((found, entries.next()), (key, None));
        let fields: [Value; 4] = fields(description, RULE_DESCRIPTION).try_into().unwrap();
        let [filter, action, Value::String(name), Value::Timestamp(_)] = fields else {
            panic!("not the fields of a rule: {fields:?}");
        };
        (name, filter, action)
    };
    rules.into_iter().map(rule).collect()
}

pub(super) fn names(answer: &Answer) -> Vec<String> {
    listed(answer).into_iter().map(|(name, ..)| name).collect()
}

pub(super) fn sql(code: u64, expression: &str) -> Value {
    described(code, vec![Value::from(expression), Value::Int(20)])
}
