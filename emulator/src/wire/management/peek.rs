//! `com.microsoft:peek-message`: looking at messages without receiving them.

use crate::broker::{Delivery, QueueRef};
use crate::hub::Hub;
use crate::wire::message_bytes;
use crate::wire::refusal::Refusal;
use crate::wire::request::Request;
use crate::wire::response::Response;

use super::sessions;

/// The most messages in one answer.
const MAX_COUNT: usize = 256;

pub(super) fn run(queue: QueueRef, request: &Request, hub: &mut Hub) -> Result<Response, Refusal> {
    let session = sessions::named(request)?;
    let from = request
        .argument("from-sequence-number")
        .and_then(|value| value.as_i64())
        .ok_or_else(|| Refusal::argument("from-sequence-number is missing."))?;
    let count = request
        .argument("message-count")
        .and_then(|value| value.as_i64())
        .and_then(|count| usize::try_from(count).ok())
        .filter(|count| *count > 0)
        .ok_or_else(|| Refusal::argument("message-count is not a positive number."))?;
    let omits_body = request
        .argument("omit-message-body")
        .and_then(|value| value.as_bool());
    let encode = match omits_body {
        Some(true) => message_bytes::browsed_without_body,
        Some(false) | None => message_bytes::browsed,
    };
    let limit = usize::try_from(hub.broker.max_message_size(queue)).unwrap_or(usize::MAX);
    let now = hub.now();
    let mut size = 0;
    let mut messages = Vec::new();
    let seen: Box<dyn Iterator<Item = Delivery>> = match session {
        Some(session) => Box::new(hub.broker.peek_session(queue, session, from, now)?),
        None => Box::new(hub.broker.peek(queue, from, now)?),
    };
    for delivery in seen.take(count.min(MAX_COUNT)) {
        let message = encode(&delivery);
        size += message.len();
        // One message always fits; a peek that asks for more may get fewer than asked.
        if !messages.is_empty() && size > limit {
            break;
        }
        messages.push(message);
    }
    if messages.is_empty() {
        let none = Response::new(204, "No messages were found.");
        return Ok(none.with_condition("com.microsoft:message-not-found"));
    }
    Ok(Response::new(200, "OK").with_map(|writer| {
        writer.put_string("messages");
        writer.put_list(|writer| {
            for message in &messages {
                writer.put_map(|writer| {
                    writer.put_string("message");
                    writer.put_binary(message);
                });
            }
        });
    }))
}
