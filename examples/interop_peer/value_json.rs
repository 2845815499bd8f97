//! AMQP values as JSON: every value an object that names its type.

use bytes::Bytes;
use serde_json::{json, Value};
use servicebus::{AmqpDescribed, AmqpMap, AmqpValue};

use crate::Failure;

pub(crate) fn write(value: &AmqpValue) -> Value {
    let (kind, content) = match value {
        AmqpValue::Null => return json!({"type": "null"}),
        AmqpValue::Bool(value) => ("boolean", json!(value)),
        AmqpValue::Ubyte(value) => ("ubyte", json!(value.to_string())),
        AmqpValue::Ushort(value) => ("ushort", json!(value.to_string())),
        AmqpValue::Uint(value) => ("uint", json!(value.to_string())),
        AmqpValue::Ulong(value) => ("ulong", json!(value.to_string())),
        AmqpValue::Byte(value) => ("byte", json!(value.to_string())),
        AmqpValue::Short(value) => ("short", json!(value.to_string())),
        AmqpValue::Int(value) => ("int", json!(value.to_string())),
        AmqpValue::Long(value) => ("long", json!(value.to_string())),
        AmqpValue::Float(value) => ("float", json!(value.to_string())),
        AmqpValue::Double(value) => ("double", json!(value.to_string())),
        AmqpValue::Decimal32(bytes) => ("decimal32", json!(hex(bytes))),
        AmqpValue::Decimal64(bytes) => ("decimal64", json!(hex(bytes))),
        AmqpValue::Decimal128(bytes) => ("decimal128", json!(hex(bytes))),
        AmqpValue::Char(value) => ("char", json!(value.to_string())),
        AmqpValue::Timestamp(value) => ("timestamp", json!(value.to_string())),
        AmqpValue::Uuid(value) => ("uuid", json!(value.to_string())),
        AmqpValue::Binary(bytes) => ("binary", json!(hex(bytes))),
        AmqpValue::String(text) => ("string", json!(text)),
        AmqpValue::Symbol(text) => ("symbol", json!(text)),
        AmqpValue::List(items) => ("list", list(items)),
        AmqpValue::Array(items) => ("array", list(items)),
        AmqpValue::Map(map) => {
            let pairs: Vec<Value> = map
                .iter()
                .map(|(key, item)| json!([write(key), write(item)]))
                .collect();
            ("map", json!(pairs))
        }
        AmqpValue::Described(described) => {
            let descriptor = write(described.descriptor());
            let value = write(described.value());
            return json!({"type": "described", "descriptor": descriptor, "value": value});
        }
        other => ("unknown", json!(format!("{other:?}"))),
    };
    json!({"type": kind, "value": content})
}

fn list(items: &[AmqpValue]) -> Value {
    items.iter().map(write).collect()
}

pub(crate) fn read(described: &Value) -> Result<AmqpValue, Failure> {
    let kind = described["type"].as_str().ok_or("a value without a type")?;
    let content = &described["value"];
    let text = content.as_str().unwrap_or_default();
    Ok(match kind {
        "null" => AmqpValue::Null,
        "boolean" => AmqpValue::Bool(content.as_bool().ok_or("a boolean that is none")?),
        "ubyte" => AmqpValue::Ubyte(text.parse()?),
        "ushort" => AmqpValue::Ushort(text.parse()?),
        "uint" => AmqpValue::Uint(text.parse()?),
        "ulong" => AmqpValue::Ulong(text.parse()?),
        "byte" => AmqpValue::Byte(text.parse()?),
        "short" => AmqpValue::Short(text.parse()?),
        "int" => AmqpValue::Int(text.parse()?),
        "long" => AmqpValue::Long(text.parse()?),
        "float" => AmqpValue::Float(text.parse()?),
        "double" => AmqpValue::Double(text.parse()?),
        "decimal128" => AmqpValue::Decimal128(unhex(text)?.as_ref().try_into()?),
        "char" => AmqpValue::Char(text.parse()?),
        "timestamp" => AmqpValue::Timestamp(text.parse()?),
        "uuid" => AmqpValue::Uuid(text.parse()?),
        "binary" => AmqpValue::Binary(unhex(text)?),
        "string" => AmqpValue::String(text.to_owned()),
        "symbol" => AmqpValue::symbol(text),
        "list" => AmqpValue::List(read_all(content)?),
        "array" => AmqpValue::Array(read_all(content)?),
        "map" => AmqpValue::Map(read_map(content)?),
        "described" => AmqpDescribed::new(read(&described["descriptor"])?, read(content)?).into(),
        other => return Err(format!("{other} is no type of AMQP").into()),
    })
}

pub(crate) fn read_all(items: &Value) -> Result<Vec<AmqpValue>, Failure> {
    items
        .as_array()
        .ok_or("a list that is none")?
        .iter()
        .map(read)
        .collect()
}

fn read_map(pairs: &Value) -> Result<AmqpMap, Failure> {
    let mut map = AmqpMap::new();
    for pair in pairs.as_array().ok_or("a map that is none")? {
        map.insert(read(&pair[0])?, read(&pair[1])?);
    }
    Ok(map)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(digits: &str) -> Result<Bytes, Failure> {
    let bytes = (0..digits.len()).step_by(2).map(|at| {
        let pair = digits.get(at..at + 2).ok_or("an odd number of digits")?;
        Ok(u8::from_str_radix(pair, 16)?)
    });
    bytes.collect()
}
