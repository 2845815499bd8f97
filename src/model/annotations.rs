//! The annotation keys Service Bus gives a meaning to.

pub(crate) const DEAD_LETTER_SOURCE: &str = "x-opt-deadletter-source";
pub(crate) const ENQUEUED_SEQUENCE_NUMBER: &str = "x-opt-enqueue-sequence-number";
pub(crate) const ENQUEUED_TIME: &str = "x-opt-enqueued-time";
pub(crate) const LOCK_TOKEN: &str = "x-opt-lock-token";
pub(crate) const LOCKED_UNTIL: &str = "x-opt-locked-until";
pub(crate) const MESSAGE_STATE: &str = "x-opt-message-state";
pub(crate) const PARTITION_KEY: &str = "x-opt-partition-key";
pub(crate) const SCHEDULED_ENQUEUE_TIME: &str = "x-opt-scheduled-enqueue-time";
pub(crate) const SEQUENCE_NUMBER: &str = "x-opt-sequence-number";
