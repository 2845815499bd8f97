use serde_amqp::descriptor::Descriptor;
use serde_amqp::Value;

use bytes::BytesMut;

use crate::error::EncodeError;
use crate::format_code as code;
use crate::writer::Writer;

/// Writes a value with everything in it.
///
/// An array of nothing is written as an array of nulls, as its element type is not known.
/// That the elements of an array are of one type is checked by the writer.
pub fn write_value(writer: &mut Writer<'_>, value: &Value) {
    match value {
        Value::Null => writer.put_null(),
        Value::Bool(value) => writer.put_bool(*value),
        Value::Ubyte(value) => writer.put_ubyte(*value),
        Value::Ushort(value) => writer.put_ushort(*value),
        Value::Uint(value) => writer.put_uint(*value),
        Value::Ulong(value) => writer.put_ulong(*value),
        Value::Byte(value) => writer.put_byte(*value),
        Value::Short(value) => writer.put_short(*value),
        Value::Int(value) => writer.put_int(*value),
        Value::Long(value) => writer.put_long(*value),
        Value::Float(value) => writer.put_float(value.into_inner()),
        Value::Double(value) => writer.put_double(value.into_inner()),
        Value::Decimal32(value) => writer.put_decimal32(*value.as_inner()),
        Value::Decimal64(value) => writer.put_decimal64(*value.as_inner()),
        Value::Decimal128(value) => writer.put_decimal128(*value.as_inner()),
        Value::Char(value) => writer.put_char(*value),
        Value::Timestamp(value) => writer.put_timestamp(value.milliseconds()),
        Value::Uuid(value) => writer.put_uuid(*value.as_inner()),
        Value::Binary(value) => writer.put_binary(value),
        Value::String(value) => writer.put_string(value),
        Value::Symbol(value) => writer.put_symbol(value),
        Value::List(values) => writer.put_list(|writer| {
            for value in values {
                write_value(writer, value);
            }
        }),
        Value::Map(map) => writer.put_map(|writer| {
            for (key, value) in map {
                write_value(writer, key);
                write_value(writer, value);
            }
        }),
        Value::Array(values) => write_array(writer, values),
        Value::Described(described) => writer.put_described_by(
            |writer| write_descriptor(writer, &described.descriptor),
            |writer| write_value(writer, &described.value),
        ),
    }
}

fn write_array(writer: &mut Writer<'_>, values: &[Value]) {
    let Some(Value::Described(first)) = values.first() else {
        let constructor = values.first().map_or(code::NULL, Value::format_code);
        return writer.put_array(constructor, |writer| {
            for value in values {
                write_value(writer, value);
            }
        });
    };
    let mut descriptor = BytesMut::new();
    write_descriptor(&mut Writer::new(&mut descriptor), &first.descriptor);
    writer.put_described_array(&descriptor, first.value.format_code(), |writer| {
        for value in values {
            match value {
                Value::Described(described) if described.descriptor == first.descriptor => {
                    write_value(writer, &described.value);
                }
                _ => writer.fail(EncodeError::MixedDescriptors),
            }
        }
    });
}

fn write_descriptor(writer: &mut Writer<'_>, descriptor: &Descriptor) {
    match descriptor {
        Descriptor::Code(code) => writer.put_ulong(*code),
        Descriptor::Name(name) => writer.put_symbol(name),
    }
}
