//! The numbers by which operations name messages.

use servicebus_amqp::error::DecodeError;
use servicebus_amqp::format_code;
use servicebus_amqp::walker::Element;
use servicebus_amqp::writer::Writer;

/// An entry of a request's map.
pub(super) fn write(writer: &mut Writer<'_>, numbers: &[i64]) {
    writer.put_string("sequence-numbers");
    writer.put_array(format_code::LONG, |writer| {
        for number in numbers {
            writer.put_long(*number);
        }
    });
}

/// A number, in whatever encoding of integers.
pub(super) fn read_number(number: &Element<'_>) -> Result<i64, DecodeError> {
    number.as_i64().ok_or(DecodeError::WrongType("integer"))
}
