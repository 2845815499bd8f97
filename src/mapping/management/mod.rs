//! Requests to `<entity>/$management` and what is read from their answers; one file an operation.

use chrono::{DateTime, Utc};
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::walker::{Element, Elements, Kind};

use crate::model::timestamp;

pub(crate) mod batch_delete;
pub(crate) mod deferred;
mod message_list;
pub(crate) mod message_sessions;
pub(crate) mod peek;
pub(crate) mod renew_lock;
mod request;
mod response;
mod rule_description;
pub(crate) mod rules;
pub(crate) mod schedule;
mod sequence_numbers;
pub(crate) mod session_lock;
pub(crate) mod session_state;
pub(crate) mod update_disposition;

pub(crate) use request::{encode_request, Request};
pub(crate) use response::{Answer, Names};

/// The keys and values of a map, in turn.
fn entries<'a>(map: &Element<'a>) -> Result<Elements<'a>, DecodeError> {
    match map.kind()? {
        Kind::Map(entries) => Ok(entries),
        _ => Err(DecodeError::WrongType("map")),
    }
}

/// The value of a key that is a string or symbol, if the map has it.
fn entry<'a>(map: &Element<'a>, key: &str) -> Result<Option<Element<'a>>, DecodeError> {
    let mut pairs = entries(map)?;
    while let Some(name) = pairs.next().transpose()? {
        let value = pairs.next().transpose()?;
        if name.as_text() == Some(key) {
            return Ok(value);
        }
    }
    Ok(None)
}

/// The elements of a list or array; the service and its stand-ins use either.
fn elements<'a>(list: &Element<'a>) -> Result<Elements<'a>, DecodeError> {
    match list.kind()? {
        Kind::List(elements) | Kind::Array(elements) => Ok(elements),
        _ => Err(DecodeError::WrongType("list or array")),
    }
}

/// An instant, which some servers send as a long.
fn instant(value: &Element<'_>) -> Result<DateTime<Utc>, DecodeError> {
    match value.kind()? {
        Kind::Timestamp(millis) | Kind::Long(millis) => {
            timestamp::from_millis(millis).ok_or(DecodeError::WrongType("timestamp"))
        }
        _ => Err(DecodeError::WrongType("timestamp")),
    }
}

#[cfg(test)]
mod answers;
