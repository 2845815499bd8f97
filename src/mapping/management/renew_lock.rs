//! `renew-lock`: new expiries for message locks.

use chrono::{DateTime, Utc};
use servicebus_amqp::format_code;
use servicebus_amqp::writer::Writer;
use uuid::Uuid;

use super::{elements, instant, Answer};
use crate::error::{Error, ErrorKind, Result};

pub(crate) const OPERATION: &str = "com.microsoft:renew-lock";

pub(crate) fn write(writer: &mut Writer<'_>, lock_tokens: &[Uuid]) {
    writer.put_map(|writer| {
        writer.put_string("lock-tokens");
        write_lock_tokens(writer, lock_tokens);
    });
}

/// Tokens of locks as management operations take them.
pub(super) fn write_lock_tokens(writer: &mut Writer<'_>, lock_tokens: &[Uuid]) {
    writer.put_array(format_code::UUID, |writer| {
        for token in lock_tokens {
            writer.put_uuid(*token.as_bytes());
        }
    });
}

/// The new expiries, one for each of the `asked` tokens, in their order.
pub(crate) fn read(answer: &Answer, asked: usize) -> Result<Vec<DateTime<Utc>>> {
    let expiries = answer.success()?.field("expirations", |list, _| {
        elements(list)?
            .map(|element| instant(&element?))
            .collect::<Result<Vec<_>, _>>()
    })?;
    if expiries.len() == asked {
        Ok(expiries)
    } else {
        Err(Error::new(
            ErrorKind::Other,
            format!("the service renewed {} locks of {asked}", expiries.len()),
        ))
    }
}
