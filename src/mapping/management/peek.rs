//! `peek-message`: messages as they are, without locking them.

use servicebus_amqp::writer::Writer;

use super::{message_list, Answer};
use crate::error::Result;
use crate::mapping::decode::decode_unlocked;
use crate::model::received::ReceivedMessage;

pub(crate) const OPERATION: &str = "com.microsoft:peek-message";

/// Asks for at most `count` messages from `from_sequence_number` on, of one session if given.
pub(crate) fn write(
    writer: &mut Writer<'_>,
    from_sequence_number: i64,
    count: i32,
    session_id: Option<&str>,
) {
    writer.put_map(|writer| {
        writer.put_string("from-sequence-number");
        writer.put_long(from_sequence_number);
        writer.put_string("message-count");
        writer.put_int(count);
        if let Some(session_id) = session_id {
            writer.put_string("session-id");
            writer.put_string(session_id);
        }
    });
}

/// The messages, ascending by sequence number; none is no error.
pub(crate) fn read(answer: &Answer) -> Result<Vec<ReceivedMessage>> {
    if answer.is_empty() {
        return Ok(Vec::new());
    }
    let listed = message_list::read(answer)?;
    listed
        .iter()
        .map(|listed| decode_unlocked(&listed.payload))
        .collect()
}
