//! A message to the bytes of its sections (AMQP 1.0, 3.2).

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor;
use servicebus_amqp::writer::Writer;

use super::value::{check_value, write_value};
use crate::error::{Error, Result};
use crate::model::amqp_message::AmqpMessage;
use crate::model::annotations;
use crate::model::application_properties::ApplicationProperties;
use crate::model::body::AmqpBody;
use crate::model::header::AmqpHeader;
use crate::model::map::AmqpMap;
use crate::model::message::Message;
use crate::model::message_id::AmqpMessageId;
use crate::model::properties::AmqpProperties;
use crate::model::timestamp;
use crate::model::value::AmqpValue;

/// The longest message id, session id and partition key (Service Bus docs, "Messages, payloads, and
/// serialization").
const MAX_ID: usize = 128;

/// The message as one payload.
pub(crate) fn encode(message: &Message) -> Result<Bytes> {
    let mut out = BytesMut::new();
    encode_into(message, &mut out)?;
    Ok(out.freeze())
}

/// Appends the message's sections. On an error, what was appended is of no use.
pub(crate) fn encode_into(message: &Message, out: &mut BytesMut) -> Result<()> {
    check(message)?;
    let amqp = message.amqp();
    out.reserve(body_length(&amqp.body) + 256);
    let mut writer = Writer::new(out);
    write_sections(&mut writer, amqp);
    writer.finish().map_err(|error| {
        Error::invalid_argument("the message cannot be encoded").with_source(error)
    })
}

/// Appends the sections that a batch takes over from its first message; the service chooses the
/// partition and session of the whole batch by them.
pub(crate) fn encode_batch_envelope(first: &Message, out: &mut BytesMut) -> Result<()> {
    let amqp = first.amqp();
    let mut writer = Writer::new(out);
    if let Some(key) = first.partition_key() {
        writer.put_described(descriptor::MESSAGE_ANNOTATIONS, |writer| {
            writer.put_map(|writer| {
                writer.put_symbol(annotations::PARTITION_KEY);
                writer.put_string(key);
            });
        });
    }
    let envelope = AmqpProperties {
        message_id: amqp.properties.message_id.clone(),
        group_id: amqp.properties.group_id.clone(),
        ..AmqpProperties::default()
    };
    write_properties(&mut writer, &envelope);
    writer
        .finish()
        .map_err(|error| Error::invalid_argument("the batch cannot be encoded").with_source(error))
}

fn check(message: &Message) -> Result<()> {
    let ids = [
        ("message id", message.message_id()),
        ("session id", message.session_id()),
        ("reply-to session id", message.reply_to_session_id()),
        ("partition key", message.partition_key()),
    ];
    for (name, id) in ids {
        if id.is_some_and(|id| id.chars().count() > MAX_ID) {
            return Err(Error::invalid_argument(format!(
                "{name} is longer than {MAX_ID} characters"
            )));
        }
    }
    if let (Some(session), Some(partition)) = (message.session_id(), message.partition_key()) {
        if session != partition {
            return Err(Error::invalid_argument(
                "partition key and session id differ",
            ));
        }
    }
    let AmqpMessage {
        delivery_annotations,
        message_annotations,
        properties,
        application_properties,
        body,
        footer,
        header: _,
    } = message.amqp();
    for (name, text) in [
        ("content type", properties.content_type()),
        ("content encoding", properties.content_encoding()),
    ] {
        if text.is_some_and(|text| !text.is_ascii()) {
            return Err(Error::invalid_argument(format!("{name} is not ascii")));
        }
    }
    check_annotations(delivery_annotations)?;
    check_annotations(message_annotations)?;
    check_annotations(footer)?;
    check_properties(application_properties)?;
    match body {
        AmqpBody::Data(_) => Ok(()),
        AmqpBody::Value(value) => check_value(value),
        AmqpBody::Sequence(sections) => sections.iter().flatten().try_for_each(check_value),
    }
}

fn check_annotations(map: &AmqpMap) -> Result<()> {
    map.iter().try_for_each(|(key, value)| {
        match key {
            AmqpValue::Ulong(_) => {}
            AmqpValue::Symbol(name) | AmqpValue::String(name) if name.is_ascii() => {}
            _ => {
                return Err(Error::invalid_argument(format!(
                    "annotation key {key:?} is neither an ascii name nor a ulong"
                )))
            }
        }
        check_value(value)
    })
}

/// Refuses properties that only AMQP bodies may hold.
pub(super) fn check_properties(properties: &ApplicationProperties) -> Result<()> {
    properties.iter().try_for_each(|(name, value)| {
        if !value.is_simple() {
            return Err(Error::invalid_argument(format!(
                "application property {name:?} is a list, map or array"
            )));
        }
        check_value(value)
    })
}

fn write_sections(writer: &mut Writer<'_>, message: &AmqpMessage) {
    write_header(writer, &message.header);
    write_annotations(
        writer,
        descriptor::DELIVERY_ANNOTATIONS,
        &message.delivery_annotations,
    );
    write_annotations(
        writer,
        descriptor::MESSAGE_ANNOTATIONS,
        &message.message_annotations,
    );
    write_properties(writer, &message.properties);
    if !message.application_properties.is_empty() {
        writer.put_described(descriptor::APPLICATION_PROPERTIES, |writer| {
            write_application_properties(writer, &message.application_properties);
        });
    }
    write_body(writer, &message.body);
    write_annotations(writer, descriptor::FOOTER, &message.footer);
}

/// Writes properties that [`check_properties`] has passed, as a map.
pub(super) fn write_application_properties(
    writer: &mut Writer<'_>,
    properties: &ApplicationProperties,
) {
    writer.put_map(|writer| {
        for (name, value) in properties.iter() {
            writer.put_string(name);
            write_value(writer, value);
        }
    });
}

fn write_header(writer: &mut Writer<'_>, header: &AmqpHeader) {
    if *header == AmqpHeader::default() {
        return;
    }
    writer.put_composite(descriptor::HEADER, |writer| {
        put_optional(writer, header.durable, Writer::put_bool);
        put_optional(writer, header.priority, Writer::put_ubyte);
        let millis = header
            .time_to_live
            .map(|ttl| u32::try_from(ttl.as_millis()).unwrap_or(u32::MAX));
        put_optional(writer, millis, Writer::put_uint);
        put_optional(writer, header.first_acquirer, Writer::put_bool);
        put_optional(writer, header.delivery_count, Writer::put_uint);
    });
}

fn write_properties(writer: &mut Writer<'_>, properties: &AmqpProperties) {
    if *properties == AmqpProperties::default() {
        return;
    }
    writer.put_composite(descriptor::PROPERTIES, |writer| {
        put_optional(writer, properties.message_id(), write_message_id);
        put_optional(writer, properties.user_id(), Writer::put_binary);
        put_optional(writer, properties.to(), Writer::put_string);
        put_optional(writer, properties.subject(), Writer::put_string);
        put_optional(writer, properties.reply_to(), Writer::put_string);
        put_optional(writer, properties.correlation_id(), write_message_id);
        put_optional(writer, properties.content_type(), Writer::put_symbol);
        put_optional(writer, properties.content_encoding(), Writer::put_symbol);
        let expiry = properties.absolute_expiry_time().map(timestamp::to_millis);
        put_optional(writer, expiry, Writer::put_timestamp);
        let creation = properties.creation_time().map(timestamp::to_millis);
        put_optional(writer, creation, Writer::put_timestamp);
        put_optional(writer, properties.group_id(), Writer::put_string);
        put_optional(writer, properties.group_sequence(), Writer::put_uint);
        put_optional(writer, properties.reply_to_group_id(), Writer::put_string);
    });
}

fn put_optional<'b, T>(
    writer: &mut Writer<'b>,
    value: Option<T>,
    put: impl FnOnce(&mut Writer<'b>, T),
) {
    match value {
        Some(value) => put(writer, value),
        None => writer.put_null(),
    }
}

fn write_message_id(writer: &mut Writer<'_>, id: &AmqpMessageId) {
    if let Some(number) = id.as_u64() {
        writer.put_ulong(number);
    } else if let Some(uuid) = id.as_uuid() {
        writer.put_uuid(*uuid.as_bytes());
    } else if let Some(bytes) = id.as_binary() {
        writer.put_binary(bytes);
    } else {
        writer.put_string(id.as_str());
    }
}

fn write_annotations(writer: &mut Writer<'_>, section: u64, map: &AmqpMap) {
    if map.is_empty() {
        return;
    }
    writer.put_described(section, |writer| {
        writer.put_map(|writer| {
            for (key, value) in map.iter() {
                match key.as_str() {
                    Some(name) => writer.put_symbol(name),
                    None => write_value(writer, key),
                }
                write_value(writer, value);
            }
        });
    });
}

fn write_body(writer: &mut Writer<'_>, body: &AmqpBody) {
    match body {
        // A message has at least one body section (AMQP 1.0, 3.2).
        AmqpBody::Data(sections) if sections.is_empty() => write_data(writer, &[]),
        AmqpBody::Data(sections) => sections
            .iter()
            .for_each(|section| write_data(writer, section)),
        AmqpBody::Value(value) => {
            writer.put_described(descriptor::AMQP_VALUE, |writer| write_value(writer, value));
        }
        AmqpBody::Sequence(sections) if sections.is_empty() => write_sequence(writer, &[]),
        AmqpBody::Sequence(sections) => {
            sections
                .iter()
                .for_each(|section| write_sequence(writer, section));
        }
    }
}

fn write_data(writer: &mut Writer<'_>, data: &[u8]) {
    writer.put_described(descriptor::DATA, |writer| writer.put_binary(data));
}

fn write_sequence(writer: &mut Writer<'_>, values: &[AmqpValue]) {
    writer.put_described(descriptor::AMQP_SEQUENCE, |writer| {
        writer.put_list(|writer| values.iter().for_each(|value| write_value(writer, value)));
    });
}

fn body_length(body: &AmqpBody) -> usize {
    match body {
        AmqpBody::Data(sections) => sections.iter().map(|section| section.len() + 8).sum(),
        AmqpBody::Value(_) | AmqpBody::Sequence(_) => 0,
    }
}

#[cfg(test)]
mod exact_bytes;
