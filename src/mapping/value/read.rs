use bytes::Bytes;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::walker::{Element, Elements, Kind};
use uuid::Uuid;

use crate::model::map::AmqpMap;
use crate::model::value::{AmqpDescribed, AmqpValue};

/// Reads a value with everything in it.
///
/// `payload` holds the bytes `element` looks at; binaries share it.
pub(in crate::mapping) fn read_value(
    element: &Element<'_>,
    payload: &Bytes,
) -> Result<AmqpValue, DecodeError> {
    // Bounds depth and growth, so that what follows can descend and allocate freely.
    element.check()?;
    read(element, payload)
}

/// Reads the pairs of a map, repeated keys included.
pub(in crate::mapping) fn read_map(
    element: &Element<'_>,
    payload: &Bytes,
) -> Result<AmqpMap, DecodeError> {
    element.check()?;
    match element.kind()? {
        Kind::Map(elements) => read_pairs(elements, payload),
        Kind::Null => Ok(AmqpMap::new()),
        _ => Err(DecodeError::WrongType("map")),
    }
}

fn read(element: &Element<'_>, payload: &Bytes) -> Result<AmqpValue, DecodeError> {
    Ok(match element.kind()? {
        Kind::Null => AmqpValue::Null,
        Kind::Bool(value) => AmqpValue::Bool(value),
        Kind::Ubyte(value) => AmqpValue::Ubyte(value),
        Kind::Ushort(value) => AmqpValue::Ushort(value),
        Kind::Uint(value) => AmqpValue::Uint(value),
        Kind::Ulong(value) => AmqpValue::Ulong(value),
        Kind::Byte(value) => AmqpValue::Byte(value),
        Kind::Short(value) => AmqpValue::Short(value),
        Kind::Int(value) => AmqpValue::Int(value),
        Kind::Long(value) => AmqpValue::Long(value),
        Kind::Float(value) => AmqpValue::Float(value),
        Kind::Double(value) => AmqpValue::Double(value),
        Kind::Decimal32(bytes) => AmqpValue::Decimal32(bytes),
        Kind::Decimal64(bytes) => AmqpValue::Decimal64(bytes),
        Kind::Decimal128(bytes) => AmqpValue::Decimal128(bytes),
        Kind::Char(value) => AmqpValue::Char(value),
        Kind::Timestamp(millis) => AmqpValue::Timestamp(millis),
        Kind::Uuid(bytes) => AmqpValue::Uuid(Uuid::from_bytes(bytes)),
        Kind::Binary(bytes) => AmqpValue::Binary(payload.slice_ref(bytes)),
        Kind::String(text) => AmqpValue::String(text.to_owned()),
        Kind::Symbol(text) => AmqpValue::Symbol(text.to_owned()),
        Kind::List(elements) => AmqpValue::List(read_all(elements, payload)?),
        Kind::Array(elements) => AmqpValue::Array(read_all(elements, payload)?),
        Kind::Map(elements) => AmqpValue::Map(read_pairs(elements, payload)?),
        Kind::Described(descriptor, value) => {
            AmqpDescribed::new(read(&descriptor, payload)?, read(&value, payload)?).into()
        }
    })
}

fn read_all(elements: Elements<'_>, payload: &Bytes) -> Result<Vec<AmqpValue>, DecodeError> {
    elements.map(|element| read(&element?, payload)).collect()
}

fn read_pairs(mut elements: Elements<'_>, payload: &Bytes) -> Result<AmqpMap, DecodeError> {
    std::iter::from_fn(|| {
        let key = elements.next()?;
        // The walker has made sure that each key has a value.
        let value = elements.next()?;
        Some(key.and_then(|key| Ok((read(&key, payload)?, read(&value?, payload)?))))
    })
    .collect()
}
