//! `schedule-message` and `cancel-scheduled-message`: messages that appear at a time to come.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::writer::Writer;
use uuid::Uuid;

use super::sequence_numbers::{self, read_number};
use super::{elements, Answer};
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::encode::encode;
use crate::model::message::Message;

pub(crate) const SCHEDULE: &str = "com.microsoft:schedule-message";
pub(crate) const CANCEL: &str = "com.microsoft:cancel-scheduled-message";

/// A message as a request to schedule carries it.
pub(crate) struct Scheduled {
    message_id: String,
    session_id: Option<String>,
    partition_key: Option<String>,
    encoded: Bytes,
}

impl Scheduled {
    /// The message with this time; with an id of its own where it has none, because the service asks for one.
    pub(crate) fn new(message: &Message, when: DateTime<Utc>) -> Result<Self> {
        let mut message = message.clone().with_scheduled_enqueue_time(when);
        if message.message_id().is_none() {
            message = message.with_message_id(Uuid::new_v4().to_string());
        }
        Ok(Scheduled {
            message_id: message.message_id().unwrap_or_default().to_owned(),
            session_id: message.session_id().map(str::to_owned),
            partition_key: message.partition_key().map(str::to_owned),
            encoded: encode(&message)?,
        })
    }
}

pub(crate) fn write(writer: &mut Writer<'_>, messages: &[Scheduled]) {
    writer.put_map(|writer| {
        writer.put_string("messages");
        writer.put_list(|writer| {
            for message in messages {
                writer.put_map(|writer| write_message(writer, message));
            }
        });
    });
}

fn write_message(writer: &mut Writer<'_>, message: &Scheduled) {
    writer.put_string("message-id");
    writer.put_string(&message.message_id);
    let keys = [
        ("session-id", &message.session_id),
        ("partition-key", &message.partition_key),
    ];
    for (name, key) in keys {
        if let Some(key) = key {
            writer.put_string(name);
            writer.put_string(key);
        }
    }
    writer.put_string("message");
    writer.put_binary(&message.encoded);
}

/// The numbers of the `asked` messages, in their order.
///
/// # Errors
/// As the service says; of unknown outcome where it scheduled the messages and their numbers cannot be read.
pub(crate) fn read(answer: &Answer, asked: usize) -> Result<Vec<i64>> {
    let numbers = answer.success()?.field("sequence-numbers", |list, _| {
        elements(list)?
            .map(|number| read_number(&number?))
            .collect::<Result<Vec<_>, DecodeError>>()
    });
    match numbers {
        Ok(numbers) if numbers.len() == asked => Ok(numbers),
        Ok(numbers) => {
            let text = format!(
                "the service gave {} numbers for {asked} messages",
                numbers.len()
            );
            Err(Error::new(ErrorKind::Other, text).with_outcome_unknown())
        }
        Err(error) => Err(error.with_outcome_unknown()),
    }
}

pub(crate) fn write_cancel(writer: &mut Writer<'_>, numbers: &[i64]) {
    writer.put_map(|writer| sequence_numbers::write(writer, numbers));
}

/// Whether the service cancelled all of them.
pub(crate) fn read_cancel(answer: &Answer) -> Result<()> {
    answer.success().map(drop)
}
