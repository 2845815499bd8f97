//! The properties section.

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor::PROPERTIES;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::section_value;
use servicebus_amqp::walker::{Element, Elements, Kind};
use servicebus_amqp::writer::Writer;

use crate::guid::new_guid;

/// A field of the section, by its place in the list (AMQP 1.0, 3.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PropertyField {
    MessageId = 0,
    To = 2,
    Subject = 3,
    ReplyTo = 4,
    CorrelationId = 5,
    ContentType = 6,
    AbsoluteExpiryTime = 8,
    GroupId = 10,
    ReplyToGroupId = 12,
}

impl PropertyField {
    pub(crate) fn place(self) -> usize {
        self as usize
    }
}

/// The section as it was sent, or with a new message-id if it has none: SDKs rely on there being one.
pub(super) fn with_message_id(section: Option<Bytes>) -> Result<Bytes, DecodeError> {
    let Some(section) = section else {
        return write(|_| Ok(()));
    };
    let mut fields = fields(&section)?;
    match fields.next().transpose()? {
        Some(message_id) if !message_id.is_null() => Ok(section.clone()),
        _ => write(|writer| {
            for field in fields {
                writer.put_element(&field?);
            }
            Ok(())
        }),
    }
}

/// The group-id, which is the session id (AMQP 1.0, 3.2.4).
pub(super) fn group_id(section: &[u8]) -> Option<&str> {
    field(section, PropertyField::GroupId)?.as_text()
}

/// A field, null or not; `None` where the section ends before it.
pub(super) fn field(section: &[u8], field: PropertyField) -> Option<Element<'_>> {
    fields(section).ok()?.nth(field.place())?.ok()
}

fn fields(section: &[u8]) -> Result<Elements<'_>, DecodeError> {
    let value: Element<'_> = section_value(section)?;
    match value.kind()? {
        Kind::List(fields) => Ok(fields),
        _ => Err(DecodeError::WrongType("list")),
    }
}

fn write(
    rest: impl FnOnce(&mut Writer<'_>) -> Result<(), DecodeError>,
) -> Result<Bytes, DecodeError> {
    let mut section = BytesMut::with_capacity(64);
    let mut outcome = Ok(());
    Writer::new(&mut section).put_composite(PROPERTIES, |writer| {
        writer.put_string(&new_guid().simple().to_string());
        outcome = rest(writer);
    });
    outcome.map(|()| section.freeze())
}

/// The section with one field set to the one value that `value` writes. A section that cannot be
/// read, which [`super::Message::decode`] lets nobody send, counts as empty.
pub(super) fn with_field(
    section: &[u8],
    changed: PropertyField,
    value: impl FnOnce(&mut Writer<'_>),
) -> Bytes {
    let mut out = BytesMut::with_capacity(section.len() + 64);
    Writer::new(&mut out).put_composite(PROPERTIES, |writer| {
        let mut known = fields(section).ok();
        let mut next = || known.as_mut()?.next()?.ok();
        let copy = |field: Option<Element<'_>>, writer: &mut Writer<'_>| {
            writer.put_optional(field, |writer, field| writer.put_element(&field));
        };
        for _ in 0..changed.place() {
            copy(next(), writer);
        }
        next();
        value(writer);
        while let Some(field) = next() {
            copy(Some(field), writer);
        }
    });
    out.freeze()
}
