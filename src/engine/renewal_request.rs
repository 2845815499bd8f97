//! A request for renewals, carried out by the I/O thread of the client whose receiver it goes through.

use std::time::Instant;

use crossbeam_channel::Sender;
use uuid::Uuid;

use super::closing::closed_error;
use super::receiver::Receiver;
use super::renewed_lock::{RenewedLock, Subject};
use crate::error::Result;
use crate::model::deadline::Deadline;
use crate::model::lock::LockExpiry;
use crate::model::renewal_schedule::Request;

/// How a request went.
pub(super) struct Answered {
    pub(super) request: Request<Subject>,
    pub(super) result: Result<Vec<LockExpiry>>,
}

/// Asks the service on the I/O thread of the receiver's own client.
pub(super) fn ask(request: Request<Subject>, answered: Sender<Answered>) {
    let way = request
        .locks
        .first()
        .map(|(_, subject)| subject.way.clone());
    let mut pending = Pending {
        request: Some(request),
        answered,
    };
    // Otherwise the receiver is gone, and the drop says so.
    let receiver = way.as_ref().and_then(|way| way.receiver.upgrade());
    if let (Some(way), Some(receiver)) = (way, receiver) {
        way.io.spawn(async move {
            let result = pending.asked(&receiver).await;
            pending.answer(result);
        });
    }
}

/// A request under way. Dropped without an answer, because its client ended, it is answered as closed.
struct Pending {
    request: Option<Request<Subject>>,
    answered: Sender<Answered>,
}

impl Pending {
    async fn asked(&self, receiver: &Receiver) -> Result<Vec<LockExpiry>> {
        let Some(request) = &self.request else {
            return Ok(Vec::new());
        };
        let left = request.answer_by.saturating_duration_since(Instant::now());
        let deadline = Deadline::after(left);
        let tokens: Vec<Uuid> = request
            .locks
            .iter()
            .filter_map(|(_, subject)| match &subject.lock {
                RenewedLock::Message { token, .. } => Some(*token),
                RenewedLock::Session(_) => None,
            })
            .collect();
        if tokens.is_empty() {
            let expiry = receiver.renew_session_lock_once(deadline).await?;
            return Ok(vec![expiry; request.locks.len()]);
        }
        receiver.renew_locks_once(&tokens, deadline).await
    }

    fn answer(&mut self, result: Result<Vec<LockExpiry>>) {
        if let Some(request) = self.request.take() {
            // Fails only when the renewer is gone.
            self.answered.send(Answered { request, result }).ok();
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.answer(Err(closed_error()));
    }
}
