//! Filters and actions on messages, as the service's documentation describes them.

mod actions;
mod conditions;
mod correlation;
mod naive;
mod operators;
mod syntax;

use bytes::BytesMut;
use servicebus_amqp::descriptor::{
    APPLICATION_PROPERTIES, DATA, HEADER, MESSAGE_ANNOTATIONS, PROPERTIES,
};
use servicebus_amqp::writer::Writer;

use super::sql::parse_condition;
use super::value::IntegerType;
use super::{Arrival, EvaluationError, FilterError, MessageView, Parameters, Value};
use crate::message::Message;

const ARRIVAL: Arrival = Arrival {
    enqueued_at: 1_700_000_000_000,
    sequence: 42,
};

/// A message with these application properties, and every system property that a sender can set.
fn message(application: &[(&str, Value<'_>)]) -> Message {
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    writer.put_composite(HEADER, |writer| {
        writer.put_null();
        writer.put_null();
        writer.put_uint(60_000);
    });
    writer.put_described(MESSAGE_ANNOTATIONS, |writer| {
        writer.put_map(|writer| {
            writer.put_symbol("x-opt-partition-key");
            writer.put_string("a key");
            writer.put_symbol("x-opt-scheduled-enqueue-time");
            writer.put_timestamp(1_699_999_999_000);
        });
    });
    writer.put_composite(PROPERTIES, |writer| {
        writer.put_string("an id");
        writer.put_null();
        writer.put_string("a destination");
        writer.put_string("a subject");
        writer.put_string("an answer queue");
        writer.put_string("a correlation");
        writer.put_symbol("text/plain");
        writer.put_null();
        writer.put_null();
        writer.put_null();
        writer.put_string("a session");
        writer.put_null();
        writer.put_string("an answer session");
    });
    writer.put_described(APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            for (name, value) in application {
                writer.put_string(name);
                value.write(writer);
            }
        });
    });
    writer.put_described(DATA, |writer| writer.put_binary(b"a body"));
    writer.finish().unwrap();
    Message::decode(&out).unwrap()
}

/// One property of every type, beside those for plain expressions.
fn sample() -> Message {
    let int = |of, value| Value::Integer(of, value);
    message(&[
        ("color", Value::text("red")),
        ("empty", Value::text("")),
        ("quantity", int(IntegerType::Int, 5)),
        ("price", Value::Double(2.5)),
        ("express", Value::Bool(true)),
        ("slow", Value::Bool(false)),
        ("nothing", Value::Null),
        ("a b]c", Value::text("spaced")),
        ("Größe", int(IntegerType::Long, 3)),
        ("sbyte", int(IntegerType::Sbyte, -1)),
        ("byte", int(IntegerType::Byte, 200)),
        ("short", int(IntegerType::Short, -300)),
        ("ushort", int(IntegerType::Ushort, 60_000)),
        ("uint", int(IntegerType::Uint, 4_000_000_000)),
        ("long", int(IntegerType::Long, i64::MIN.into())),
        ("ulong", int(IntegerType::Ulong, u64::MAX.into())),
        ("single", Value::Single(0.5)),
        // 12.5 as coefficient 125 and exponent -1.
        (
            "decimal",
            Value::Decimal(((6_175_u128 << 113) | 125).to_be_bytes()),
        ),
        ("char", Value::Char('x')),
        ("guid", Value::Guid([0x11; 16])),
        ("other", Value::Guid([0x22; 16])),
        ("instant", Value::DateTime(1_700_000_060_000)),
        ("offset", Value::DateTimeOffset(638_355_968_600_000_000)),
        ("minute", Value::TimeSpan(600_000_000)),
        ("uri", Value::Uri("http://a/".into())),
        ("bytes", Value::Other(vec![0xa0, 0x01, 0x07].into())),
        ("key", Value::text("color")),
    ])
}

/// What a condition comes to for a message.
fn holds(
    expression: &str,
    message: &Message,
    parameters: &Parameters,
) -> Result<Option<bool>, EvaluationError> {
    let condition = match parse_condition(expression, parameters) {
        Ok(condition) => condition,
        Err(error) => panic!("{expression}: {error}"),
    };
    condition.holds(&MessageView::new(message, ARRIVAL))
}

/// Holds a table of conditions against the sample.
fn check(table: &[(&str, Option<bool>)]) {
    let message = sample();
    for (expression, expected) in table {
        let found = holds(expression, &message, &Parameters::default());
        assert_eq!(found, Ok(*expected), "{expression}");
    }
}

/// Holds a table of conditions that cannot be evaluated against the sample.
fn check_errors(table: &[(&str, &str)]) {
    let message = sample();
    for (expression, expected) in table {
        let found = holds(expression, &message, &Parameters::default());
        let found = found.map_err(|error| error.to_string());
        assert_eq!(found, Err((*expected).to_owned()), "{expression}");
    }
}
