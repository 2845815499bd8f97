//! Operations of a `$management` node, and what they answer.

use serde_amqp::Value;
use servicebus_amqp::format_code;
use servicebus_amqp::writer::Writer;
use servicebus_amqp::Delivery;
use uuid::Uuid;

use crate::messages::Arrived;
use crate::peer::{Answer, Peer, RequestLinks};

pub(crate) const PEEK: &str = "com.microsoft:peek-message";
const DISPOSE: &str = "com.microsoft:update-disposition";
pub(crate) const SCHEDULE: &str = "com.microsoft:schedule-message";
const CANCEL: &str = "com.microsoft:cancel-scheduled-message";
const RECEIVE: &str = "com.microsoft:receive-by-sequence-number";

pub(crate) fn peek(peer: &mut Peer, links: RequestLinks, from: i64, count: i32) -> Answer {
    peer.manage(links, PEEK, |writer| {
        writer.put_string("from-sequence-number");
        writer.put_long(from);
        writer.put_string("message-count");
        writer.put_int(count);
    })
}

pub(crate) fn peeked(answer: &Answer) -> Vec<Arrived> {
    let Value::List(messages) = answer.entry("messages") else {
        panic!("no list: {answer:?}");
    };
    let message = |entry: Value| match entry {
        Value::Map(map) => match map.iter().next() {
            Some((Value::String(key), Value::Binary(bytes))) if key == "message" => {
                Arrived::parse(&bytes.to_vec().into())
            }
            other => panic!("no message: {other:?}"),
        },
        other => panic!("no map: {other:?}"),
    };
    messages.into_iter().map(message).collect()
}

pub(crate) fn token(delivery: &Delivery) -> Uuid {
    Uuid::from_slice_le(&delivery.tag).unwrap()
}

pub(crate) fn put_tokens(writer: &mut Writer<'_>, tokens: &[Uuid]) {
    writer.put_string("lock-tokens");
    writer.put_array(format_code::UUID, |writer| {
        for token in tokens {
            writer.put_uuid(token.into_bytes());
        }
    });
}

pub(crate) fn dispose(
    peer: &mut Peer,
    links: RequestLinks,
    tokens: &[Uuid],
    status: &str,
    more: impl FnOnce(&mut Writer<'_>),
) -> Answer {
    peer.manage(links, DISPOSE, |writer| {
        writer.put_string("disposition-status");
        writer.put_string(status);
        put_tokens(writer, tokens);
        more(writer);
    })
}

/// Asks for deferred messages; `mode` 0 deletes them, 1 locks them.
pub(crate) fn receive_by_number(
    peer: &mut Peer,
    links: RequestLinks,
    numbers: &[i64],
    mode: u8,
) -> Answer {
    peer.manage(links, RECEIVE, |writer| {
        writer.put_string("receiver-settle-mode");
        writer.put_ubyte(mode);
        put_numbers(writer, numbers);
    })
}

/// Asks for messages to be enqueued when they say.
pub(crate) fn schedule(peer: &mut Peer, links: RequestLinks, messages: &[Vec<u8>]) -> Answer {
    peer.manage(links, SCHEDULE, |writer| put_messages(writer, messages))
}

pub(crate) fn put_messages(writer: &mut Writer<'_>, messages: &[Vec<u8>]) {
    writer.put_string("messages");
    writer.put_list(|writer| {
        for message in messages {
            writer.put_map(|writer| {
                writer.put_string("message-id");
                writer.put_string("id");
                writer.put_string("message");
                writer.put_binary(message);
            });
        }
    });
}

pub(crate) fn cancel(peer: &mut Peer, links: RequestLinks, numbers: &[i64]) -> Answer {
    peer.manage(links, CANCEL, |writer| put_numbers(writer, numbers))
}

/// The `sequence-numbers` of an answer.
pub(crate) fn numbers(answer: &Answer) -> Vec<i64> {
    let Value::Array(numbers) = answer.entry("sequence-numbers") else {
        panic!("no array: {answer:?}");
    };
    let number = |number: Value| match number {
        Value::Long(number) => number,
        other => panic!("no long: {other:?}"),
    };
    numbers.0.into_iter().map(number).collect()
}

pub(crate) fn put_numbers(writer: &mut Writer<'_>, numbers: &[i64]) {
    writer.put_string("sequence-numbers");
    writer.put_array(format_code::LONG, |writer| {
        for number in numbers {
            writer.put_long(*number);
        }
    });
}

/// The messages of an answer, each with its lock token if it has one.
pub(crate) fn received(answer: &Answer) -> Vec<(Option<Uuid>, Arrived)> {
    let Value::List(messages) = answer.entry("messages") else {
        panic!("no list: {answer:?}");
    };
    let message = |entry: Value| {
        let Value::Map(map) = entry else {
            panic!("no map: {entry:?}");
        };
        let mut found = (None, None);
        for (key, value) in map.iter() {
            match (key, value) {
                (Value::String(key), Value::Uuid(token)) if key == "lock-token" => {
                    found.0 = Some(Uuid::from_bytes(token.clone().into_inner()));
                }
                (Value::String(key), Value::Binary(bytes)) if key == "message" => {
                    found.1 = Some(Arrived::parse(&bytes.to_vec().into()));
                }
                other => panic!("unexpected entry: {other:?}"),
            }
        }
        (found.0, found.1.expect("a message"))
    };
    messages.into_iter().map(message).collect()
}
