//! Conversion between encoded values and [`serde_amqp::Value`], the value type of
//! [`Fields`](crate::types::definitions::Fields).

use serde_amqp::described::Described;
use serde_amqp::descriptor::Descriptor;
use serde_amqp::primitives::{Array, OrderedMap, Symbol, Timestamp, Uuid};
use serde_amqp::Value;
use serde_bytes::ByteBuf;

use crate::error::DecodeError;
use crate::walker::{Allowance, Element, Elements, Kind, MAX_DEPTH};

mod write;

pub use write::write_value;

/// Reads a value with everything in it.
///
/// Depth and growth are bounded as in [`Element::check`]. A map with the same key twice is
/// refused: [`Value`] cannot hold it, and AMQP 1.0, 1.6.23 calls it invalid.
pub fn read_value(element: &Element<'_>) -> Result<Value, DecodeError> {
    read(element, MAX_DEPTH, &mut Allowance::of(element))
}

fn read(
    element: &Element<'_>,
    depth: usize,
    allowance: &mut Allowance,
) -> Result<Value, DecodeError> {
    let kind = element.kind()?;
    allowance.spend(element, &kind)?;
    let inner_depth = || depth.checked_sub(1).ok_or(DecodeError::TooDeep);
    Ok(match kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(value),
        Kind::Ubyte(value) => Value::Ubyte(value),
        Kind::Ushort(value) => Value::Ushort(value),
        Kind::Uint(value) => Value::Uint(value),
        Kind::Ulong(value) => Value::Ulong(value),
        Kind::Byte(value) => Value::Byte(value),
        Kind::Short(value) => Value::Short(value),
        Kind::Int(value) => Value::Int(value),
        Kind::Long(value) => Value::Long(value),
        Kind::Float(value) => Value::from(value),
        Kind::Double(value) => Value::from(value),
        Kind::Decimal32(bytes) => Value::Decimal32(bytes.into()),
        Kind::Decimal64(bytes) => Value::Decimal64(bytes.into()),
        Kind::Decimal128(bytes) => Value::Decimal128(bytes.into()),
        Kind::Char(value) => Value::Char(value),
        Kind::Timestamp(milliseconds) => Value::Timestamp(Timestamp::from(milliseconds)),
        Kind::Uuid(bytes) => Value::Uuid(Uuid::from(bytes)),
        Kind::Binary(bytes) => Value::Binary(ByteBuf::from(bytes)),
        Kind::String(text) => Value::String(text.to_owned()),
        Kind::Symbol(text) => Value::Symbol(Symbol::from(text)),
        Kind::List(elements) => Value::List(read_all(elements, inner_depth()?, allowance)?),
        Kind::Array(elements) => {
            Value::Array(Array(read_all(elements, inner_depth()?, allowance)?))
        }
        Kind::Map(elements) => Value::Map(read_map(elements, inner_depth()?, allowance)?),
        Kind::Described(descriptor, value) => {
            let depth = inner_depth()?;
            Value::Described(Box::new(Described {
                descriptor: read_descriptor(&descriptor, allowance)?,
                value: read(&value, depth, allowance)?,
            }))
        }
    })
}

fn read_all(
    elements: Elements<'_>,
    depth: usize,
    allowance: &mut Allowance,
) -> Result<Vec<Value>, DecodeError> {
    elements
        .map(|element| read(&element?, depth, allowance))
        .collect()
}

fn read_map(
    mut elements: Elements<'_>,
    depth: usize,
    allowance: &mut Allowance,
) -> Result<OrderedMap<Value, Value>, DecodeError> {
    let mut map = OrderedMap::new();
    while let Some(key) = elements.next().transpose()? {
        let value = elements.next().ok_or(DecodeError::OddMap)??;
        let key = read(&key, depth, allowance)?;
        if map.insert(key, read(&value, depth, allowance)?).is_some() {
            return Err(DecodeError::DuplicateKey);
        }
    }
    Ok(map)
}

fn read_descriptor(
    element: &Element<'_>,
    allowance: &mut Allowance,
) -> Result<Descriptor, DecodeError> {
    let kind = element.kind()?;
    allowance.spend(element, &kind)?;
    match kind {
        Kind::Symbol(name) | Kind::String(name) => Ok(Descriptor::Name(Symbol::from(name))),
        _ => element
            .as_u64()
            .map(Descriptor::Code)
            .ok_or(DecodeError::WrongType("a symbol or an ulong as descriptor")),
    }
}
