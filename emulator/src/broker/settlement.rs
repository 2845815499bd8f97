//! What a receiver may decide about a message that it holds locked.

use std::fmt;

use uuid::Uuid;

use crate::message::PropertyChanges;

/// Names one lock on one message; a redelivery has another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LockToken(Uuid);

impl LockToken {
    pub(super) fn generate() -> Self {
        Self(Uuid::new_v4())
    }

    pub(crate) const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    pub(crate) const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for LockToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The verdict on a locked message.
#[derive(Clone, Debug)]
pub(crate) enum Settlement {
    /// Done: the message is gone.
    Complete,
    /// Failed: the message is available again and the failure counts.
    Abandon { changes: PropertyChanges },
    /// Not looked at: the message is available again and nothing counts.
    Release,
    /// Set aside in the dead-letter queue.
    DeadLetter {
        reason: Option<String>,
        description: Option<String>,
        changes: PropertyChanges,
    },
}
