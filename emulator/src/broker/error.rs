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
    #[error("The rule cannot be read: {reason}")]
    InvalidRule { reason: String },
    #[error("The Basic tier has no {feature}.")]
    NotInBasicTier { feature: &'static str },
    #[error("The maximum number of resources of type {kind} has been reached or exceeded. Actual: {count}, Max allowed: {limit}.")]
    TooMany {
        kind: &'static str,
        count: usize,
        limit: usize,
    },
    #[error("The received message (delivery-id:0, size:{size} bytes) exceeds the limit ({limit} bytes) currently allowed on the link.")]
    MessageSizeExceeded { size: u64, limit: u64 },
    #[error("The maximum entity size has been reached or exceeded for {kind}: '{path}'. Size of entity in bytes:{size}, Max entity size in bytes: {limit}.")]
    QuotaExceeded {
        kind: &'static str,
        path: String,
        size: u64,
        limit: u64,
    },
    #[error("The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.")]
    MessageLockLost,
    #[error("Failed to lock one or more specified messages. Either the message is already locked or does not exist.")]
    MessageNotDeferred,
    #[error("Messages not found. Missing sequence numbers: {}", list(missing))]
    MessagesNotScheduled { missing: Vec<i64> },
    #[error("The messages asked for have {size} bytes; one answer holds {limit} at most.")]
    AnswerSizeExceeded { size: u64, limit: u64 },
    #[error("It is not possible for an entity that requires sessions to create a non-sessionful message receiver.")]
    SessionRequired,
    #[error("A sessionful message receiver cannot be created on an entity that does not require sessions. Ensure RequiresSession is set to true when creating a Queue or Subscription to enable sessionful behavior.")]
    SessionsNotSupported,
    #[error("The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.")]
    SessionIdMissing,
    #[error("The {name} is longer than {limit} characters.")]
    ValueTooLong { name: &'static str, limit: usize },
    #[error("The partition key of a message with a session id cannot be another one.")]
    PartitionKeyMismatch,
    #[error("The message is too large: size of its {name} in bytes: {size}, allowed: {limit}.")]
    HeaderTooLarge {
        name: &'static str,
        size: usize,
        limit: usize,
    },
    #[error("The requested session '{session}' cannot be accepted. It may be locked by another receiver.")]
    SessionCannotBeLocked { session: String },
    #[error("The session lock has expired on the MessageSession. Accept a new MessageSession.")]
    SessionLockLost,
    #[error("The session state has {size} bytes; the limit is {limit} bytes.")]
    SessionStateTooLarge { size: u64, limit: u64 },
    #[error("The lock on a message of a session is the lock on the session; it cannot be renewed by itself.")]
    LockOfSession,
    #[error("Messaging entity '{path}' is currently disabled.")]
    EntityDisabled { path: String },
    #[error("The entity '{path}' is a topic: messages are received from its subscriptions.")]
    ReceiveFromTopic { path: String },
    #[error("The entity '{path}' is a subscription: messages are sent to its topic.")]
    SendToSubscription { path: String },
    #[error("Cannot create a message receiver on an entity with auto-forwarding enabled.")]
    ReceiveFromForwarding,
    #[error("The entity '{path}' is no {kind}.")]
    WrongKind { path: String, kind: &'static str },
    #[error("The destination '{path}' of a forwarding does not exist.")]
    ForwardTargetNotFound { path: String },
    #[error("The value of {option} cannot be changed.")]
    ImmutableOption { option: &'static str },
    #[error("Messages cannot be sent to the sub-queue '{path}'.")]
    SendToSubQueue { path: String },
    #[error("A message of the dead-letter queue '{path}' cannot be dead-lettered again.")]
    DeadLetterOfDeadLetter { path: String },
    #[error("The transaction is unknown: it was never declared, or it was discharged.")]
    TransactionUnknown,
    #[error("The transaction was rolled back.")]
    TransactionRolledBack,
    #[error("The transaction was rolled back: it took longer than two minutes.")]
    TransactionTimedOut,
    #[error("Cannot send more than {limit} messages in a single transaction.")]
    TransactionTooLarge { limit: usize },
    #[error("Transactions cannot span multiple top-level entities such as queue or topic.")]
    TransactionSpansEntities,
    #[error("The message is to be settled by a transaction that was not discharged.")]
    LockInTransaction,
}

/// The first of some numbers; a client may have asked for very many.
fn list(numbers: &[i64]) -> String {
    let first: Vec<String> = numbers.iter().take(10).map(i64::to_string).collect();
    first.join(", ")
}
