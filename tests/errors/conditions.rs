//! The conditions, with what an error is whose condition came with an answer to one operation.

use servicebus::ErrorKind::{self, *};

/// A condition, the kind of its error, and whether trying again may help.
pub(crate) type Row = (&'static str, ErrorKind, bool);

/// A condition that nobody documents.
pub(crate) const UNKNOWN: &str = "x:unknown";

pub(crate) const ROWS: &[Row] = &[
    ("com.microsoft:timeout", OperationTimeout, true),
    ("com.microsoft:server-busy", ServerBusy, true),
    ("com.microsoft:operation-cancelled", Other, true),
    ("com.microsoft:message-lock-lost", MessageLockLost, false),
    ("com.microsoft:session-lock-lost", SessionLockLost, false),
    (
        "com.microsoft:session-cannot-be-locked",
        SessionCannotBeLocked,
        true,
    ),
    ("com.microsoft:message-not-found", MessageNotFound, false),
    (
        "com.microsoft:entity-disabled",
        MessagingEntityDisabled,
        false,
    ),
    (
        "com.microsoft:entity-already-exists",
        MessagingEntityAlreadyExists,
        false,
    ),
    ("com.microsoft:auth-failed", Authorization, false),
    ("com.microsoft:argument-error", InvalidArgument, false),
    (
        "com.microsoft:argument-out-of-range",
        InvalidArgument,
        false,
    ),
    ("com.microsoft:precondition-failed", Other, false),
    ("com.microsoft:container-close", Other, true),
    ("com.microsoft:no-matching-subscription", Other, true),
    ("com.microsoft:store-lock-lost", Other, true),
    ("com.microsoft:partition-not-owned", Other, true),
    ("com.microsoft:publisher-revoked", Other, true),
    ("com.microsoft:relay-not-found", Other, true),
    ("com.microsoft:address-already-in-use", Other, true),
    ("amqp:not-found", MessagingEntityNotFound, false),
    ("amqp:unauthorized-access", Authorization, false),
    ("amqp:not-allowed", InvalidOperation, false),
    ("amqp:not-implemented", InvalidOperation, false),
    ("amqp:resource-limit-exceeded", QuotaExceeded, false),
    (
        "amqp:link:message-size-exceeded",
        MessageSizeExceeded,
        false,
    ),
    ("amqp:link:detach-forced", Connection, true),
    ("amqp:link:stolen", Other, false),
    ("amqp:link:redirect", Other, false),
    ("amqp:link:transfer-limit-exceeded", Other, false),
    ("amqp:resource-deleted", MessagingEntityNotFound, false),
    ("amqp:illegal-state", Other, false),
    ("amqp:decode-error", Other, false),
    ("amqp:invalid-field", Other, false),
    ("amqp:frame-size-too-small", Other, false),
    ("amqp:precondition-failed", Other, false),
    ("amqp:session:window-violation", Other, false),
    ("amqp:session:errant-link", Other, false),
    ("amqp:session:handle-in-use", Other, false),
    ("amqp:session:unattached-handle", Other, false),
    ("amqp:connection:framing-error", Other, false),
    ("amqp:connection:redirect", Other, false),
    ("amqp:connection:forced", Connection, true),
    ("amqp:transaction:unknown-id", Other, false),
    ("amqp:transaction:rollback", Other, false),
    ("amqp:transaction:timeout", Other, false),
    ("amqp:internal-error", Other, true),
    ("amqp:resource-locked", Other, true),
    ("amqp:client-error", OperationTimeout, true),
    ("amqp:socket-error", Connection, true),
    (UNKNOWN, Other, true),
];
