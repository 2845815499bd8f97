//! The properties section.

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor::PROPERTIES;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::section_value;
use servicebus_amqp::walker::{Element, Elements, Kind};
use servicebus_amqp::writer::Writer;

use crate::guid::new_guid;

/// The place of a field in the section.
const GROUP_ID: usize = 10;

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
    fields(section).ok()?.nth(GROUP_ID)?.ok()?.as_text()
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
