//! Operations on a session, by the connection that holds it, and the list of sessions.

use std::sync::Arc;

use bytes::Bytes;
use servicebus_amqp::format_code;

use crate::broker::{BrokerError, ConsumerId, QueueRef, SessionStanding, Timestamp};
use crate::hub::{Hub, PeerId};
use crate::wire::refusal::Refusal;
use crate::wire::request::Request;
use crate::wire::response::Response;

/// The `last-updated-time` that asks for the sessions with messages or a state: the end of the year
/// 9999, as .NET rounds it.
const ANY_TIME: i64 = 253_402_300_800_000;

/// The session that a request names.
pub(super) fn named(request: &Request) -> Result<Option<&str>, Refusal> {
    let id = request.argument("session-id");
    id.map(|id| {
        id.as_text()
            .ok_or_else(|| Refusal::argument("session-id is not a string."))
    })
    .transpose()
}

/// The session that a request is about: the one that it names, or else the one that its associated
/// link holds, by which alone the Go SDK tells it.
pub(super) fn meant(
    request: &Request,
    link: Option<ConsumerId>,
    hub: &mut Hub,
) -> Result<Option<Arc<str>>, Refusal> {
    if let Some(session) = named(request)? {
        return Ok(Some(session.into()));
    }
    let now = hub.now();
    let standing = link.and_then(|link| hub.broker.session_standing(link, now));
    Ok(match standing {
        Some(SessionStanding::Holding { session, .. }) => Some(session),
        Some(SessionStanding::Waiting | SessionStanding::Lost) | None => None,
    })
}

/// The link that holds a session, which must be one of the connection that asks.
pub(super) fn holder(
    asking: PeerId,
    queue: QueueRef,
    session: &str,
    hub: &mut Hub,
) -> Result<ConsumerId, Refusal> {
    let now = hub.now();
    let holder = hub.broker.session_holder(queue, session, now);
    holder
        .filter(|holder| hub.owner(*holder) == Some(asking))
        .ok_or_else(|| BrokerError::SessionLockLost.into())
}

fn held(
    asking: PeerId,
    queue: QueueRef,
    request: &Request,
    hub: &mut Hub,
) -> Result<ConsumerId, Refusal> {
    let session = named(request)?.ok_or_else(|| Refusal::argument("session-id is missing."))?;
    holder(asking, queue, session, hub)
}

/// `com.microsoft:renew-session-lock`
pub(super) fn renew(
    asking: PeerId,
    queue: QueueRef,
    request: &Request,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    let holder = held(asking, queue, request, hub)?;
    let now = hub.now();
    let until = hub.broker.renew_session_lock(holder, now)?;
    Ok(Response::new(200, "OK").with_map(|writer| {
        writer.put_string("expiration");
        writer.put_timestamp(until.millis());
    }))
}

/// `com.microsoft:get-session-state`
pub(super) fn state(
    asking: PeerId,
    queue: QueueRef,
    request: &Request,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    let holder = held(asking, queue, request, hub)?;
    let now = hub.now();
    let state = hub.broker.session_state(holder, now)?;
    Ok(Response::new(200, "OK").with_map(|writer| {
        writer.put_string("session-state");
        match state {
            Some(state) => writer.put_binary(&state),
            None => writer.put_null(),
        }
    }))
}

/// `com.microsoft:set-session-state`; no state, a null or an empty state clears it. The Go SDK, which
/// promises to clear it, sends an empty one.
pub(super) fn set_state(
    asking: PeerId,
    queue: QueueRef,
    request: &Request,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    let state = match request.argument("session-state") {
        None => None,
        Some(state) => {
            let bytes = state
                .as_binary()
                .ok_or_else(|| Refusal::argument("session-state is not binary."))?;
            (!bytes.is_empty()).then(|| Bytes::copy_from_slice(bytes))
        }
    };
    let holder = held(asking, queue, request, hub)?;
    let now = hub.now();
    hub.broker.set_session_state(holder, state, now)?;
    Ok(Response::new(200, "OK"))
}

/// `com.microsoft:get-message-sessions`
pub(super) fn list(queue: QueueRef, request: &Request, hub: &mut Hub) -> Result<Response, Refusal> {
    let changed_after = request
        .argument("last-updated-time")
        .ok_or_else(|| Refusal::argument("last-updated-time is missing."))?
        .as_timestamp()
        .ok_or_else(|| Refusal::argument("last-updated-time is not a timestamp."))?;
    let changed_after = (changed_after < ANY_TIME).then(|| Timestamp::from_millis(changed_after));
    let skip = count(request, "skip")?;
    let top = count(request, "top")?;
    let limit = usize::try_from(hub.broker.max_message_size(queue)).unwrap_or(usize::MAX);
    let now = hub.now();
    let mut size = 0;
    let page: Vec<&str> = hub
        .broker
        .session_ids(queue, changed_after, now)?
        .skip(skip)
        .take(top)
        .take_while(|id| {
            size += id.len();
            size <= limit
        })
        .collect();
    if page.is_empty() {
        let none = Response::new(204, "No sessions were found.");
        return Ok(none.with_condition("com.microsoft:session-not-found"));
    }
    Ok(Response::new(200, "OK").with_map(|writer| {
        writer.put_string("skip");
        writer.put_int(i32::try_from(skip).unwrap_or(i32::MAX));
        // The service's own spelling.
        writer.put_string("sessions-ids");
        writer.put_array(format_code::STR32, |writer| {
            for id in page {
                writer.put_string(id);
            }
        });
    }))
}

/// How many a request asks for, or wants left out.
pub(super) fn count(request: &Request, name: &str) -> Result<usize, Refusal> {
    request
        .argument(name)
        .and_then(|value| value.as_i64())
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| Refusal::argument(format!("{name} is not a number from 0 on.")))
}
