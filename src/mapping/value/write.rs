use bytes::BytesMut;
use servicebus_amqp::format_code as code;
use servicebus_amqp::walker::{MAX_DEPTH, MAX_ZERO_WIDTH_ELEMENTS};
use servicebus_amqp::writer::Writer;

use crate::error::{Error, Result};
use crate::model::map::AmqpMap;
use crate::model::value::AmqpValue;

/// Refuses what has no encoding or what peers would not read. [`write_value`] relies on it.
pub(in crate::mapping) fn check_value(value: &AmqpValue) -> Result<()> {
    check(value, MAX_DEPTH)
}

fn check(value: &AmqpValue, depth: usize) -> Result<()> {
    let inner_depth = || {
        depth.checked_sub(1).ok_or_else(|| {
            Error::invalid_argument(format!("values are nested more than {MAX_DEPTH} deep"))
        })
    };
    match value {
        AmqpValue::Symbol(name) if !name.is_ascii() => Err(Error::invalid_argument(format!(
            "symbol {name:?} is not ascii"
        ))),
        AmqpValue::List(elements) => {
            let depth = inner_depth()?;
            elements
                .iter()
                .try_for_each(|element| check(element, depth))
        }
        AmqpValue::Map(map) => {
            let depth = inner_depth()?;
            map.iter().try_for_each(|(key, value)| {
                check(key, depth)?;
                check(value, depth)
            })
        }
        AmqpValue::Array(elements) => {
            let depth = inner_depth()?;
            check_array(elements)?;
            elements
                .iter()
                .try_for_each(|element| check(element, depth))
        }
        AmqpValue::Described(described) => {
            let depth = inner_depth()?;
            check(described.descriptor(), depth)?;
            check(described.value(), depth)
        }
        _ => Ok(()),
    }
}

/// All elements of an array share one constructor, which includes the descriptor.
fn check_array(elements: &[AmqpValue]) -> Result<()> {
    let Some(first) = elements.first() else {
        return Ok(());
    };
    if first.is_null() && elements.len() > MAX_ZERO_WIDTH_ELEMENTS {
        return Err(Error::invalid_argument(format!(
            "array of more than {MAX_ZERO_WIDTH_ELEMENTS} nulls"
        )));
    }
    let described_twice = |value: &AmqpValue| {
        value
            .as_described()
            .is_some_and(|it| it.value().as_described().is_some())
    };
    if described_twice(first) {
        return Err(Error::invalid_argument(
            "array of values with two descriptors each",
        ));
    }
    if elements.iter().all(|element| is_alike(first, element)) {
        Ok(())
    } else {
        Err(Error::invalid_argument(
            "array elements differ in their type",
        ))
    }
}

fn is_alike(one: &AmqpValue, other: &AmqpValue) -> bool {
    match (one, other) {
        (AmqpValue::Described(one), AmqpValue::Described(other)) => {
            one.descriptor() == other.descriptor() && is_alike(one.value(), other.value())
        }
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// Writes a value that [`check_value`] has passed.
pub(in crate::mapping) fn write_value(writer: &mut Writer<'_>, value: &AmqpValue) {
    match value {
        AmqpValue::Null => writer.put_null(),
        AmqpValue::Bool(value) => writer.put_bool(*value),
        AmqpValue::Ubyte(value) => writer.put_ubyte(*value),
        AmqpValue::Ushort(value) => writer.put_ushort(*value),
        AmqpValue::Uint(value) => writer.put_uint(*value),
        AmqpValue::Ulong(value) => writer.put_ulong(*value),
        AmqpValue::Byte(value) => writer.put_byte(*value),
        AmqpValue::Short(value) => writer.put_short(*value),
        AmqpValue::Int(value) => writer.put_int(*value),
        AmqpValue::Long(value) => writer.put_long(*value),
        AmqpValue::Float(value) => writer.put_float(*value),
        AmqpValue::Double(value) => writer.put_double(*value),
        AmqpValue::Decimal32(bytes) => writer.put_decimal32(*bytes),
        AmqpValue::Decimal64(bytes) => writer.put_decimal64(*bytes),
        AmqpValue::Decimal128(bytes) => writer.put_decimal128(*bytes),
        AmqpValue::Char(value) => writer.put_char(*value),
        AmqpValue::Timestamp(millis) => writer.put_timestamp(*millis),
        AmqpValue::Uuid(uuid) => writer.put_uuid(*uuid.as_bytes()),
        AmqpValue::Binary(bytes) => writer.put_binary(bytes),
        AmqpValue::String(text) => writer.put_string(text),
        AmqpValue::Symbol(name) => writer.put_symbol(name),
        AmqpValue::List(elements) => writer.put_list(|writer| write_all(writer, elements)),
        AmqpValue::Map(map) => write_map(writer, map),
        AmqpValue::Array(elements) => write_array(writer, elements),
        AmqpValue::Described(described) => writer.put_described_by(
            |writer| write_value(writer, described.descriptor()),
            |writer| write_value(writer, described.value()),
        ),
    }
}

fn write_map(writer: &mut Writer<'_>, map: &AmqpMap) {
    writer.put_map(|writer| {
        for (key, value) in map.iter() {
            write_value(writer, key);
            write_value(writer, value);
        }
    });
}

fn write_all(writer: &mut Writer<'_>, elements: &[AmqpValue]) {
    for element in elements {
        write_value(writer, element);
    }
}

fn write_array(writer: &mut Writer<'_>, elements: &[AmqpValue]) {
    let Some(AmqpValue::Described(first)) = elements.first() else {
        return writer.put_array(array_constructor(elements.iter()), |writer| {
            write_all(writer, elements);
        });
    };
    let mut descriptor = BytesMut::new();
    write_value(&mut Writer::new(&mut descriptor), first.descriptor());
    let values = || {
        elements
            .iter()
            .filter_map(AmqpValue::as_described)
            .map(|it| it.value())
    };
    writer.put_described_array(&descriptor, array_constructor(values()), |writer| {
        for value in values() {
            write_value(writer, value);
        }
    });
}

/// The one constructor for all elements: wide enough for the longest.
fn array_constructor<'a>(elements: impl Iterator<Item = &'a AmqpValue> + Clone) -> u8 {
    let sized = |narrow, wide, length: fn(&AmqpValue) -> usize| {
        let fits = elements
            .clone()
            .all(|element| length(element) <= usize::from(u8::MAX));
        if fits {
            narrow
        } else {
            wide
        }
    };
    let text_length = |value: &AmqpValue| value.as_str().map_or(0, str::len);
    let binary_length = |value: &AmqpValue| value.as_binary().map_or(0, <[u8]>::len);
    match elements.clone().next() {
        None | Some(AmqpValue::Null | AmqpValue::Described(_)) => code::NULL,
        Some(AmqpValue::Bool(_)) => code::BOOLEAN,
        Some(AmqpValue::Ubyte(_)) => code::UBYTE,
        Some(AmqpValue::Ushort(_)) => code::USHORT,
        Some(AmqpValue::Uint(_)) => code::UINT,
        Some(AmqpValue::Ulong(_)) => code::ULONG,
        Some(AmqpValue::Byte(_)) => code::BYTE,
        Some(AmqpValue::Short(_)) => code::SHORT,
        Some(AmqpValue::Int(_)) => code::INT,
        Some(AmqpValue::Long(_)) => code::LONG,
        Some(AmqpValue::Float(_)) => code::FLOAT,
        Some(AmqpValue::Double(_)) => code::DOUBLE,
        Some(AmqpValue::Decimal32(_)) => code::DECIMAL32,
        Some(AmqpValue::Decimal64(_)) => code::DECIMAL64,
        Some(AmqpValue::Decimal128(_)) => code::DECIMAL128,
        Some(AmqpValue::Char(_)) => code::CHAR,
        Some(AmqpValue::Timestamp(_)) => code::TIMESTAMP,
        Some(AmqpValue::Uuid(_)) => code::UUID,
        Some(AmqpValue::Binary(_)) => sized(code::VBIN8, code::VBIN32, binary_length),
        Some(AmqpValue::String(_)) => sized(code::STR8, code::STR32, text_length),
        Some(AmqpValue::Symbol(_)) => sized(code::SYM8, code::SYM32, text_length),
        Some(AmqpValue::List(_)) => code::LIST32,
        Some(AmqpValue::Map(_)) => code::MAP32,
        Some(AmqpValue::Array(_)) => code::ARRAY32,
    }
}
