//! Values as they are encoded in AMQP.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use servicebus_amqp::walker::{Element, Kind};
use servicebus_amqp::writer::Writer;

use super::{IntegerType, Value};

/// Descriptors of .NET types that AMQP has no type for (Service Bus docs, "AMQP 1.0 in Service Bus
/// protocol guide", "Application properties").
const DATE_TIME_OFFSET: &str = "com.microsoft:datetime-offset";
const TIME_SPAN: &str = "com.microsoft:timespan";
const URI: &str = "com.microsoft:uri";

impl<'a> Value<'a> {
    /// Reads a property. What cannot be decoded counts as a value that nothing can be done with.
    pub(crate) fn read(element: &Element<'a>) -> Self {
        let Ok(kind) = element.kind() else {
            return Self::Other(encoded(element));
        };
        match kind {
            Kind::Null => Self::Null,
            Kind::Bool(value) => Self::Bool(value),
            Kind::Byte(value) => Self::Integer(IntegerType::Sbyte, value.into()),
            Kind::Ubyte(value) => Self::Integer(IntegerType::Byte, value.into()),
            Kind::Short(value) => Self::Integer(IntegerType::Short, value.into()),
            Kind::Ushort(value) => Self::Integer(IntegerType::Ushort, value.into()),
            Kind::Int(value) => Self::Integer(IntegerType::Int, value.into()),
            Kind::Uint(value) => Self::Integer(IntegerType::Uint, value.into()),
            Kind::Long(value) => Self::Integer(IntegerType::Long, value.into()),
            Kind::Ulong(value) => Self::Integer(IntegerType::Ulong, value.into()),
            Kind::Float(value) => Self::Single(value),
            Kind::Double(value) => Self::Double(value),
            Kind::Decimal128(value) => Self::Decimal(value),
            Kind::Char(value) => Self::Char(value),
            Kind::String(text) | Kind::Symbol(text) => Self::String(Cow::Borrowed(text)),
            Kind::Uuid(value) => Self::Guid(value),
            Kind::Timestamp(millis) => Self::DateTime(millis),
            Kind::Described(descriptor, value) => {
                described(&descriptor, &value).unwrap_or_else(|| Self::Other(encoded(element)))
            }
            _ => Self::Other(encoded(element)),
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Null => writer.put_null(),
            Self::Bool(value) => writer.put_bool(*value),
            Self::Integer(of, value) => write_integer(*of, *value, writer),
            Self::Single(value) => writer.put_float(*value),
            Self::Double(value) => writer.put_double(*value),
            Self::Decimal(value) => writer.put_decimal128(*value),
            Self::Char(value) => writer.put_char(*value),
            Self::String(text) => writer.put_string(text),
            Self::Guid(value) => writer.put_uuid(*value),
            Self::DateTime(millis) => writer.put_timestamp(*millis),
            Self::DateTimeOffset(ticks) => writer.put_described_by(
                |writer| writer.put_symbol(DATE_TIME_OFFSET),
                |writer| writer.put_long(*ticks),
            ),
            Self::TimeSpan(ticks) => writer.put_described_by(
                |writer| writer.put_symbol(TIME_SPAN),
                |writer| writer.put_long(*ticks),
            ),
            Self::Uri(text) => writer.put_described_by(
                |writer| writer.put_symbol(URI),
                |writer| writer.put_string(text),
            ),
            Self::Other(value) => match Element::parse_whole(value) {
                Ok(value) => writer.put_element(&value),
                Err(_) => writer.put_null(),
            },
        }
    }
}

fn described<'a>(descriptor: &Element<'a>, value: &Element<'a>) -> Option<Value<'a>> {
    match descriptor.as_text()? {
        DATE_TIME_OFFSET => Some(Value::DateTimeOffset(value.as_i64()?)),
        TIME_SPAN => Some(Value::TimeSpan(value.as_i64()?)),
        URI => Some(Value::Uri(Cow::Borrowed(value.as_text()?))),
        _ => None,
    }
}

fn encoded(element: &Element<'_>) -> Bytes {
    let mut out = BytesMut::with_capacity(element.encoded_len());
    out.extend_from_slice(element.constructor());
    out.extend_from_slice(element.data());
    out.freeze()
}

/// The type holds the value, so that none of the conversions falls back.
fn write_integer(of: IntegerType, value: i128, writer: &mut Writer<'_>) {
    match of {
        IntegerType::Sbyte => writer.put_byte(value.try_into().unwrap_or_default()),
        IntegerType::Byte => writer.put_ubyte(value.try_into().unwrap_or_default()),
        IntegerType::Short => writer.put_short(value.try_into().unwrap_or_default()),
        IntegerType::Ushort => writer.put_ushort(value.try_into().unwrap_or_default()),
        IntegerType::Int => writer.put_int(value.try_into().unwrap_or_default()),
        IntegerType::Uint => writer.put_uint(value.try_into().unwrap_or_default()),
        IntegerType::Long => writer.put_long(value.try_into().unwrap_or_default()),
        IntegerType::Ulong => writer.put_ulong(value.try_into().unwrap_or_default()),
    }
}
