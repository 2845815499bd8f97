use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::message_id::AmqpMessageId;

/// The properties section of a message: what the sender fixed and nobody may change (AMQP 1.0,
/// 3.2.4).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AmqpProperties {
    pub(crate) message_id: Option<AmqpMessageId>,
    pub(crate) user_id: Option<Bytes>,
    pub(crate) to: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) reply_to: Option<String>,
    pub(crate) correlation_id: Option<AmqpMessageId>,
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) absolute_expiry_time: Option<DateTime<Utc>>,
    pub(crate) creation_time: Option<DateTime<Utc>>,
    pub(crate) group_id: Option<String>,
    pub(crate) group_sequence: Option<u32>,
    pub(crate) reply_to_group_id: Option<String>,
}

impl AmqpProperties {
    /// Properties of which none is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id the application gave the message. Duplicate detection works by it.
    pub fn message_id(&self) -> Option<&AmqpMessageId> {
        self.message_id.as_ref()
    }

    /// The user the sender claims to act for. Service Bus does not check it.
    pub fn user_id(&self) -> Option<&[u8]> {
        self.user_id.as_deref()
    }

    /// The node the message is meant for. Not interpreted by the service.
    pub fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }

    /// What the message is about; the service's rules know it as the label.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Where answers are expected. Not interpreted by the service.
    pub fn reply_to(&self) -> Option<&str> {
        self.reply_to.as_deref()
    }

    /// The id of the message this one belongs to or answers.
    pub fn correlation_id(&self) -> Option<&AmqpMessageId> {
        self.correlation_id.as_ref()
    }

    /// The type of the body, as in RFC 2045. ASCII.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// How the body is encoded on top of its type, for example `gzip`. ASCII.
    pub fn content_encoding(&self) -> Option<&str> {
        self.content_encoding.as_deref()
    }

    /// When the message expires. Set by the service on delivery, ignored by it on sending.
    pub fn absolute_expiry_time(&self) -> Option<DateTime<Utc>> {
        self.absolute_expiry_time
    }

    /// When the sender made the message.
    pub fn creation_time(&self) -> Option<DateTime<Utc>> {
        self.creation_time
    }

    /// The session the message belongs to.
    pub fn group_id(&self) -> Option<&str> {
        self.group_id.as_deref()
    }

    /// The position of the message in its group.
    pub fn group_sequence(&self) -> Option<u32> {
        self.group_sequence
    }

    /// The session answers are to carry.
    pub fn reply_to_group_id(&self) -> Option<&str> {
        self.reply_to_group_id.as_deref()
    }

    /// Sets [`message_id`](Self::message_id).
    #[must_use]
    pub fn with_message_id(mut self, message_id: impl Into<AmqpMessageId>) -> Self {
        self.message_id = Some(message_id.into());
        self
    }

    /// Sets [`user_id`](Self::user_id).
    #[must_use]
    pub fn with_user_id(mut self, user_id: impl Into<Bytes>) -> Self {
        self.user_id = Some(user_id.into());
        self
    }

    /// Sets [`to`](Self::to).
    #[must_use]
    pub fn with_to(mut self, to: impl Into<String>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// Sets [`subject`](Self::subject).
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets [`reply_to`](Self::reply_to).
    #[must_use]
    pub fn with_reply_to(mut self, reply_to: impl Into<String>) -> Self {
        self.reply_to = Some(reply_to.into());
        self
    }

    /// Sets [`correlation_id`](Self::correlation_id).
    #[must_use]
    pub fn with_correlation_id(mut self, correlation_id: impl Into<AmqpMessageId>) -> Self {
        self.correlation_id = Some(correlation_id.into());
        self
    }

    /// Sets [`content_type`](Self::content_type).
    #[must_use]
    pub fn with_content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sets [`content_encoding`](Self::content_encoding).
    #[must_use]
    pub fn with_content_encoding(mut self, content_encoding: impl Into<String>) -> Self {
        self.content_encoding = Some(content_encoding.into());
        self
    }

    /// Sets [`absolute_expiry_time`](Self::absolute_expiry_time).
    #[must_use]
    pub fn with_absolute_expiry_time(mut self, absolute_expiry_time: DateTime<Utc>) -> Self {
        self.absolute_expiry_time = Some(absolute_expiry_time);
        self
    }

    /// Sets [`creation_time`](Self::creation_time).
    #[must_use]
    pub fn with_creation_time(mut self, creation_time: DateTime<Utc>) -> Self {
        self.creation_time = Some(creation_time);
        self
    }

    /// Sets [`group_id`](Self::group_id).
    #[must_use]
    pub fn with_group_id(mut self, group_id: impl Into<String>) -> Self {
        self.group_id = Some(group_id.into());
        self
    }

    /// Sets [`group_sequence`](Self::group_sequence).
    #[must_use]
    pub fn with_group_sequence(mut self, group_sequence: u32) -> Self {
        self.group_sequence = Some(group_sequence);
        self
    }

    /// Sets [`reply_to_group_id`](Self::reply_to_group_id).
    #[must_use]
    pub fn with_reply_to_group_id(mut self, reply_to_group_id: impl Into<String>) -> Self {
        self.reply_to_group_id = Some(reply_to_group_id.into());
        self
    }
}
