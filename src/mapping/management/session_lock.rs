//! `renew-session-lock`: a new expiry for the lock on a session.

use chrono::{DateTime, Utc};
use servicebus_amqp::writer::Writer;

use super::{instant, Answer};
use crate::error::Result;

pub(crate) const OPERATION: &str = "com.microsoft:renew-session-lock";

pub(crate) fn write(writer: &mut Writer<'_>, session_id: &str) {
    writer.put_map(|writer| {
        writer.put_string("session-id");
        writer.put_string(session_id);
    });
}

/// Until when the session is locked now.
pub(crate) fn read(answer: &Answer) -> Result<DateTime<Utc>> {
    answer
        .success()?
        .field("expiration", |value, _| instant(value))
}
