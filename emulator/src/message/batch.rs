//! The batch envelope: one transfer that carries several whole messages.

use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::{section_value, split_sections};

use super::Message;
use bytes::Bytes;

/// The message-format of a batch (Service Bus docs, "AMQP 1.0 in Service Bus protocol guide").
pub(crate) const BATCH_FORMAT: u32 = 0x8001_3700;

/// Reads a batch: each data section of the envelope is one encoded message.
pub(crate) fn unpack_batch(envelope: &Bytes) -> Result<Vec<Message>, DecodeError> {
    split_sections(envelope)?
        .body
        .iter()
        .map(|section| match section_value(section)?.as_binary() {
            Some(message) => Message::decode(message),
            None => Err(DecodeError::WrongType("data section")),
        })
        .collect()
}
