//! `get-session-state` and `set-session-state`: what an application keeps with a session.

use bytes::Bytes;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::walker::Kind;
use servicebus_amqp::writer::Writer;

use super::Answer;
use crate::error::Result;

pub(crate) const GET: &str = "com.microsoft:get-session-state";
pub(crate) const SET: &str = "com.microsoft:set-session-state";

const STATE: &str = "session-state";

pub(crate) fn write_get(writer: &mut Writer<'_>, session_id: &str) {
    writer.put_map(|writer| {
        writer.put_string("session-id");
        writer.put_string(session_id);
    });
}

/// Stores a state; `None` clears it.
pub(crate) fn write_set(writer: &mut Writer<'_>, session_id: &str, state: Option<&Bytes>) {
    writer.put_map(|writer| {
        writer.put_string("session-id");
        writer.put_string(session_id);
        writer.put_string(STATE);
        writer.put_optional(state, |writer, state| writer.put_binary(state));
    });
}

/// The state; `None` where none is stored.
pub(crate) fn read_get(answer: &Answer) -> Result<Option<Bytes>> {
    answer
        .success()?
        .field(STATE, |value, section| match value.kind()? {
            Kind::Null => Ok(None),
            _ => value
                .as_binary()
                .map(|bytes| Some(section.slice_ref(bytes)))
                .ok_or(DecodeError::WrongType("binary")),
        })
}

/// Whether the service stored it.
pub(crate) fn read_set(answer: &Answer) -> Result<()> {
    answer.success().map(drop)
}
