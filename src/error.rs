//! The one error type of this crate.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the terms of Service Bus.
///
/// Each kind says what helps. The numbers are fixed: they are the status codes of the C interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ErrorKind {
    /// The service or the protocol failed in a way that has no kind of its own;
    /// [`Error::condition`] tells more. Try again where [`Error::is_retryable`]; else report
    /// condition and [`Error::tracking_id`].
    Other = 10,
    /// An established connection or link failed. Call again; look before where the outcome is
    /// unknown.
    Connection = 11,
    /// The credential is valid but lacks the right the operation needs. Grant Send, Listen or
    /// Manage on the entity, or the matching Data role of Entra ID.
    Authorization = 12,
    /// The credential was refused. Compare key and key name with the portal, and the clock of
    /// this machine with the time.
    Authentication = 13,
    /// The deadline of the call passed, or the service gave up waiting. Look at the source for the
    /// last failure; a longer time-out helps where the network is slow.
    OperationTimeout = 14,
    /// The message or batch is larger than the entity accepts. Send fewer at once
    /// ([`Sender::send_all`](crate::Sender::send_all) splits by size), or keep the body elsewhere.
    MessageSizeExceeded = 15,
    /// The message was settled before, or another call is settling it. Settle each message once.
    MessageAlreadySettled = 16,
    /// The lock on the message ran out; the message will be delivered again. Expect it again, and
    /// renew ([`AutoLockRenewer`](crate::AutoLockRenewer)), prefetch less or lock for longer.
    MessageLockLost = 17,
    /// The lock on the session ran out or was taken away. Open another receiver for the session,
    /// and renew its lock ([`AutoLockRenewer`](crate::AutoLockRenewer)).
    SessionLockLost = 18,
    /// No message has the given sequence number. It was settled, expired or cancelled: look with a
    /// peek.
    MessageNotFound = 19,
    /// The queue, topic or subscription does not exist. Check its name and the namespace.
    MessagingEntityNotFound = 20,
    /// The entity is disabled for this operation. Set its status to active.
    MessagingEntityDisabled = 21,
    /// An entity or rule of this name exists already. Take another name, or remove the old one.
    MessagingEntityAlreadyExists = 22,
    /// The entity is full, or a limit on connections or links is reached. Receive or delete
    /// messages, dead letters too; share one client.
    QuotaExceeded = 23,
    /// The service asks to slow down. Send less often or in batches, or take a larger tier.
    ServerBusy = 24,
    /// The service could not be reached. Check host name, port 5671, firewall and certificates; the
    /// source names what failed.
    Communication = 25,
    /// The session is locked by another receiver. Wait until that closes, or take the next session
    /// that is free.
    SessionCannotBeLocked = 26,
    /// Renewing a lock in the background failed. The source says why; the message comes again.
    AutoLockRenewFailed = 27,
    /// The time for which a lock was to be renewed is over. Ask for a longer
    /// [`max_duration`](crate::AutoLockRenewerBuilder::max_duration), or work in smaller pieces.
    AutoLockRenewTimeout = 28,
    /// An argument cannot be used. The text names it.
    InvalidArgument = 40,
    /// The operation does not apply here, for example settling a peeked message, or sending
    /// without a session id where sessions are required. Check mode and settings of the entity.
    InvalidOperation = 41,
    /// The client, sender or receiver was closed. Open another.
    Closed = 42,
    /// The handle was created before `fork`; the child process must open its own client.
    Forked = 43,
    /// The call would block the thread that has to answer it. Make it on a thread of your own, not
    /// in a callback.
    WouldDeadlock = 44,
    /// A defect of this crate. Report it with the log at level `debug`.
    Internal = 45,
}

impl ErrorKind {
    /// The fixed number of this kind, which the C interface returns as its status.
    pub fn code(self) -> i32 {
        self as i32
    }

    /// Whether errors of this kind usually pass without the caller changing anything.
    fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Connection
                | Self::Communication
                | Self::OperationTimeout
                | Self::ServerBusy
                | Self::SessionCannotBeLocked
        )
    }
}

/// Why a call failed.
///
/// Branch on [`kind`](Error::kind); the text of the error is for people and may change. It names
/// the operation, the entity and the cause, never a key or token.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    operation: Option<&'static str>,
    entity: Option<String>,
    condition: Option<String>,
    tracking_id: Option<String>,
    retryable: bool,
    outcome_unknown: bool,
    // Shared, because one lost connection is the cause of many failed calls.
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            entity: None,
            condition: None,
            tracking_id: None,
            retryable: kind.is_transient(),
            outcome_unknown: false,
            source: None,
        }))
    }

    pub(crate) fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// Names the operation that failed, in words that an entity can follow: `receive from`, `send
    /// to`.
    pub(crate) fn in_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn with_entity(mut self, entity: impl Into<String>) -> Self {
        self.0.entity = Some(entity.into());
        self
    }

    pub(crate) fn with_condition(mut self, condition: impl Into<String>) -> Self {
        self.0.condition = Some(condition.into());
        self
    }

    pub(crate) fn with_tracking_id(mut self, tracking_id: impl Into<String>) -> Self {
        self.0.tracking_id = Some(tracking_id.into());
        self
    }

    /// Adds what had been done before it to the text.
    pub(crate) fn with_progress(mut self, progress: impl fmt::Display) -> Self {
        self.0.message = format!("{}; {progress}", self.0.message);
        self
    }

    /// Overrides what the kind alone says about retrying.
    pub(crate) fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    pub(crate) fn with_outcome_unknown(mut self) -> Self {
        self.0.outcome_unknown = true;
        self
    }

    /// Where what may have happened changes nothing for the caller.
    pub(crate) fn with_outcome_known(mut self) -> Self {
        self.0.outcome_unknown = false;
        self
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// A cause of the caller's own, whose type the caller finds again.
    pub(crate) fn with_boxed_source(mut self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.0.source = Some(Arc::from(source));
        self
    }

    /// What went wrong, to branch on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The AMQP error condition the service gave, for example `com.microsoft:message-lock-lost`.
    pub fn condition(&self) -> Option<&str> {
        self.0.condition.as_deref()
    }

    /// The entity the failed operation was about, for example `orders/$DeadLetterQueue`.
    pub fn entity(&self) -> Option<&str> {
        self.0.entity.as_deref()
    }

    /// The id by which Azure support finds the failure in the service's own records.
    pub fn tracking_id(&self) -> Option<&str> {
        self.0.tracking_id.as_deref()
    }

    /// Whether the same call may succeed later without any change by the caller.
    ///
    /// The client has already retried within the deadline of the call; this tells whether it is
    /// worth starting anew.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the service may have carried out the operation although the call failed.
    ///
    /// True when a send, settlement or management request left but its answer never came. Sending
    /// again may then duplicate a message.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            message,
            operation,
            entity,
            condition,
            ..
        } = &*self.0;
        match (operation, entity) {
            (Some(operation), Some(entity)) => write!(f, "{operation} \"{entity}\": ")?,
            (Some(operation), None) => write!(f, "{operation}: ")?,
            (None, Some(entity)) => write!(f, "\"{entity}\": ")?,
            (None, None) => {}
        }
        f.write_str(message)?;
        match condition {
            Some(condition) => write!(f, " ({condition})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug
            .field("kind", &self.0.kind)
            .field("message", &self.to_string());
        if let Some(tracking_id) = &self.0.tracking_id {
            debug.field("tracking_id", tracking_id);
        }
        debug
            .field("retryable", &self.0.retryable)
            .field("outcome_unknown", &self.0.outcome_unknown);
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_names_operation_entity_cause_and_condition() {
        let error = Error::new(ErrorKind::Connection, "link detached")
            .in_operation("receive from")
            .with_entity("orders")
            .with_condition("amqp:link:detach-forced");
        assert_eq!(
            error.to_string(),
            "receive from \"orders\": link detached (amqp:link:detach-forced)"
        );
    }

    #[test]
    fn source_survives_a_clone() {
        let cause = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "reset by peer");
        let error = Error::new(ErrorKind::Connection, "connection lost")
            .with_source(cause)
            .clone();
        assert_eq!(
            error.source().map(ToString::to_string).as_deref(),
            Some("reset by peer")
        );
    }

    #[test]
    fn retryability_follows_the_kind_unless_overridden() {
        assert!(Error::new(ErrorKind::ServerBusy, "slow down").is_retryable());
        assert!(!Error::new(ErrorKind::MessageLockLost, "lock lost").is_retryable());
        assert!(Error::new(ErrorKind::Other, "internal error")
            .with_retryable(true)
            .is_retryable());
    }

    const CODES: [(ErrorKind, i32); 25] = [
        (ErrorKind::Other, 10),
        (ErrorKind::Connection, 11),
        (ErrorKind::Authorization, 12),
        (ErrorKind::Authentication, 13),
        (ErrorKind::OperationTimeout, 14),
        (ErrorKind::MessageSizeExceeded, 15),
        (ErrorKind::MessageAlreadySettled, 16),
        (ErrorKind::MessageLockLost, 17),
        (ErrorKind::SessionLockLost, 18),
        (ErrorKind::MessageNotFound, 19),
        (ErrorKind::MessagingEntityNotFound, 20),
        (ErrorKind::MessagingEntityDisabled, 21),
        (ErrorKind::MessagingEntityAlreadyExists, 22),
        (ErrorKind::QuotaExceeded, 23),
        (ErrorKind::ServerBusy, 24),
        (ErrorKind::Communication, 25),
        (ErrorKind::SessionCannotBeLocked, 26),
        (ErrorKind::AutoLockRenewFailed, 27),
        (ErrorKind::AutoLockRenewTimeout, 28),
        (ErrorKind::InvalidArgument, 40),
        (ErrorKind::InvalidOperation, 41),
        (ErrorKind::Closed, 42),
        (ErrorKind::Forked, 43),
        (ErrorKind::WouldDeadlock, 44),
        (ErrorKind::Internal, 45),
    ];

    #[test]
    fn codes_of_the_c_interface_are_fixed() {
        for (kind, code) in CODES {
            assert_eq!(kind.code(), code, "{kind:?}");
        }
    }

    #[test]
    fn the_readme_advises_on_every_kind() {
        for (kind, _) in CODES {
            let row = format!("| `{kind:?}` | ");
            assert!(include_str!("../README.md").contains(&row), "no {row}");
        }
    }
}
