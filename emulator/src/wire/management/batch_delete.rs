//! `com.microsoft:batch-delete-messages`: deleting messages without receiving them.

use super::sessions;
use crate::broker::{QueueRef, Timestamp};
use crate::hub::{Hub, PeerId};
use crate::wire::refusal::Refusal;
use crate::wire::request::Request;
use crate::wire::response::Response;

/// The most messages that a request may ask for, whatever the tier deletes at once.
const MAX_COUNT: i64 = 4_000;

pub(super) fn run(
    asking: PeerId,
    queue: QueueRef,
    request: &Request,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    let session = sessions::named(request)?;
    if let Some(session) = session {
        sessions::holder(asking, queue, session, hub)?;
    }
    let count = request
        .argument("message-count")
        .and_then(|count| count.as_i64());
    let before = request
        .argument("enqueued-time-utc")
        .and_then(|instant| instant.as_timestamp())
        .ok_or_else(|| Refusal::argument("enqueued-time-utc is no timestamp."))?;
    let count = count
        .filter(|count| (1..=MAX_COUNT).contains(count))
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| {
            let text = format!("message-count is out of range: it is 1 to {MAX_COUNT}.");
            Refusal::new("com.microsoft:argument-out-of-range", 400, text)
        })?;
    let now = hub.now();
    let before = Timestamp::from_millis(before);
    let deleted = hub
        .broker
        .delete_messages(queue, session, count, before, now)?;
    if deleted == 0 {
        return Ok(Response::new(204, "No messages were deleted."));
    }
    Ok(Response::new(200, "OK").with_map(|writer| {
        writer.put_string("message-count");
        writer.put_int(i32::try_from(deleted).unwrap_or(i32::MAX));
    }))
}
