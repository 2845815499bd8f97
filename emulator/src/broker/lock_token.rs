//! The names of locks.

use uuid::Uuid;

use crate::guid::new_guid;

/// Names one lock on one message; a redelivery has another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LockToken(Uuid);

impl LockToken {
    pub(super) fn generate() -> Self {
        Self(new_guid())
    }

    pub(crate) const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    pub(crate) const fn uuid(self) -> Uuid {
        self.0
    }
}
