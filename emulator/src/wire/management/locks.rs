//! `com.microsoft:renew-lock`, and the tokens that requests name locks by.

use servicebus_amqp::format_code;
use uuid::Uuid;

use crate::broker::{LockToken, QueueRef};
use crate::hub::Hub;
use crate::wire::refusal::Refusal;
use crate::wire::request::{items, Request};
use crate::wire::response::Response;

pub(super) fn renew(
    queue: QueueRef,
    request: &Request,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    let now = hub.now();
    let tokens = lock_tokens(request)?;
    hub.broker.check_locks(queue, &tokens, now)?;
    let mut expirations = Vec::with_capacity(tokens.len());
    for token in tokens {
        expirations.push(hub.broker.renew_lock(queue, token, now)?);
    }
    Ok(Response::new(200, "OK").with_map(|writer| {
        writer.put_string("expirations");
        writer.put_array(format_code::TIMESTAMP, |writer| {
            for until in expirations {
                writer.put_timestamp(until.millis());
            }
        });
    }))
}

/// The locks that a request is about; at least one.
pub(super) fn lock_tokens(request: &Request) -> Result<Vec<LockToken>, Refusal> {
    let malformed = || Refusal::argument("lock-tokens is not a list of UUIDs.");
    let tokens = request.argument("lock-tokens").ok_or_else(malformed)?;
    let tokens: Option<Vec<LockToken>> = items(&tokens)
        .ok_or_else(malformed)?
        .map(|token| {
            let uuid = Uuid::from_bytes(token.ok()?.as_uuid()?);
            Some(LockToken::from_uuid(uuid))
        })
        .collect();
    tokens
        .filter(|tokens| !tokens.is_empty())
        .ok_or_else(malformed)
}
