//! The bytes of a delivery or management answer to a received message.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use servicebus_amqp::descriptor;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::{section_value, split_sections, Sections};
use servicebus_amqp::walker::{Element, Kind};
use uuid::Uuid;

use super::value::{read_map, read_value};
use crate::error::{Error, ErrorKind, Result};
use crate::model::amqp_message::AmqpMessage;
use crate::model::annotations;
use crate::model::application_properties::ApplicationProperties;
use crate::model::body::AmqpBody;
use crate::model::entity::Entity;
use crate::model::lock::{LockExpiry, MessageLock};
use crate::model::map::AmqpMap;
use crate::model::received::ReceivedMessage;
use crate::model::value::AmqpValue;

mod fields;

/// A message that nobody locked for us: peeked, or received destructively.
pub(crate) fn decode_unlocked(payload: &Bytes) -> Result<ReceivedMessage> {
    let (amqp, body) = decode(payload)?;
    Ok(ReceivedMessage::new(amqp, body, None))
}

/// A message locked for us; with `session`, by the lock on that session.
///
/// Where nothing else gave the lock's token, it is the one among the delivery annotations, if any.
pub(crate) fn decode_locked(
    payload: &Bytes,
    token: Option<Uuid>,
    entity: &Entity,
    session: Option<&Arc<str>>,
) -> Result<ReceivedMessage> {
    let (amqp, body) = decode(payload)?;
    let token = token.or_else(|| {
        amqp.delivery_annotations
            .get(annotations::LOCK_TOKEN)
            .and_then(AmqpValue::as_uuid)
    });
    let lock = token.map(|token| {
        if let Some(session) = session {
            return MessageLock::of_session(token, entity.clone(), session.clone());
        }
        let until = amqp
            .message_annotations
            .get(annotations::LOCKED_UNTIL)
            .and_then(instant);
        let expiry = until.map(|until| LockExpiry::from_service(until, Utc::now(), Instant::now()));
        MessageLock::new(token, entity.clone(), expiry)
    });
    Ok(ReceivedMessage::new(amqp, body, lock))
}

/// The lock token in a delivery tag: a GUID in .NET's byte order, whose first three groups are
/// little-endian.
pub(crate) fn lock_token(tag: &[u8]) -> Option<Uuid> {
    tag.try_into().ok().map(Uuid::from_bytes_le)
}

/// An instant; older servers send it as a long.
fn instant(value: &AmqpValue) -> Option<DateTime<Utc>> {
    match value {
        AmqpValue::Long(millis) => AmqpValue::Timestamp(*millis).as_timestamp(),
        value => value.as_timestamp(),
    }
}

/// A message that did not come from the service.
pub(crate) fn decode_foreign(bytes: &Bytes) -> Result<Box<AmqpMessage>> {
    let none = || Error::invalid_argument("the bytes are no message");
    if bytes.is_empty() {
        return Err(none());
    }
    read(bytes).map_err(|error| none().with_source(error))
}

/// A message that somebody else received, who has its lock.
pub(crate) fn decode_foreign_received(bytes: &Bytes) -> Result<ReceivedMessage> {
    let amqp = decode_foreign(bytes)?;
    let body = body_of(&amqp);
    Ok(ReceivedMessage::new(amqp, body, None))
}

/// The message, and the bytes of its body in one piece.
fn decode(payload: &Bytes) -> Result<(Box<AmqpMessage>, Bytes)> {
    let message = read(payload).map_err(|error| {
        Error::new(ErrorKind::Other, "a message that cannot be decoded").with_source(error)
    })?;
    let body = body_of(&message);
    Ok((message, body))
}

/// The bytes of the body in one piece, shared unless it has several sections.
fn body_of(message: &AmqpMessage) -> Bytes {
    match (&message.body, message.body.to_bytes()) {
        (AmqpBody::Data(sections), Cow::Borrowed(_)) => {
            sections.first().cloned().unwrap_or_default()
        }
        (AmqpBody::Value(AmqpValue::Binary(bytes)), _) => bytes.clone(),
        (_, bytes) => Bytes::from(bytes.into_owned()),
    }
}

fn read(payload: &Bytes) -> Result<Box<AmqpMessage>, DecodeError> {
    let Sections {
        header,
        delivery_annotations,
        message_annotations,
        properties,
        application_properties,
        body,
        footer,
    } = split_sections(payload)?;
    let map = |section: Option<Bytes>| match section {
        Some(section) => read_map(&section_value(&section)?, &section),
        None => Ok(AmqpMap::new()),
    };
    Ok(Box::new(AmqpMessage {
        header: header.map_or(Ok(Default::default()), |section| {
            fields::read_header(&section)
        })?,
        delivery_annotations: map(delivery_annotations)?,
        message_annotations: map(message_annotations)?,
        properties: properties.map_or(Ok(Default::default()), |section| {
            fields::read_properties(&section)
        })?,
        application_properties: application_properties
            .map_or(Ok(Default::default()), |section| {
                read_application_properties(&section)
            })?,
        body: read_body(&body)?,
        footer: map(footer)?,
    }))
}

fn read_application_properties(section: &Bytes) -> Result<ApplicationProperties, DecodeError> {
    let map = read_map(&section_value(section)?, section)?;
    map.into_iter()
        .map(|(key, value)| match key {
            AmqpValue::String(name) | AmqpValue::Symbol(name) => Ok((name, value)),
            _ => Err(DecodeError::WrongType("string")),
        })
        .collect()
}

fn read_body(sections: &[Bytes]) -> Result<AmqpBody, DecodeError> {
    let mut body = AmqpBody::Data(Vec::with_capacity(sections.len()));
    for (index, section) in sections.iter().enumerate() {
        let Kind::Described(descriptor, value) = Element::parse_whole(section)?.kind()? else {
            return Err(DecodeError::WrongType("body section"));
        };
        match (descriptor::code_of(&descriptor), &mut body) {
            (Some(descriptor::DATA), AmqpBody::Data(data)) => {
                let bytes = value.as_binary().ok_or(DecodeError::WrongType("binary"))?;
                data.push(section.slice_ref(bytes));
            }
            (Some(descriptor::AMQP_SEQUENCE), AmqpBody::Sequence(lists)) => {
                lists.push(read_list(&value, section)?);
            }
            (Some(descriptor::AMQP_SEQUENCE), body) if index == 0 => {
                *body = AmqpBody::Sequence(vec![read_list(&value, section)?]);
            }
            (Some(descriptor::AMQP_VALUE), body) if index == 0 => {
                *body = AmqpBody::Value(read_value(&value, section)?);
            }
            _ => return Err(DecodeError::WrongType("body of one kind")),
        }
    }
    Ok(body)
}

fn read_list(value: &Element<'_>, section: &Bytes) -> Result<Vec<AmqpValue>, DecodeError> {
    match read_value(value, section)? {
        AmqpValue::List(values) => Ok(values),
        _ => Err(DecodeError::WrongType("list")),
    }
}

#[cfg(test)]
mod tolerance;
