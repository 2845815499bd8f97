//! `batch-delete-messages`: deleting messages without receiving them.

use chrono::{DateTime, Utc};
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::writer::Writer;

use super::sequence_numbers::read_number;
use super::Answer;
use crate::error::{Error, Result};
use crate::model::timestamp;

pub(crate) const OPERATION: &str = "com.microsoft:batch-delete-messages";

/// The most messages that the service deletes at once (Service Bus docs, "Batch delete").
pub(crate) const MAX_COUNT: i32 = 4_000;

/// Asks to delete up to `count` messages that were enqueued before an instant, of one session if given.
pub(crate) fn write(
    writer: &mut Writer<'_>,
    count: i32,
    before: DateTime<Utc>,
    session_id: Option<&str>,
) {
    writer.put_map(|writer| {
        writer.put_string("message-count");
        writer.put_int(count);
        writer.put_string("enqueued-time-utc");
        writer.put_timestamp(timestamp::to_millis(before));
        if let Some(session_id) = session_id {
            writer.put_string("session-id");
            writer.put_string(session_id);
        }
    });
}

/// How many messages were deleted.
///
/// # Errors
/// As the service says; of unknown outcome where it deleted messages and does not say how many.
pub(crate) fn read(answer: &Answer) -> Result<usize> {
    if answer.status == 204 {
        return Ok(0);
    }
    answer
        .success()?
        .field("message-count", |count, _| {
            let count = usize::try_from(read_number(count)?);
            count.map_err(|_negative| DecodeError::WrongType("count"))
        })
        .map_err(Error::with_outcome_unknown)
}
