//! `com.microsoft:schedule-message` and `com.microsoft:cancel-scheduled-message`.

use servicebus_amqp::format_code;
use servicebus_amqp::walker::Element;

use super::sequence_numbers::sequence_numbers;
use super::Enlistment;
use crate::broker::QueueRef;
use crate::hub::Hub;
use crate::message::Message;
use crate::wire::refusal::Refusal;
use crate::wire::request::{items, member, Request};
use crate::wire::response::Response;

/// The instants are in the messages; one that names none, or one that is past, is sent at once.
pub(super) fn run(
    queue: QueueRef,
    request: &Request,
    enlistment: Option<Enlistment>,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    let messages = messages(request)?;
    let now = hub.now();
    let numbers = match enlistment {
        None => hub.broker.enqueue(queue, messages, now)?,
        Some(Enlistment { id, entrance }) => hub
            .broker
            .enlist_scheduled(id, queue, messages, entrance, now)?,
    };
    Ok(Response::new(200, "OK").with_map(|writer| {
        writer.put_string("sequence-numbers");
        writer.put_array(format_code::LONG, |writer| {
            for number in numbers {
                writer.put_long(number);
            }
        });
    }))
}

pub(super) fn cancel(
    queue: QueueRef,
    request: &Request,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    let numbers = sequence_numbers(request)?;
    let now = hub.now();
    hub.broker.cancel_scheduled(queue, &numbers, now)?;
    Ok(Response::new(200, "OK"))
}

/// The encoded messages of a request; what is said of them beside is in them as well.
fn messages(request: &Request) -> Result<Vec<Message>, Refusal> {
    let malformed = || Refusal::argument("messages is not a list of messages.");
    let list = request.argument("messages").ok_or_else(malformed)?;
    let mut messages = Vec::new();
    for entry in items(&list).ok_or_else(malformed)? {
        let bytes = entry.ok().and_then(message_bytes).ok_or_else(malformed)?;
        let message = Message::decode(bytes)
            .map_err(|error| Refusal::new("amqp:decode-error", 400, format!("{error}.")))?;
        messages.push(message);
    }
    if messages.is_empty() {
        return Err(malformed());
    }
    Ok(messages)
}

fn message_bytes(entry: Element<'_>) -> Option<&[u8]> {
    member(entry, "message")?.as_binary()
}
