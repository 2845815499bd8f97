//! The header and properties sections, whose fields stand in a list by position.
//!
//! Omitted fields are absent, and so are those of a wrong type: to lose a field is better than to
//! lose the message. Fields this crate does not know are skipped.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::section_value;
use servicebus_amqp::walker::{Element, Elements, Kind};
use uuid::Uuid;

use crate::model::header::AmqpHeader;
use crate::model::message_id::AmqpMessageId;
use crate::model::properties::AmqpProperties;
use crate::model::timestamp;

pub(super) fn read_header(section: &Bytes) -> Result<AmqpHeader, DecodeError> {
    let mut fields = Fields::of(section)?;
    Ok(AmqpHeader {
        durable: fields.next(Element::as_bool)?,
        priority: fields.next(Element::as_u8)?,
        time_to_live: fields.next(Element::as_u64)?.map(Duration::from_millis),
        first_acquirer: fields.next(Element::as_bool)?,
        delivery_count: fields.next(Element::as_u32)?,
    })
}

pub(super) fn read_properties(section: &Bytes) -> Result<AmqpProperties, DecodeError> {
    let id = |element: &Element<'_>| message_id(element, section);
    let mut fields = Fields::of(section)?;
    Ok(AmqpProperties {
        message_id: fields.next(id)?,
        user_id: fields
            .next(|element| element.as_binary().map(|bytes| section.slice_ref(bytes)))?,
        to: fields.next(text)?,
        subject: fields.next(text)?,
        reply_to: fields.next(text)?,
        correlation_id: fields.next(id)?,
        content_type: fields.next(text)?,
        content_encoding: fields.next(text)?,
        absolute_expiry_time: fields.next(instant)?,
        creation_time: fields.next(instant)?,
        group_id: fields.next(text)?,
        group_sequence: fields.next(Element::as_u32)?,
        reply_to_group_id: fields.next(text)?,
    })
}

struct Fields<'a>(Elements<'a>);

impl<'a> Fields<'a> {
    fn of(section: &'a Bytes) -> Result<Self, DecodeError> {
        match section_value(section)?.kind()? {
            Kind::List(elements) => Ok(Self(elements)),
            _ => Err(DecodeError::WrongType("list")),
        }
    }

    fn next<T>(
        &mut self,
        read: impl FnOnce(&Element<'a>) -> Option<T>,
    ) -> Result<Option<T>, DecodeError> {
        Ok(self
            .0
            .next()
            .transpose()?
            .and_then(|element| read(&element)))
    }
}

fn text(element: &Element<'_>) -> Option<String> {
    element.as_text().map(str::to_owned)
}

fn instant(element: &Element<'_>) -> Option<DateTime<Utc>> {
    let millis = match element.kind().ok()? {
        Kind::Timestamp(millis) | Kind::Long(millis) => millis,
        _ => return None,
    };
    timestamp::from_millis(millis)
}

fn message_id(element: &Element<'_>, section: &Bytes) -> Option<AmqpMessageId> {
    match element.kind().ok()? {
        Kind::String(text) | Kind::Symbol(text) => Some(text.into()),
        Kind::Uuid(bytes) => Some(Uuid::from_bytes(bytes).into()),
        Kind::Binary(bytes) => Some(section.slice_ref(bytes).into()),
        _ => element.as_u64().map(AmqpMessageId::from),
    }
}
