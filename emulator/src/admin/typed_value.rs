//! Values that carry their type: `<Value i:type="d6p1:int" xmlns:d6p1="...">2</Value>`.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SecondsFormat};

use super::fault::Fault;
use super::xml::{Element, Kind};
use crate::duration;
use crate::filter::{IntegerType, Value};

const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
/// In which .NET has what XML Schema lacks; the service writes spans with it too.
pub(super) const SERIALIZATION: &str = "http://schemas.microsoft.com/2003/10/Serialization/";

const NANOSECONDS_PER_TICK: u64 = 100;
const TICKS_PER_SECOND: i64 = 10_000_000;

/// XML Schema's names of integers; without the unsigned ones .NET's are the same.
const INTEGERS: [(&str, IntegerType); 8] = [
    ("byte", IntegerType::Sbyte),
    ("unsignedByte", IntegerType::Byte),
    ("short", IntegerType::Short),
    ("unsignedShort", IntegerType::Ushort),
    ("int", IntegerType::Int),
    ("unsignedInt", IntegerType::Uint),
    ("long", IntegerType::Long),
    ("unsignedLong", IntegerType::Ulong),
];

/// Reads a value; one without a type is a text.
pub(super) fn read(element: &Element) -> Result<Value<'static>, Fault> {
    let kind = element.kind.as_ref();
    let name = kind.map_or("string", |kind| kind.name.as_str());
    value(name, &element.text)
        .ok_or_else(|| Fault::invalid(&format!("A value cannot be read as one of type '{name}'")))
}

fn value(kind: &str, text: &str) -> Option<Value<'static>> {
    if let Some((_, of)) = INTEGERS.iter().find(|(name, _)| *name == kind) {
        let value: i128 = text.trim().parse().ok()?;
        return of.holds(value).then_some(Value::Integer(*of, value));
    }
    match kind {
        "string" => Some(Value::text(text)),
        "boolean" => match text.trim() {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        "double" => Some(Value::Double(floating(text)?)),
        "float" => Some(Value::Single(text.trim().parse().ok()?)),
        "dateTime" => Some(Value::DateTime(instant(text.trim())?)),
        "duration" => Some(Value::TimeSpan(ticks(text.trim())?)),
        _ => None,
    }
}

fn floating(text: &str) -> Option<f64> {
    match text.trim() {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        other => other.parse().ok(),
    }
}

/// Milliseconds since the Unix epoch; what has no zone is in UTC.
fn instant(text: &str) -> Option<i64> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => Some(instant.timestamp_millis()),
        Err(_) => {
            let instant = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
            Some(instant.and_utc().timestamp_millis())
        }
    }
}

fn ticks(text: &str) -> Option<i64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let nanoseconds = duration::read(text)?.as_nanos();
    let ticks = i64::try_from(nanoseconds / u128::from(NANOSECONDS_PER_TICK)).ok()?;
    Some(if negative { -ticks } else { ticks })
}

/// Writes a value under a name; `None` for one of a type that no client of this API knows.
pub(super) fn write(name: &str, value: &Value<'_>) -> Option<Element> {
    let (namespace, kind, text) = match value {
        Value::String(text) | Value::Uri(text) => (SCHEMA, "string", text.to_string()),
        Value::Bool(value) => (SCHEMA, "boolean", value.to_string()),
        Value::Integer(of, value) => {
            let (name, _) = INTEGERS.iter().find(|(_, known)| known == of)?;
            (SCHEMA, *name, value.to_string())
        }
        Value::Double(value) => (SCHEMA, "double", value.to_string()),
        Value::Single(value) => (SCHEMA, "float", value.to_string()),
        Value::DateTime(millis) => {
            let at = DateTime::from_timestamp_millis(*millis)?;
            let text = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            (SCHEMA, "dateTime", text)
        }
        Value::TimeSpan(ticks) => (SERIALIZATION, "duration", span(*ticks)),
        _ => return None,
    };
    let kind = Kind {
        namespace: namespace.to_owned(),
        name: kind.to_owned(),
    };
    Some(Element {
        kind: Some(kind),
        ..Element::leaf(name, text)
    })
}

fn span(ticks: i64) -> String {
    let sign = if ticks < 0 { "-" } else { "" };
    let ticks = ticks.unsigned_abs();
    let second = TICKS_PER_SECOND.unsigned_abs();
    let whole = Duration::from_secs(ticks / second);
    let rest = Duration::from_nanos(ticks % second * NANOSECONDS_PER_TICK);
    format!("{sign}{}", duration::write(whole + rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(kind: &str, text: &str) -> Element {
        let kind = Kind {
            namespace: SCHEMA.to_owned(),
            name: kind.to_owned(),
        };
        Element {
            kind: Some(kind),
            ..Element::leaf("Value", text)
        }
    }

    #[test]
    fn values_survive_with_their_types() {
        for (kind, text) in [
            ("string", " a "),
            ("int", "-5"),
            ("long", "2147483650"),
            ("unsignedByte", "255"),
            ("boolean", "true"),
            ("double", "3.5"),
            ("dateTime", "2024-09-06T21:27:00.591Z"),
            ("dateTime", "2020-07-05T11:12:13Z"),
        ] {
            let element = element(kind, text);
            let value = read(&element).unwrap();
            assert_eq!(write("Value", &value), Some(element), "{kind} {text}");
        }
    }

    #[test]
    fn a_span_is_written_in_the_namespace_of_dotnet() {
        for text in ["P1DT2H3M", "-PT0.5S"] {
            let value = read(&element("duration", text)).unwrap();
            let written = write("Value", &value).unwrap();
            assert_eq!(written.kind.unwrap().namespace, SERIALIZATION);
            assert_eq!(written.text, text);
        }
    }

    #[test]
    fn what_is_not_of_its_type_is_refused() {
        for (kind, text) in [
            ("int", "2147483648"),
            ("int", "1.5"),
            ("boolean", "yes"),
            ("dateTime", "yesterday"),
            ("duration", "1 day"),
            ("duration", "--PT1S"),
            ("QName", "a:b"),
        ] {
            assert!(read(&element(kind, text)).is_err(), "{kind} {text}");
        }
    }
}
