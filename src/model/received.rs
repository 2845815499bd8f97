use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::amqp_message::AmqpMessage;
use super::annotations;
use super::application_properties::ApplicationProperties;
use super::lock::MessageLock;
use super::message_id::AmqpMessageId;
use super::trace_context::TraceContext;
use super::value::AmqpValue;
use crate::error::Error;

/// Whether a message waits, was deferred or is scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageState {
    /// In line for delivery, or delivered.
    Active,
    /// Set aside; received only by its sequence number.
    Deferred,
    /// To be enqueued at its scheduled time.
    Scheduled,
    /// A state this crate does not know, by its number.
    Other(i64),
}

/// A message from a receiver: what was sent, what the service added, and its lock.
///
/// It holds no connection and may outlive its receiver, but a lock is one: the message cannot be
/// cloned. Its [`Display`](fmt::Display) is the body as text.
pub struct ReceivedMessage {
    amqp: Box<AmqpMessage>,
    /// The body's bytes in one piece; shared with `amqp` unless the body has several sections.
    body: Bytes,
    lock: Option<Arc<MessageLock>>,
}

impl ReceivedMessage {
    pub(crate) fn new(amqp: Box<AmqpMessage>, body: Bytes, lock: Option<Arc<MessageLock>>) -> Self {
        Self { amqp, body, lock }
    }

    /// The lock, unless the message was peeked or received destructively.
    pub(crate) fn lock(&self) -> Option<&Arc<MessageLock>> {
        self.lock.as_ref()
    }

    /// The bytes of the body: all its data sections, or the bytes of a value that is binary or
    /// text; empty for other bodies, which [`amqp`](Self::amqp) shows.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The id the sender gave the message, or the service where the sender gave none.
    pub fn message_id(&self) -> Option<&str> {
        self.amqp.properties.message_id().map(AmqpMessageId::as_str)
    }

    /// The id of the message this one belongs to or answers.
    pub fn correlation_id(&self) -> Option<&str> {
        self.amqp
            .properties
            .correlation_id()
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

    /// The address the message was meant for.
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

    /// The key that decided on which partition the message is stored.
    pub fn partition_key(&self) -> Option<&str> {
        self.annotation(annotations::PARTITION_KEY)?.as_str()
    }

    /// How long the message lives after it was enqueued.
    pub fn time_to_live(&self) -> Option<Duration> {
        self.amqp.header.time_to_live()
    }

    /// The application's own named values.
    pub fn application_properties(&self) -> &ApplicationProperties {
        &self.amqp.application_properties
    }

    /// The number the service gave the message; unique and ascending in its entity.
    pub fn sequence_number(&self) -> Option<i64> {
        self.annotation(annotations::SEQUENCE_NUMBER)?.as_i64()
    }

    /// The number the message had in the entity it was first sent to, before it was forwarded or
    /// dead-lettered.
    pub fn enqueued_sequence_number(&self) -> Option<i64> {
        self.annotation(annotations::ENQUEUED_SEQUENCE_NUMBER)?
            .as_i64()
    }

    /// When the message was enqueued, by the clock of the service.
    pub fn enqueued_time(&self) -> Option<DateTime<Utc>> {
        self.annotated_time(annotations::ENQUEUED_TIME)
    }

    /// When the message was or is to be enqueued, if the sender scheduled it.
    pub fn scheduled_enqueue_time(&self) -> Option<DateTime<Utc>> {
        self.annotated_time(annotations::SCHEDULED_ENQUEUE_TIME)
    }

    /// When the message expires: as the service says, else its enqueued time plus its time to live.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.amqp.properties.absolute_expiry_time().or_else(|| {
            let time_to_live = TimeDelta::from_std(self.time_to_live()?).ok()?;
            self.enqueued_time()?.checked_add_signed(time_to_live)
        })
    }

    /// How many earlier deliveries of the message failed: were abandoned, or ended because the lock
    /// ran out.
    pub fn delivery_count(&self) -> u32 {
        self.amqp.header.delivery_count().unwrap_or(0)
    }

    /// Whether the message is active, deferred or scheduled.
    pub fn state(&self) -> MessageState {
        match self
            .annotation(annotations::MESSAGE_STATE)
            .and_then(AmqpValue::as_i64)
        {
            None | Some(0) => MessageState::Active,
            Some(1) => MessageState::Deferred,
            Some(2) => MessageState::Scheduled,
            Some(other) => MessageState::Other(other),
        }
    }

    /// The token of the lock on this delivery; `None` when the message was peeked, or received in
    /// [`ReceiveAndDelete`](crate::ReceiveMode::ReceiveAndDelete) mode, and so cannot be settled.
    pub fn lock_token(&self) -> Option<Uuid> {
        self.lock.as_ref().map(|lock| lock.token())
    }

    /// Until when the message is locked, by the clock of the service; moves when the lock is
    /// renewed. `None` without a lock, and for messages of a session, which the session's lock
    /// covers.
    pub fn locked_until(&self) -> Option<DateTime<Utc>> {
        self.lock.as_ref()?.expiry().map(|expiry| expiry.until)
    }

    /// Why the lock is no longer renewed automatically: `AutoLockRenewFailed` with its cause, or
    /// `AutoLockRenewTimeout` where the time for which it was to be renewed is over. `None` while
    /// it is renewed, where that was never asked for, and where it ended because the message was
    /// settled, its receiver closed or the [`AutoLockRenewer`](crate::AutoLockRenewer) stopped.
    pub fn auto_renew_error(&self) -> Option<Error> {
        self.lock.as_ref()?.renewal().error()
    }

    /// Why the message was dead-lettered, in a word or two.
    pub fn dead_letter_reason(&self) -> Option<&str> {
        self.amqp
            .application_properties
            .get("DeadLetterReason")?
            .as_str()
    }

    /// Why the message was dead-lettered, in detail.
    pub fn dead_letter_error_description(&self) -> Option<&str> {
        self.amqp
            .application_properties
            .get("DeadLetterErrorDescription")?
            .as_str()
    }

    /// The entity the message was dead-lettered in, if its dead-letter queue forwarded it.
    pub fn dead_letter_source(&self) -> Option<&str> {
        self.annotation(annotations::DEAD_LETTER_SOURCE)?.as_str()
    }

    /// The place of the message in a distributed trace, from its properties `traceparent`, else `Diagnostic-Id`, which
    /// older clients write, and `tracestate`. `None` where the sender wrote none. A client that does not follow W3C
    /// Trace Context may have written an id of its own form.
    pub fn trace_context(&self) -> Option<TraceContext> {
        TraceContext::read_from(&self.amqp.application_properties)
    }

    /// The message section by section.
    pub fn amqp(&self) -> &AmqpMessage {
        &self.amqp
    }

    fn annotation(&self, name: &str) -> Option<&AmqpValue> {
        self.amqp.message_annotations.get(name)
    }

    fn annotated_time(&self, name: &str) -> Option<DateTime<Utc>> {
        // Older servers send times as longs.
        match self.annotation(name)? {
            AmqpValue::Long(millis) => super::timestamp::from_millis(*millis),
            value => value.as_timestamp(),
        }
    }
}

/// The body as text, what is not UTF-8 replaced; value bodies that are not text and sequences in
/// their debug form.
impl fmt::Display for ReceivedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.amqp.body.fmt(f)
    }
}

/// What tells the message apart from others; the body may be large or private and is left out.
impl fmt::Debug for ReceivedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedMessage")
            .field("message_id", &self.message_id())
            .field("session_id", &self.session_id())
            .field("sequence_number", &self.sequence_number())
            .field("delivery_count", &self.delivery_count())
            .field("state", &self.state())
            .field("lock_token", &self.lock_token())
            .field("locked_until", &self.locked_until())
            .field("body_length", &self.body.len())
            .finish_non_exhaustive()
    }
}
