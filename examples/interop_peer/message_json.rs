//! Messages as JSON, section by section under the names of AMQP 1.0, 3.2.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{json, Map, Value};
use servicebus::{
    AmqpBody, AmqpHeader, AmqpMap, AmqpMessage, AmqpMessageId, AmqpProperties, AmqpValue,
    ApplicationProperties, Message, ReceivedMessage,
};

use crate::value_json::{hex, read as read_value, read_all, unhex, write as write_value};
use crate::Failure;

pub(crate) fn write(message: &ReceivedMessage) -> Value {
    let amqp = message.amqp();
    let mut sections = Map::new();
    let mut add = |name: &str, fields: Map<String, Value>| {
        if !fields.is_empty() {
            sections.insert(name.to_owned(), fields.into());
        }
    };
    add("header", write_header(amqp.header()));
    add(
        "delivery-annotations",
        write_map(amqp.delivery_annotations()),
    );
    add("message-annotations", write_map(amqp.message_annotations()));
    add("properties", write_properties(amqp.properties()));
    let application = amqp.application_properties().iter();
    add(
        "application-properties",
        application
            .map(|(name, value)| (name.to_owned(), write_value(value)))
            .collect(),
    );
    add("footer", write_map(amqp.footer()));
    sections.insert("body".to_owned(), write_body(amqp.body()));
    sections.into()
}

/// A field of a section, which is left out where it is absent.
fn put(fields: &mut Map<String, Value>, name: &str, value: Option<AmqpValue>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), write_value(&value));
    }
}

fn write_header(header: &AmqpHeader) -> Map<String, Value> {
    let mut fields = Map::new();
    let ttl = header
        .time_to_live()
        .and_then(|ttl| u32::try_from(ttl.as_millis()).ok());
    put(
        &mut fields,
        "durable",
        header.durable().map(AmqpValue::Bool),
    );
    put(
        &mut fields,
        "priority",
        header.priority().map(AmqpValue::Ubyte),
    );
    put(&mut fields, "ttl", ttl.map(AmqpValue::Uint));
    put(
        &mut fields,
        "first-acquirer",
        header.first_acquirer().map(AmqpValue::Bool),
    );
    put(
        &mut fields,
        "delivery-count",
        header.delivery_count().map(AmqpValue::Uint),
    );
    fields
}

fn write_properties(properties: &AmqpProperties) -> Map<String, Value> {
    let mut fields = Map::new();
    let string = |text: &str| AmqpValue::String(text.to_owned());
    let binary = |bytes: &[u8]| AmqpValue::Binary(Bytes::copy_from_slice(bytes));
    let time = |time: DateTime<Utc>| AmqpValue::Timestamp(time.timestamp_millis());
    put(&mut fields, "message-id", properties.message_id().map(id));
    put(&mut fields, "user-id", properties.user_id().map(binary));
    put(&mut fields, "to", properties.to().map(string));
    put(&mut fields, "subject", properties.subject().map(string));
    put(&mut fields, "reply-to", properties.reply_to().map(string));
    put(
        &mut fields,
        "correlation-id",
        properties.correlation_id().map(id),
    );
    put(
        &mut fields,
        "content-type",
        properties.content_type().map(AmqpValue::symbol),
    );
    put(
        &mut fields,
        "content-encoding",
        properties.content_encoding().map(AmqpValue::symbol),
    );
    put(
        &mut fields,
        "absolute-expiry-time",
        properties.absolute_expiry_time().map(time),
    );
    put(
        &mut fields,
        "creation-time",
        properties.creation_time().map(time),
    );
    put(&mut fields, "group-id", properties.group_id().map(string));
    put(
        &mut fields,
        "group-sequence",
        properties.group_sequence().map(AmqpValue::Uint),
    );
    put(
        &mut fields,
        "reply-to-group-id",
        properties.reply_to_group_id().map(string),
    );
    fields
}

fn id(id: &AmqpMessageId) -> AmqpValue {
    if let Some(number) = id.as_u64() {
        AmqpValue::Ulong(number)
    } else if let Some(uuid) = id.as_uuid() {
        AmqpValue::Uuid(uuid)
    } else if let Some(bytes) = id.as_binary() {
        AmqpValue::Binary(Bytes::copy_from_slice(bytes))
    } else {
        AmqpValue::String(id.as_str().to_owned())
    }
}

fn write_map(map: &AmqpMap) -> Map<String, Value> {
    let name = |key: &AmqpValue| {
        key.as_str()
            .map_or_else(|| format!("{key:?}"), str::to_owned)
    };
    map.iter()
        .map(|(key, value)| (name(key), write_value(value)))
        .collect()
}

fn write_body(body: &AmqpBody) -> Value {
    match body {
        AmqpBody::Data(sections) => sections
            .iter()
            .map(|bytes| json!({"type": "data", "value": hex(bytes)}))
            .collect(),
        AmqpBody::Value(value) => json!([{"type": "value", "value": write_value(value)}]),
        AmqpBody::Sequence(sections) => sections
            .iter()
            .map(|items| {
                let items: Vec<Value> = items.iter().map(write_value).collect();
                json!({"type": "sequence", "value": items})
            })
            .collect(),
        other => json!([{"type": "unknown", "value": format!("{other:?}")}]),
    }
}

pub(crate) fn read(described: &Value) -> Result<Message, Failure> {
    let mut application = ApplicationProperties::new();
    for (name, value) in fields(&described["application-properties"]) {
        application.insert(name, read_value(value)?);
    }
    let amqp = AmqpMessage::new(read_body(&described["body"])?)
        .with_header(read_header(&described["header"])?)
        .with_message_annotations(read_map(&described["message-annotations"])?)
        .with_properties(read_properties(&described["properties"])?)
        .with_application_properties(application)
        .with_footer(read_map(&described["footer"])?);
    Ok(Message::from(amqp))
}

fn fields(section: &Value) -> impl Iterator<Item = (&String, &Value)> {
    section.as_object().into_iter().flatten()
}

fn read_map(section: &Value) -> Result<AmqpMap, Failure> {
    let mut map = AmqpMap::new();
    for (name, value) in fields(section) {
        map.insert(AmqpValue::symbol(name), read_value(value)?);
    }
    Ok(map)
}

fn read_header(section: &Value) -> Result<AmqpHeader, Failure> {
    let mut header = AmqpHeader::new();
    for (name, value) in fields(section) {
        let value = read_value(value)?;
        header = match (name.as_str(), &value) {
            ("durable", AmqpValue::Bool(durable)) => header.with_durable(*durable),
            ("priority", AmqpValue::Ubyte(priority)) => header.with_priority(*priority),
            ("ttl", AmqpValue::Uint(ttl)) => {
                header.with_time_to_live(std::time::Duration::from_millis((*ttl).into()))
            }
            ("first-acquirer", AmqpValue::Bool(first)) => header.with_first_acquirer(*first),
            ("delivery-count", AmqpValue::Uint(count)) => header.with_delivery_count(*count),
            _ => return Err(format!("{name} of the header as {value:?}").into()),
        };
    }
    Ok(header)
}

fn read_properties(section: &Value) -> Result<AmqpProperties, Failure> {
    let mut properties = AmqpProperties::new();
    for (name, value) in fields(section) {
        let value = read_value(value)?;
        properties = match (name.as_str(), value) {
            ("message-id", id) => properties.with_message_id(read_id(id)?),
            ("correlation-id", id) => properties.with_correlation_id(read_id(id)?),
            ("user-id", AmqpValue::Binary(bytes)) => properties.with_user_id(bytes),
            ("to", AmqpValue::String(text)) => properties.with_to(text),
            ("subject", AmqpValue::String(text)) => properties.with_subject(text),
            ("reply-to", AmqpValue::String(text)) => properties.with_reply_to(text),
            ("content-type", AmqpValue::Symbol(text)) => properties.with_content_type(text),
            ("content-encoding", AmqpValue::Symbol(text)) => properties.with_content_encoding(text),
            ("absolute-expiry-time", AmqpValue::Timestamp(millis)) => {
                properties.with_absolute_expiry_time(read_time(millis)?)
            }
            ("creation-time", AmqpValue::Timestamp(millis)) => {
                properties.with_creation_time(read_time(millis)?)
            }
            ("group-id", AmqpValue::String(text)) => properties.with_group_id(text),
            ("group-sequence", AmqpValue::Uint(number)) => properties.with_group_sequence(number),
            ("reply-to-group-id", AmqpValue::String(text)) => {
                properties.with_reply_to_group_id(text)
            }
            (_, value) => return Err(format!("{name} of the properties as {value:?}").into()),
        };
    }
    Ok(properties)
}

fn read_id(value: AmqpValue) -> Result<AmqpMessageId, Failure> {
    Ok(match value {
        AmqpValue::String(text) => text.into(),
        AmqpValue::Ulong(number) => number.into(),
        AmqpValue::Uuid(uuid) => uuid.into(),
        AmqpValue::Binary(bytes) => bytes.into(),
        other => return Err(format!("a message id as {other:?}").into()),
    })
}

fn read_time(millis: i64) -> Result<DateTime<Utc>, Failure> {
    Ok(DateTime::from_timestamp_millis(millis).ok_or("a time that no calendar has")?)
}

fn read_body(parts: &Value) -> Result<AmqpBody, Failure> {
    let parts = parts.as_array().ok_or("a message without a body")?;
    let mut data = Vec::new();
    let mut sequences = Vec::new();
    for part in parts {
        match part["type"].as_str() {
            Some("data") => data.push(unhex(part["value"].as_str().unwrap_or_default())?),
            Some("sequence") => sequences.push(read_all(&part["value"])?),
            Some("value") => return Ok(AmqpBody::Value(read_value(&part["value"])?)),
            _ => return Err("a body section of an unknown type".into()),
        }
    }
    Ok(if sequences.is_empty() {
        AmqpBody::Data(data)
    } else {
        AmqpBody::Sequence(sequences)
    })
}
