use serde_amqp::primitives::{Timestamp, Uuid};
use serde_bytes::ByteBuf;

use crate::error::DecodeError;
use crate::types::messaging::{Header, MessageId, Priority, Properties};
use crate::walker::{Element, Kind};

use super::composite::Composite;

pub(crate) fn read_header(list: Element<'_>) -> Result<Header, DecodeError> {
    let mut header = Composite::open("header", list)?;
    let read = Header {
        durable: header.bool("durable")?.unwrap_or_default(),
        priority: header.u8("priority")?.map(Priority).unwrap_or_default(),
        ttl: header.u32("ttl")?,
        first_acquirer: header.bool("first-acquirer")?.unwrap_or_default(),
        delivery_count: header.u32("delivery-count")?.unwrap_or_default(),
    };
    header.finish()?;
    Ok(read)
}

pub(crate) fn read_properties(list: Element<'_>) -> Result<Properties, DecodeError> {
    let mut properties = Composite::open("properties", list)?;
    let read = Properties {
        message_id: properties.read("message-id", read_message_id)?,
        user_id: properties.binary("user-id")?,
        to: properties.string("to")?,
        subject: properties.string("subject")?,
        reply_to: properties.string("reply-to")?,
        correlation_id: properties.read("correlation-id", read_message_id)?,
        content_type: properties.symbol("content-type")?,
        content_encoding: properties.symbol("content-encoding")?,
        absolute_expiry_time: properties
            .timestamp("absolute-expiry-time")?
            .map(Timestamp::from),
        creation_time: properties.timestamp("creation-time")?.map(Timestamp::from),
        group_id: properties.string("group-id")?,
        group_sequence: properties.u32("group-sequence")?,
        reply_to_group_id: properties.string("reply-to-group-id")?,
    };
    properties.finish()?;
    Ok(read)
}

fn read_message_id(element: Element<'_>) -> Result<MessageId, DecodeError> {
    match element.kind()? {
        Kind::String(text) | Kind::Symbol(text) => Ok(MessageId::String(text.to_owned())),
        Kind::Binary(bytes) => Ok(MessageId::Binary(ByteBuf::from(bytes))),
        Kind::Uuid(bytes) => Ok(MessageId::Uuid(Uuid::from(bytes))),
        _ => element
            .as_u64()
            .map(MessageId::Ulong)
            .ok_or(DecodeError::WrongType(
                "a string, binary, uuid or ulong as message id",
            )),
    }
}
