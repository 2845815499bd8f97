//! A lock that a renewer keeps: how it stands, through which receiver it is renewed, and what is left with it.

use std::sync::{Arc, Weak};

use tokio::runtime::Handle;
use uuid::Uuid;

use super::closing::Closing;
use super::message_session::HeldSession;
use super::receiver::Receiver;
use crate::error::{Error, ErrorKind};
use crate::model::lock::{LockExpiry, MessageLock};
use crate::model::renewal_failure::RenewalFailure;
use crate::model::renewal_record::RenewalId;
use crate::model::renewal_schedule::{Ended, Standing};

/// The receiver that locks are renewed through, held weakly: it closes when its own handles are gone.
pub(crate) struct Way {
    pub(super) receiver: Weak<Receiver>,
    closing: Arc<Closing>,
    pub(super) io: Handle,
}

/// What a renewal is about.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) way: Arc<Way>,
    pub(super) lock: RenewedLock,
}

#[derive(Clone)]
pub(super) enum RenewedLock {
    Message {
        token: Uuid,
        lock: Weak<MessageLock>,
    },
    Session(Weak<HeldSession>),
}

impl Way {
    /// The way through this receiver, from its I/O thread.
    pub(super) fn through(receiver: &Weak<Receiver>, closing: &Arc<Closing>) -> Arc<Self> {
        Arc::new(Way {
            receiver: receiver.clone(),
            closing: closing.clone(),
            io: Handle::current(),
        })
    }

    /// The receiver's address, which is its own as long as it is held weakly.
    pub(super) fn number(&self) -> usize {
        self.receiver.as_ptr() as usize
    }
}

impl Subject {
    fn standing(&self, id: RenewalId) -> Standing {
        if self.way.closing.is_closed() || self.way.receiver.strong_count() == 0 {
            return Standing::Over;
        }
        match &self.lock {
            RenewedLock::Message { lock, .. } => lock
                .upgrade()
                .filter(|lock| lock.renewal().is_by(id))
                .map_or(Standing::Over, |lock| lock.standing()),
            RenewedLock::Session(session) => session
                .upgrade()
                .filter(|session| session.renewal().is_by(id))
                .map_or(Standing::Over, |_| Standing::Held),
        }
    }
}

impl RenewedLock {
    /// The service said until when the lock lasts now. That of a session knows already.
    pub(super) fn renewed(&self, expiry: LockExpiry) {
        if let RenewedLock::Message { lock, .. } = self {
            if let Some(lock) = lock.upgrade() {
                lock.renewed(expiry);
            }
        }
    }
}

pub(super) fn standing(id: RenewalId, subject: &Subject) -> Standing {
    subject.standing(id)
}

/// Leaves the error with the lock; `None` where the lock is gone, or another registration renews it.
pub(super) fn record(ended: Ended<Subject>) -> Option<RenewalFailure> {
    let error = match ended.failure {
        Some(cause) => Error::new(
            ErrorKind::AutoLockRenewFailed,
            format!("the lock is no longer renewed: {cause}"),
        )
        .with_source(cause),
        None => Error::new(
            ErrorKind::AutoLockRenewTimeout,
            "the time for which the lock was to be renewed is over",
        ),
    };
    let (counts, failure) = match ended.subject.lock {
        RenewedLock::Message { token, lock } => {
            let lock = lock.upgrade()?;
            let failure = RenewalFailure {
                lock_token: Some(token),
                session_id: None,
                error: error.with_entity(lock.entity().to_string()),
            };
            (
                lock.renewal().fail(ended.id, failure.error.clone()),
                failure,
            )
        }
        RenewedLock::Session(session) => {
            let session = session.upgrade()?;
            let receiver = ended.subject.way.receiver.upgrade()?;
            let failure = RenewalFailure {
                lock_token: None,
                session_id: Some(session.id().clone()),
                error: error.with_entity(receiver.entity().to_string()),
            };
            (
                session.renewal().fail(ended.id, failure.error.clone()),
                failure,
            )
        }
    };
    counts.then_some(failure)
}
