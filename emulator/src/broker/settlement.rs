//! What a receiver may decide about a message that it holds locked.

use crate::message::PropertyChanges;

/// The verdict on a locked message.
#[derive(Clone, Debug)]
pub(crate) enum Settlement {
    /// Done: the message is gone.
    Complete,
    /// Failed: the message is available again and the failure counts.
    Abandon { changes: PropertyChanges },
    /// Set aside: the message is received by its number alone from now on, and the delivery counts.
    Defer { changes: PropertyChanges },
    /// Not looked at: the message is available again and nothing counts.
    Release,
    /// Set aside in the dead-letter queue.
    DeadLetter {
        reason: Option<String>,
        description: Option<String>,
        changes: PropertyChanges,
    },
}
