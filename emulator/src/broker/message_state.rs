//! What a stored message waits for.

use super::Timestamp;

/// The state of a message, apart from whether somebody has it locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageState {
    /// It waits for a consumer.
    Active,
    /// It waits for somebody who asks for it by its number.
    Deferred,
    /// It waits for the instant at which it is enqueued.
    Scheduled { at: Timestamp },
}
