//! A message as filters and actions see it.

use std::borrow::Cow;

use servicebus_amqp::sections::section_value;
use servicebus_amqp::walker::{Element, Kind};
use uuid::Uuid;

use super::system_property::SystemProperty;
use super::value::{IntegerType, Value, TICKS_PER_MILLI};
use crate::message::{
    Message, PropertyField, PARTITION_KEY, SCHEDULED_ENQUEUE_TIME, VIA_PARTITION_KEY,
};

/// The end of time for an expiry: 9999-12-31T23:59:59.999Z.
const LAST_MILLI: i64 = 253_402_300_799_999;

/// What a topic knows of a message that has just arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// Milliseconds since the Unix epoch.
    pub(crate) enqueued_at: i64,
    /// The number that the topic gave it.
    pub(crate) sequence: i64,
}

/// The properties of a message, found once and looked up by many filters.
///
/// The body is not among them: no filter sees it.
#[derive(Debug)]
pub(crate) struct MessageView<'a> {
    arrival: Arrival,
    message: &'a Message,
    fields: Vec<Element<'a>>,
    application: Vec<(&'a str, Element<'a>)>,
}

impl<'a> MessageView<'a> {
    pub(crate) fn new(message: &'a Message, arrival: Arrival) -> Self {
        Self {
            arrival,
            message,
            fields: fields(&message.properties),
            application: entries(&message.application_properties),
        }
    }

    pub(super) fn message(&self) -> &'a Message {
        self.message
    }

    /// The same view of a changed copy.
    pub(super) fn of<'c>(&self, copy: &'c Message) -> MessageView<'c> {
        MessageView::new(copy, self.arrival)
    }

    /// An application property, with its name as it was sent; case is ignored unless two names differ
    /// in nothing else.
    pub(crate) fn application_property(&self, name: &str) -> Option<(&'a str, Value<'a>)> {
        let exact = self.application.iter().find(|(known, _)| *known == name);
        let entry = exact.or_else(|| {
            let mut entries = self.application.iter();
            entries.find(|(known, _)| same_name(known, name))
        });
        entry.map(|(name, value)| (*name, Value::read(value)))
    }

    /// The names of the application properties, as they were sent.
    pub(crate) fn application_names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.application.iter().map(|(name, _)| *name)
    }

    pub(crate) fn system_property(&self, property: SystemProperty) -> Value<'a> {
        match property {
            SystemProperty::MessageId => self.id(PropertyField::MessageId),
            SystemProperty::CorrelationId => self.id(PropertyField::CorrelationId),
            SystemProperty::ContentType => self.field(PropertyField::ContentType),
            SystemProperty::Label => self.field(PropertyField::Subject),
            SystemProperty::To => self.field(PropertyField::To),
            SystemProperty::ReplyTo => self.field(PropertyField::ReplyTo),
            SystemProperty::SessionId => self.field(PropertyField::GroupId),
            SystemProperty::ReplyToSessionId => self.field(PropertyField::ReplyToGroupId),
            SystemProperty::PartitionKey => self.annotation(PARTITION_KEY),
            SystemProperty::ViaPartitionKey => self.annotation(VIA_PARTITION_KEY),
            SystemProperty::ScheduledEnqueueTimeUtc => self.annotation(SCHEDULED_ENQUEUE_TIME),
            SystemProperty::TimeToLive => Value::TimeSpan(match self.message.header.ttl {
                Some(millis) => i64::from(millis) * TICKS_PER_MILLI,
                None => i64::MAX,
            }),
            SystemProperty::EnqueuedTimeUtc => Value::DateTime(self.arrival.enqueued_at),
            SystemProperty::ExpiresAtUtc => Value::DateTime(self.expiry()),
            SystemProperty::EnqueuedSequenceNumber | SystemProperty::SequenceNumber => {
                Value::long(self.arrival.sequence)
            }
            SystemProperty::DeliveryCount => Value::Integer(IntegerType::Int, 0),
            SystemProperty::Size => Value::Integer(IntegerType::Ulong, self.message.size().into()),
        }
    }

    fn expiry(&self) -> i64 {
        match self.message.header.ttl {
            Some(millis) => self.arrival.enqueued_at.saturating_add(millis.into()),
            None => LAST_MILLI,
        }
    }

    fn field(&self, field: PropertyField) -> Value<'a> {
        let element = self.fields.get(field.place());
        element.map_or(Value::Null, Value::read)
    }

    /// A message-id or correlation-id; whatever its type, the service uses it as a text.
    fn id(&self, field: PropertyField) -> Value<'a> {
        match self.field(field) {
            Value::Integer(_, number) => Value::String(Cow::Owned(number.to_string())),
            Value::Guid(guid) => Value::String(Cow::Owned(Uuid::from_bytes(guid).to_string())),
            other => other,
        }
    }

    fn annotation(&self, name: &str) -> Value<'a> {
        let annotation = self.message.annotation(name);
        annotation.map_or(Value::Null, |value| Value::read(&value))
    }
}

fn same_name(left: &str, right: &str) -> bool {
    let left = left.chars().flat_map(char::to_lowercase);
    left.eq(right.chars().flat_map(char::to_lowercase))
}

/// The fields of a list section; none of one that was not sent.
fn fields(section: &[u8]) -> Vec<Element<'_>> {
    match section_value(section).and_then(|value| value.kind()) {
        Ok(Kind::List(fields)) => fields.map_while(Result::ok).collect(),
        _ => Vec::new(),
    }
}

/// The entries of a map section; none of one that was not sent.
fn entries(section: &[u8]) -> Vec<(&str, Element<'_>)> {
    let mut found = Vec::new();
    if let Ok(Kind::Map(mut entries)) = section_value(section).and_then(|value| value.kind()) {
        while let (Some(Ok(key)), Some(Ok(value))) = (entries.next(), entries.next()) {
            if let Some(key) = key.as_text() {
                found.push((key, value));
            }
        }
    }
    found
}
