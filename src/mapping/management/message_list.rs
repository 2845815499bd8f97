//! The list of messages in an answer.

use bytes::Bytes;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::walker::{Element, Kind};
use uuid::Uuid;

use super::{elements, entries, Answer};
use crate::error::Result;

/// A message of the list.
pub(super) struct Listed {
    /// The whole message, encoded.
    pub(super) payload: Bytes,
    /// Given with messages that were locked for whoever asked.
    pub(super) lock_token: Option<Uuid>,
}

/// # Errors
/// Where the answer is no success, or holds no such list.
pub(super) fn read(answer: &Answer) -> Result<Vec<Listed>> {
    answer.success()?.field("messages", |list, section| {
        elements(list)?
            .map(|entry| read_entry(&entry?, section))
            .collect()
    })
}

fn read_entry(entry: &Element<'_>, section: &Bytes) -> Result<Listed, DecodeError> {
    let (mut payload, mut lock_token) = (None, None);
    let mut pairs = entries(entry)?;
    while let Some(name) = pairs.next().transpose()? {
        let value = pairs.next().transpose()?;
        match (name.as_text(), value) {
            (Some("message"), Some(value)) => {
                let bytes = value.as_binary().ok_or(DecodeError::WrongType("binary"))?;
                payload = Some(section.slice_ref(bytes));
            }
            (Some("lock-token"), Some(value)) => {
                lock_token = match value.kind()? {
                    Kind::Uuid(bytes) => Some(Uuid::from_bytes(bytes)),
                    _ => return Err(DecodeError::WrongType("uuid")),
                };
            }
            _ => {}
        }
    }
    Ok(Listed {
        payload: payload.ok_or(DecodeError::WrongType("map with a message"))?,
        lock_token,
    })
}
