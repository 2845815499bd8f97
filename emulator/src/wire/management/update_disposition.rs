//! `com.microsoft:update-disposition`: a verdict by lock token, for messages whose link is gone.

use crate::broker::{QueueRef, Settlement, TransactionId};
use crate::hub::{Hub, PeerId};
use crate::message::PropertyChanges;
use crate::wire::refusal::Refusal;
use crate::wire::request::{entries, Request};
use crate::wire::response::Response;

use super::locks::lock_tokens;
use super::sessions;

pub(super) fn run(
    asking: PeerId,
    queue: QueueRef,
    request: &Request,
    transaction: Option<TransactionId>,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    if let Some(session) = sessions::named(request)? {
        sessions::holder(asking, queue, session, hub)?;
    }
    let settlement = settlement(request)?;
    let now = hub.now();
    let tokens = lock_tokens(request)?;
    hub.broker.check_locks(queue, &tokens, now)?;
    let Some(id) = transaction else {
        hub.broker.check_not_enlisted(&tokens)?;
        for token in tokens {
            hub.broker.settle(queue, token, settlement.clone(), now)?;
        }
        return Ok(Response::new(200, "OK"));
    };
    for token in tokens {
        let settlement = settlement.clone();
        let enlisted = hub
            .broker
            .enlist_settlement(id, queue, token, settlement, now);
        if let Err(error) = enlisted {
            // The request is one piece of work, and some of it is enlisted.
            hub.broker.doom(id);
            return Err(error.into());
        }
    }
    Ok(Response::new(200, "OK"))
}

fn settlement(request: &Request) -> Result<Settlement, Refusal> {
    let text = |name: &str| request.argument(name).and_then(|value| value.as_text());
    match text("disposition-status") {
        Some("completed") => Ok(Settlement::Complete),
        Some("abandoned") => Ok(Settlement::Abandon {
            changes: changes(request),
        }),
        Some("suspended") => Ok(Settlement::DeadLetter {
            reason: text("deadletter-reason").map(str::to_owned),
            description: text("deadletter-description").map(str::to_owned),
            changes: changes(request),
        }),
        // The service's own spelling.
        Some("defered") => Ok(Settlement::Defer {
            changes: changes(request),
        }),
        _ => Err(Refusal::argument("disposition-status is unknown.")),
    }
}

fn changes(request: &Request) -> PropertyChanges {
    let mut changes = PropertyChanges::default();
    let properties = request.argument("properties-to-modify").and_then(entries);
    if let Some(mut properties) = properties {
        while let (Some(Ok(name)), Some(Ok(value))) = (properties.next(), properties.next()) {
            if let Some(name) = name.as_text() {
                changes.set(name, &value);
            }
        }
    }
    changes
}
