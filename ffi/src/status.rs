//! How a call ended, as a number.

/// How a call ended: `SB_OK`, `SB_NO_MESSAGE`, or what went wrong. The numbers are fixed. Treat one that this
/// header does not list like `SB_OTHER`.
pub type sb_status = i32;

/// The call did what it says.
pub const SB_OK: sb_status = 0;
/// The wait for a message is over and none came.
pub const SB_NO_MESSAGE: sb_status = 1;
/// The service or the protocol failed in a way that has no number of its own.
pub const SB_OTHER: sb_status = 10;
/// An established connection or link failed.
pub const SB_CONNECTION: sb_status = 11;
/// The credential is valid but lacks the right the operation needs.
pub const SB_AUTHORIZATION: sb_status = 12;
/// The credential was refused.
pub const SB_AUTHENTICATION: sb_status = 13;
/// The deadline of the call passed, or the service gave up waiting.
pub const SB_OPERATION_TIMEOUT: sb_status = 14;
/// The message, or the list of messages, is larger than the entity accepts.
pub const SB_MESSAGE_SIZE_EXCEEDED: sb_status = 15;
/// The message was settled before, or another call is settling it.
pub const SB_MESSAGE_ALREADY_SETTLED: sb_status = 16;
/// The lock on the message ran out; the message will be delivered again.
pub const SB_MESSAGE_LOCK_LOST: sb_status = 17;
/// The lock on the session ran out or was taken away.
pub const SB_SESSION_LOCK_LOST: sb_status = 18;
/// No message has the given sequence number.
pub const SB_MESSAGE_NOT_FOUND: sb_status = 19;
/// The queue, topic or subscription does not exist.
pub const SB_MESSAGING_ENTITY_NOT_FOUND: sb_status = 20;
/// The entity is disabled for this operation.
pub const SB_MESSAGING_ENTITY_DISABLED: sb_status = 21;
/// An entity or rule of this name exists already.
pub const SB_MESSAGING_ENTITY_ALREADY_EXISTS: sb_status = 22;
/// The entity is full, or a limit on connections or links is reached.
pub const SB_QUOTA_EXCEEDED: sb_status = 23;
/// The service asks to slow down.
pub const SB_SERVER_BUSY: sb_status = 24;
/// The service could not be reached.
pub const SB_COMMUNICATION: sb_status = 25;
/// The session is locked by another receiver.
pub const SB_SESSION_CANNOT_BE_LOCKED: sb_status = 26;
/// Renewing a lock in the background failed.
pub const SB_AUTO_LOCK_RENEW_FAILED: sb_status = 27;
/// The time for which a lock was to be renewed is over.
pub const SB_AUTO_LOCK_RENEW_TIMEOUT: sb_status = 28;
/// An argument cannot be used: NULL, not UTF-8, out of range.
pub const SB_INVALID_ARGUMENT: sb_status = 40;
/// The operation does not apply here, for example settling a message that was deleted when it was received.
pub const SB_INVALID_OPERATION: sb_status = 41;
/// The client, sender or receiver was closed.
pub const SB_CLOSED: sb_status = 42;
/// The object was made before `fork`; the child process must make its own.
pub const SB_FORKED: sb_status = 43;
/// The call would block the thread that has to answer it.
pub const SB_WOULD_DEADLOCK: sb_status = 44;
/// A defect of this library.
pub const SB_INTERNAL: sb_status = 45;

#[cfg(test)]
mod tests {
    use servicebus::ErrorKind;

    use super::*;

    #[test]
    fn every_number_is_that_of_the_kind_of_error() {
        let same = [
            (SB_OTHER, ErrorKind::Other),
            (SB_CONNECTION, ErrorKind::Connection),
            (SB_AUTHORIZATION, ErrorKind::Authorization),
            (SB_AUTHENTICATION, ErrorKind::Authentication),
            (SB_OPERATION_TIMEOUT, ErrorKind::OperationTimeout),
            (SB_MESSAGE_SIZE_EXCEEDED, ErrorKind::MessageSizeExceeded),
            (SB_MESSAGE_ALREADY_SETTLED, ErrorKind::MessageAlreadySettled),
            (SB_MESSAGE_LOCK_LOST, ErrorKind::MessageLockLost),
            (SB_SESSION_LOCK_LOST, ErrorKind::SessionLockLost),
            (SB_MESSAGE_NOT_FOUND, ErrorKind::MessageNotFound),
            (
                SB_MESSAGING_ENTITY_NOT_FOUND,
                ErrorKind::MessagingEntityNotFound,
            ),
            (
                SB_MESSAGING_ENTITY_DISABLED,
                ErrorKind::MessagingEntityDisabled,
            ),
            (
                SB_MESSAGING_ENTITY_ALREADY_EXISTS,
                ErrorKind::MessagingEntityAlreadyExists,
            ),
            (SB_QUOTA_EXCEEDED, ErrorKind::QuotaExceeded),
            (SB_SERVER_BUSY, ErrorKind::ServerBusy),
            (SB_COMMUNICATION, ErrorKind::Communication),
            (
                SB_SESSION_CANNOT_BE_LOCKED,
                ErrorKind::SessionCannotBeLocked,
            ),
            (SB_AUTO_LOCK_RENEW_FAILED, ErrorKind::AutoLockRenewFailed),
            (SB_AUTO_LOCK_RENEW_TIMEOUT, ErrorKind::AutoLockRenewTimeout),
            (SB_INVALID_ARGUMENT, ErrorKind::InvalidArgument),
            (SB_INVALID_OPERATION, ErrorKind::InvalidOperation),
            (SB_CLOSED, ErrorKind::Closed),
            (SB_FORKED, ErrorKind::Forked),
            (SB_WOULD_DEADLOCK, ErrorKind::WouldDeadlock),
            (SB_INTERNAL, ErrorKind::Internal),
        ];
        for (status, kind) in same {
            assert_eq!(status, kind.code(), "{kind:?}");
        }
    }
}
