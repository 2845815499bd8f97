//! What entities hold, and what has happened in them, over HTTP.

use hyper::Method;
use serde_json::{json, Value};

use super::answer::Answer;
use super::control::{not_allowed, refused};
use crate::counts::MessageCounts;
use crate::hub::Hub;

/// Every queue, topic and subscription.
pub(super) fn all(method: &Method, hub: &mut Hub) -> Answer {
    if *method != Method::GET {
        return not_allowed();
    }
    let paths = hub.broker.paths();
    let shown = paths.iter().filter_map(|path| shown(path, hub));
    Answer::json(200, &shown.collect())
}

/// One of them, or one of their dead-letter queues.
pub(super) fn one(method: &Method, path: &str, hub: &mut Hub) -> Answer {
    if *method != Method::GET {
        return not_allowed();
    }
    match shown(path, hub) {
        Some(counts) => Answer::json(200, &counts),
        None => refused(404, "there is no such entity"),
    }
}

fn shown(path: &str, hub: &mut Hub) -> Option<Value> {
    let counts = MessageCounts::of(hub, path)?;
    let queue = hub.broker.resolve(path).ok()?;
    let totals = hub.broker.totals(queue)?;
    Some(json!({
        "path": hub.broker.path(queue)?,
        "active": counts.active,
        "locked": counts.locked,
        "deferred": counts.deferred,
        "scheduled": counts.scheduled,
        "deadLettered": counts.dead_lettered,
        "totals": {
            "enqueued": totals.enqueued,
            "passedOn": totals.passed_on,
            "scheduled": totals.scheduled,
            "cancelled": totals.cancelled,
            "duplicates": totals.duplicates,
            "delivered": totals.delivered,
            "completed": totals.completed,
            "abandoned": totals.abandoned,
            "deferred": totals.deferred,
            "released": totals.released,
            "deadLettered": totals.dead_lettered,
            "expired": totals.expired,
            "deleted": totals.deleted,
            "locksExpired": totals.locks_expired,
            "locksRenewed": totals.locks_renewed,
            "sessionsAccepted": totals.sessions_accepted,
            "sessionLocksExpired": totals.session_locks_expired,
        },
    }))
}
