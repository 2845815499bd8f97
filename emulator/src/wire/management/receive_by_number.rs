//! `com.microsoft:receive-by-sequence-number`: receiving deferred messages.

use super::sequence_numbers::sequence_numbers;
use super::sessions;
use crate::broker::{ConsumerId, QueueRef, ReceiveMode, SessionStanding};
use crate::hub::{Hub, PeerId};
use crate::wire::message_bytes;
use crate::wire::refusal::Refusal;
use crate::wire::request::Request;
use crate::wire::response::Response;

/// The most bytes of messages in one answer, unless a single message may have more.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

pub(super) fn run(
    asking: PeerId,
    queue: QueueRef,
    link: Option<ConsumerId>,
    request: &Request,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    let session = sessions::meant(request, link, hub)?;
    let session = session.as_deref();
    let holder = match session {
        Some(session) => Some(sessions::holder(asking, queue, session, hub)?),
        None => None,
    };
    let numbers = sequence_numbers(request)?;
    let mode = mode(request)?;
    let limit = MAX_BYTES.max(hub.broker.max_message_size(queue));
    let now = hub.now();
    let mut deliveries = hub
        .broker
        .receive_deferred(queue, session, &numbers, mode, limit, now)?;
    // The Java SDK takes no deferred message that does not say how long it is locked.
    let standing = holder.and_then(|holder| hub.broker.session_standing(holder, now));
    if let Some(SessionStanding::Holding { until, .. }) = standing {
        let locks = deliveries.iter_mut().flat_map(|each| &mut each.lock);
        locks.for_each(|lock| lock.until = Some(until));
    }
    Ok(Response::new(200, "OK").with_map(|writer| {
        writer.put_string("messages");
        writer.put_list(|writer| {
            for delivery in &deliveries {
                writer.put_map(|writer| {
                    if let Some(lock) = delivery.lock {
                        writer.put_string("lock-token");
                        writer.put_uuid(lock.token.uuid().into_bytes());
                    }
                    writer.put_string("message");
                    writer.put_binary(&message_bytes::received_by_number(delivery));
                });
            }
        });
    }))
}

fn mode(request: &Request) -> Result<ReceiveMode, Refusal> {
    let mode = request
        .argument("receiver-settle-mode")
        .and_then(|mode| mode.as_i64());
    match mode {
        Some(0) => Ok(ReceiveMode::ReceiveAndDelete),
        Some(1) => Ok(ReceiveMode::PeekLock),
        _ => Err(Refusal::argument(
            "receiver-settle-mode is neither 0 nor 1.",
        )),
    }
}
