use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::amqp_message::AmqpMessage;
use super::annotations;
use super::application_properties::ApplicationProperties;
use super::body::AmqpBody;
use super::message_id::AmqpMessageId;
use super::value::AmqpValue;

/// A message to send.
///
/// Cloning is cheap: the bytes of the body are shared.
///
/// # Examples
///
/// ```
/// use servicebus::Message;
///
/// let message = Message::new("{\"order\": 7}")
///     .with_message_id("order-7")
///     .with_content_type("application/json")
///     .with_application_property("priority", 5);
/// assert_eq!(message.message_id(), Some("order-7"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    pub(super) amqp: AmqpMessage,
}

impl Message {
    /// A message with this body: text, bytes, or an [`AmqpValue`].
    pub fn new(body: impl Into<AmqpBody>) -> Self {
        Self {
            amqp: AmqpMessage::new(body),
        }
    }

    /// The bytes of the body; see [`AmqpBody::to_bytes`] for bodies that are not bytes.
    pub fn body(&self) -> Cow<'_, [u8]> {
        self.amqp.body.to_bytes()
    }

    /// The id of the message.
    pub fn message_id(&self) -> Option<&str> {
        self.amqp
            .properties
            .message_id
            .as_ref()
            .map(AmqpMessageId::as_str)
    }

    /// The id of the message this one belongs to or answers.
    pub fn correlation_id(&self) -> Option<&str> {
        self.amqp
            .properties
            .correlation_id
            .as_ref()
            .map(AmqpMessageId::as_str)
    }

    /// What the message is about; older clients call it label.
    pub fn subject(&self) -> Option<&str> {
        self.amqp.properties.subject()
    }

    /// The type of the body, for example `application/json`.
    pub fn content_type(&self) -> Option<&str> {
        self.amqp.properties.content_type()
    }

    /// The address the message is meant for, not interpreted by the service.
    pub fn to(&self) -> Option<&str> {
        self.amqp.properties.to()
    }

    /// The address to answer to.
    pub fn reply_to(&self) -> Option<&str> {
        self.amqp.properties.reply_to()
    }

    /// The session the message belongs to.
    pub fn session_id(&self) -> Option<&str> {
        self.amqp.properties.group_id()
    }

    /// The session an answer is to carry.
    pub fn reply_to_session_id(&self) -> Option<&str> {
        self.amqp.properties.reply_to_group_id()
    }

    /// The key that decides on which partition of a partitioned entity the message is stored.
    pub fn partition_key(&self) -> Option<&str> {
        self.amqp
            .message_annotations
            .get(annotations::PARTITION_KEY)
            .and_then(AmqpValue::as_str)
    }

    /// How long the message lives after it was enqueued; the entity's default where absent.
    pub fn time_to_live(&self) -> Option<Duration> {
        self.amqp.header.time_to_live()
    }

    /// When the message is to appear in the entity.
    pub fn scheduled_enqueue_time(&self) -> Option<DateTime<Utc>> {
        self.amqp
            .message_annotations
            .get(annotations::SCHEDULED_ENQUEUE_TIME)
            .and_then(AmqpValue::as_timestamp)
    }

    /// The application's own named values.
    pub fn application_properties(&self) -> &ApplicationProperties {
        &self.amqp.application_properties
    }

    /// The message section by section.
    pub fn amqp(&self) -> &AmqpMessage {
        &self.amqp
    }

    /// Replaces the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<AmqpBody>) -> Self {
        self.amqp.body = body.into();
        self
    }

    /// Sets [`message_id`](Self::message_id), at most 128 characters. Duplicate detection drops a
    /// second message with the same id.
    #[must_use]
    pub fn with_message_id(mut self, id: impl Into<AmqpMessageId>) -> Self {
        self.amqp.properties.message_id = Some(id.into());
        self
    }

    /// Sets [`correlation_id`](Self::correlation_id).
    #[must_use]
    pub fn with_correlation_id(mut self, id: impl Into<AmqpMessageId>) -> Self {
        self.amqp.properties.correlation_id = Some(id.into());
        self
    }

    /// Sets [`subject`](Self::subject).
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.amqp.properties.subject = Some(subject.into());
        self
    }

    /// Sets [`content_type`](Self::content_type), which must be ASCII.
    #[must_use]
    pub fn with_content_type(mut self, content_type: impl Into<String>) -> Self {
        self.amqp.properties.content_type = Some(content_type.into());
        self
    }

    /// Sets [`to`](Self::to).
    #[must_use]
    pub fn with_to(mut self, to: impl Into<String>) -> Self {
        self.amqp.properties.to = Some(to.into());
        self
    }

    /// Sets [`reply_to`](Self::reply_to).
    #[must_use]
    pub fn with_reply_to(mut self, reply_to: impl Into<String>) -> Self {
        self.amqp.properties.reply_to = Some(reply_to.into());
        self
    }

    /// Sets [`session_id`](Self::session_id), at most 128 characters.
    #[must_use]
    pub fn with_session_id(mut self, session_id: impl Into<String>) -> Self {
        self.amqp.properties.group_id = Some(session_id.into());
        self
    }

    /// Sets [`reply_to_session_id`](Self::reply_to_session_id), at most 128 characters.
    #[must_use]
    pub fn with_reply_to_session_id(mut self, session_id: impl Into<String>) -> Self {
        self.amqp.properties.reply_to_group_id = Some(session_id.into());
        self
    }

    /// Sets [`partition_key`](Self::partition_key), at most 128 characters. A message with a
    /// session id needs no partition key; if both are set they must be equal, or sending fails with
    /// `InvalidArgument`.
    #[must_use]
    pub fn with_partition_key(mut self, partition_key: impl Into<String>) -> Self {
        self.amqp
            .message_annotations
            .set_annotation(annotations::PARTITION_KEY, partition_key.into());
        self
    }

    /// Sets [`time_to_live`](Self::time_to_live), in whole milliseconds. More than 2^32 - 1 of
    /// them, about 49.7 days, are sent as that many. The service lowers it to the entity's default.
    #[must_use]
    pub fn with_time_to_live(mut self, time_to_live: Duration) -> Self {
        self.amqp.header.time_to_live = Some(time_to_live);
        self
    }

    /// Sets [`scheduled_enqueue_time`](Self::scheduled_enqueue_time), in whole milliseconds. An
    /// instant in the past enqueues at once.
    #[must_use]
    pub fn with_scheduled_enqueue_time(mut self, time: DateTime<Utc>) -> Self {
        self.amqp
            .message_annotations
            .set_annotation(annotations::SCHEDULED_ENQUEUE_TIME, time);
        self
    }

    /// Sets one of the [`application_properties`](Self::application_properties).
    #[must_use]
    pub fn with_application_property(
        mut self,
        name: impl Into<String>,
        value: impl Into<AmqpValue>,
    ) -> Self {
        self.amqp.application_properties.insert(name, value);
        self
    }

    /// Replaces all [`application_properties`](Self::application_properties).
    #[must_use]
    pub fn with_application_properties(mut self, properties: ApplicationProperties) -> Self {
        self.amqp.application_properties = properties;
        self
    }
}

/// Sends an AMQP message as it is.
impl From<AmqpMessage> for Message {
    fn from(amqp: AmqpMessage) -> Self {
        Self { amqp }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&[u8]> for Message {
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_live_in_the_amqp_sections() {
        let time = DateTime::from_timestamp_millis(1_700_000_000_123).expect("a date");
        let message = Message::from("hello")
            .with_session_id("s")
            .with_partition_key("s")
            .with_time_to_live(Duration::from_secs(5))
            .with_scheduled_enqueue_time(time);
        assert_eq!(message.amqp().properties().group_id(), Some("s"));
        assert_eq!(
            message
                .amqp()
                .message_annotations()
                .get("x-opt-scheduled-enqueue-time"),
            Some(&AmqpValue::Timestamp(1_700_000_000_123))
        );
        assert_eq!(message.scheduled_enqueue_time(), Some(time));
        assert_eq!(message.partition_key(), Some("s"));
        assert_eq!(
            message.amqp().header().time_to_live(),
            Some(Duration::from_secs(5))
        );
    }

    #[test]
    fn an_amqp_message_is_seen_through_the_service_bus_names() {
        let amqp = AmqpMessage::new(vec![1, 2]).with_properties(
            crate::AmqpProperties::new()
                .with_message_id(7u64)
                .with_group_id("g"),
        );
        let message = Message::from(amqp);
        assert_eq!(message.message_id(), Some("7"));
        assert_eq!(message.session_id(), Some("g"));
        assert_eq!(&*message.body(), [1, 2]);
    }
}
