//! `get-message-sessions`: the sessions of an entity, page by page.

use chrono::{DateTime, Utc};
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::writer::Writer;

use super::{elements, Answer};
use crate::error::Result;
use crate::model::timestamp;

pub(crate) const OPERATION: &str = "com.microsoft:get-message-sessions";

/// As many as Microsoft's clients ask for.
pub(crate) const PAGE: i32 = 100;

/// Stands for the listing that knows no time: .NET's largest date, as its clients round it.
const NO_TIME: i64 = 253_402_300_800_000;

/// Asks for a page after the first `skip` sessions.
pub(crate) fn write(writer: &mut Writer<'_>, updated_after: Option<DateTime<Utc>>, skip: i32) {
    writer.put_map(|writer| {
        writer.put_string("last-updated-time");
        writer.put_timestamp(updated_after.map_or(NO_TIME, timestamp::to_millis));
        writer.put_string("skip");
        writer.put_int(skip);
        writer.put_string("top");
        writer.put_int(PAGE);
    });
}

/// The ids of a page; fewer than were asked for is the last one.
pub(crate) fn read(answer: &Answer) -> Result<Vec<String>> {
    let is_empty = answer.status == 204
        || answer.condition.as_deref() == Some("com.microsoft:session-not-found");
    if is_empty {
        return Ok(Vec::new());
    }
    answer.success()?.field("sessions-ids", |list, _| {
        elements(list)?
            .map(|id| {
                id?.as_text()
                    .map(str::to_owned)
                    .ok_or(DecodeError::WrongType("string"))
            })
            .collect()
    })
}
