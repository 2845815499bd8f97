//! What tells a message from others: its message-id, and the partition it belongs to.

use std::borrow::Cow;

use servicebus_amqp::walker::Kind;
use uuid::Uuid;

use super::annotations::PARTITION_KEY;
use super::properties::{field, PropertyField};
use super::Message;

impl Message {
    /// The bytes of the message-id in its text form: whatever its type, the service uses it as a text.
    pub(crate) fn message_id(&self) -> Cow<'_, [u8]> {
        let id = field(&self.properties, PropertyField::MessageId);
        match id.map(|id| id.kind()) {
            Some(Ok(Kind::String(text))) => Cow::Borrowed(text.as_bytes()),
            Some(Ok(Kind::Binary(bytes))) => Cow::Borrowed(bytes),
            Some(Ok(Kind::Uuid(bytes))) => text(&Uuid::from_bytes(bytes)),
            Some(Ok(Kind::Ulong(number))) => text(&number),
            // Another type is no message-id (AMQP 1.0, 3.2.4).
            _ => Cow::Borrowed(&[]),
        }
    }

    /// The session id, or else the partition key: what chooses the partition of a partitioned entity.
    pub(crate) fn partition_key(&self) -> Option<&str> {
        let key = || self.annotated_partition_key();
        self.session_id().or_else(key)
    }

    /// The partition key that the sender gave, whether or not there is a session id.
    pub(crate) fn annotated_partition_key(&self) -> Option<&str> {
        self.annotation(PARTITION_KEY)?.as_text()
    }

    /// The session id that answers are to have.
    pub(crate) fn reply_to_session_id(&self) -> Option<&str> {
        field(&self.properties, PropertyField::ReplyToGroupId)?.as_text()
    }
}

fn text(value: &impl ToString) -> Cow<'static, [u8]> {
    Cow::Owned(value.to_string().into_bytes())
}
