//! Why the broker refuses an operation.

/// A refusal; the wire layer turns it into a condition, a status code and a description.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BrokerError {
    #[error("The messaging entity '{path}' could not be found.")]
    EntityNotFound { path: String },
    #[error("The messaging entity was deleted.")]
    EntityDeleted,
    #[error("The messaging entity '{name}' already exists.")]
    EntityAlreadyExists { name: String },
    #[error("'{name}' is no valid entity name.")]
    InvalidName { name: String },
    #[error("The value of {option} is out of range: it is {range}.")]
    InvalidOption {
        option: &'static str,
        range: &'static str,
    },
    #[error("The received message (delivery-id:0, size:{size} bytes) exceeds the limit ({limit} bytes) currently allowed on the link.")]
    MessageSizeExceeded { size: u64, limit: u64 },
    #[error("The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.")]
    MessageLockLost,
    #[error("Failed to lock one or more specified messages. Either the message is already locked or does not exist.")]
    MessageNotDeferred,
    #[error("Messages not found. Missing sequence numbers: {}", list(missing))]
    MessagesNotScheduled { missing: Vec<i64> },
    #[error("The messages asked for have {size} bytes; one answer holds {limit} at most.")]
    AnswerSizeExceeded { size: u64, limit: u64 },
    #[error("Messages cannot be sent to the sub-queue '{path}'.")]
    SendToSubQueue { path: String },
    #[error("A message of the dead-letter queue '{path}' cannot be dead-lettered again.")]
    DeadLetterOfDeadLetter { path: String },
}

/// The first of some numbers; a client may have asked for very many.
fn list(numbers: &[i64]) -> String {
    let first: Vec<String> = numbers.iter().take(10).map(i64::to_string).collect();
    first.join(", ")
}
