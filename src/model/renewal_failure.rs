use std::sync::Arc;

use uuid::Uuid;

use crate::error::Error;

/// Why a lock is no longer renewed by an [`AutoLockRenewer`](crate::AutoLockRenewer); handed to its
/// [`on_failure`](crate::AutoLockRenewerBuilder::on_failure).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RenewalFailure {
    pub(crate) lock_token: Option<Uuid>,
    pub(crate) session_id: Option<Arc<str>>,
    pub(crate) error: Error,
}

impl RenewalFailure {
    /// The token of the lock on a message, as [`ReceivedMessage::lock_token`](crate::ReceivedMessage::lock_token) has it;
    /// `None` for the lock on a session.
    pub fn lock_token(&self) -> Option<Uuid> {
        self.lock_token
    }

    /// The id of the session whose lock it was; `None` for the lock on a message.
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// `AutoLockRenewFailed`, with the cause as its [`source`](std::error::Error::source), or `AutoLockRenewTimeout` where
    /// the time for which the lock was to be renewed is over. It names the entity.
    pub fn error(&self) -> &Error {
        &self.error
    }
}
