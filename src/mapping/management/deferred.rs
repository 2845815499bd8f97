//! `receive-by-sequence-number`: messages that were set aside.

use std::sync::Arc;

use servicebus_amqp::writer::Writer;

use super::{message_list, sequence_numbers, Answer};
use crate::error::{Error, Result};
use crate::mapping::conditions;
use crate::mapping::decode::{decode_locked, decode_unlocked};
use crate::model::entity::Entity;
use crate::model::options::ReceiveMode;
use crate::model::received::ReceivedMessage;

pub(crate) const OPERATION: &str = "com.microsoft:receive-by-sequence-number";

/// Asks for the messages with these numbers, of one session if given.
pub(crate) fn write(
    writer: &mut Writer<'_>,
    numbers: &[i64],
    mode: ReceiveMode,
    session_id: Option<&str>,
) {
    writer.put_map(|writer| {
        sequence_numbers::write(writer, numbers);
        writer.put_string("receiver-settle-mode");
        writer.put_uint(match mode {
            ReceiveMode::ReceiveAndDelete => 0,
            ReceiveMode::PeekLock => 1,
        });
        if let Some(session_id) = session_id {
            writer.put_string("session-id");
            writer.put_string(session_id);
        }
    });
}

/// The messages, with their locks unless they were deleted.
///
/// # Errors
/// `MessageNotFound` where the service has one of them not, or not to give. Of unknown outcome where it gave messages
/// that cannot be read: they are locked or gone.
pub(crate) fn read(
    answer: &Answer,
    mode: ReceiveMode,
    entity: &Entity,
    session: Option<&Arc<str>>,
) -> Result<Vec<ReceivedMessage>> {
    if answer.is_empty() {
        let description = answer.description.as_deref();
        let condition = Some("com.microsoft:message-not-found");
        return Err(conditions::from_status(404, condition, description));
    }
    let listed = message_list::read(answer.success()?);
    listed
        .and_then(|listed| {
            let messages = listed.iter().map(|listed| match mode {
                ReceiveMode::PeekLock => {
                    decode_locked(&listed.payload, listed.lock_token, entity, session)
                }
                ReceiveMode::ReceiveAndDelete => decode_unlocked(&listed.payload),
            });
            messages.collect()
        })
        .map_err(Error::with_outcome_unknown)
}
