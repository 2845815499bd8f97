//! The header section.

use servicebus_amqp::descriptor::HEADER;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::section_value;
use servicebus_amqp::walker::Kind;
use servicebus_amqp::writer::Writer;

/// What a sender put into the header, defaults kept apart from values that were spelled out.
///
/// The delivery count is the broker's; one that a sender sends is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) durable: Option<bool>,
    pub(crate) priority: Option<u8>,
    /// Milliseconds.
    pub(crate) ttl: Option<u32>,
    pub(crate) first_acquirer: Option<bool>,
}

impl Header {
    pub(super) fn read(section: &[u8]) -> Result<Self, DecodeError> {
        let Kind::List(mut fields) = section_value(section)?.kind()? else {
            return Err(DecodeError::WrongType("list"));
        };
        let mut next = || fields.next().transpose();
        Ok(Self {
            durable: next()?.and_then(|field| field.as_bool()),
            priority: next()?.and_then(|field| field.as_u8()),
            ttl: next()?.and_then(|field| field.as_u32()),
            first_acquirer: next()?.and_then(|field| field.as_bool()),
        })
    }

    /// Writes the section for a delivery.
    pub(crate) fn write(&self, delivery_count: u32, writer: &mut Writer<'_>) {
        writer.put_composite(HEADER, |writer| {
            let bool_or_null = |writer: &mut Writer<'_>, value: Option<bool>| match value {
                Some(value) => writer.put_bool(value),
                None => writer.put_null(),
            };
            bool_or_null(writer, self.durable);
            match self.priority {
                Some(priority) => writer.put_ubyte(priority),
                None => writer.put_null(),
            }
            match self.ttl {
                Some(ttl) => writer.put_uint(ttl),
                None => writer.put_null(),
            }
            bool_or_null(writer, self.first_acquirer);
            writer.put_uint(delivery_count);
        });
    }
}
