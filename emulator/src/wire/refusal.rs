//! How a refusal looks on the wire: a condition, a status code, a description in the service's manner.

use std::borrow::Cow;

use chrono::DateTime;
use serde_amqp::primitives::Symbol;
use servicebus_amqp::types::definitions::{Error, ErrorCondition};

use crate::auth::{Right, TokenError};
use crate::broker::{BrokerError, QueueRef, Timestamp};
use crate::fault::Reason;
use crate::filter::FilterError;
use crate::guid::new_guid;
use crate::hub::Hub;
use crate::namespace;

const MORE: &str = "To know more visit https://aka.ms/sbResourceMgrExceptions.";

/// A refused operation, apart from how it is told.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// The AMQP error condition.
    pub(super) condition: Cow<'static, str>,
    /// The status code of a request that fails so.
    pub(super) status: i32,
    text: String,
    /// The part of the service that refused, where it is another one than that of the entity.
    tracker: Option<String>,
}

/// The front end of the service, as its errors call it.
pub(super) const GATEWAY: &str = "gateway7";

impl Refusal {
    pub(super) fn new(
        condition: impl Into<Cow<'static, str>>,
        status: i32,
        text: impl Into<String>,
    ) -> Self {
        let (condition, text) = (condition.into(), text.into());
        Self {
            condition,
            status,
            text,
            tracker: None,
        }
    }

    /// The same, refused by another part of the service than that of the entity.
    fn tracked(self, tracker: impl Into<String>) -> Self {
        let tracker = Some(tracker.into());
        Self { tracker, ..self }
    }

    /// The name is as the client wrote it, with the host that it asked for.
    pub(super) fn entity_not_found(host: &str, path: &str) -> Self {
        let text = format!("The messaging entity 'sb://{host}/{path}' could not be found. {MORE} ");
        Self::new("amqp:not-found", 404, text).tracked(format!("{host}:{path}"))
    }

    pub(super) fn unauthorized(rights: &[Right], host: &str, path: &str) -> Self {
        let claim = rights.first().map_or("Manage", |right| right.name());
        let text = format!(
            "Unauthorized access. '{claim}' claim(s) are required to perform this operation. \
             Resource: 'sb://{host}/{path}'."
        );
        Self::new("amqp:unauthorized-access", 401, text).tracked(GATEWAY)
    }

    pub(super) fn token_expired(path: &str) -> Self {
        let text = format!("ExpiredToken: The token for the link to '{path}' has expired.");
        Self::new("amqp:unauthorized-access", 401, text)
    }

    pub(super) fn not_allowed(text: impl Into<String>) -> Self {
        Self::new("amqp:not-allowed", 400, text)
    }

    pub(super) fn not_implemented(text: impl Into<String>) -> Self {
        Self::new("amqp:not-implemented", 501, text)
    }

    pub(super) fn argument(text: impl Into<String>) -> Self {
        Self::new("com.microsoft:argument-error", 400, text)
    }

    /// The description, with what lets an operator find the event in the service's logs.
    ///
    /// `tracker` is the part of the service that has refused, unless the refusal knows better.
    pub(super) fn description(&self, tracker: &str, now: Timestamp) -> String {
        let tracking = new_guid();
        let time = DateTime::from_timestamp_millis(now.millis()).unwrap_or_default();
        format!(
            "{} TrackingId:{tracking}_G0, SystemTracker:{}, Timestamp:{}",
            self.text,
            self.tracker.as_deref().unwrap_or(tracker),
            time.format("%Y-%m-%dT%H:%M:%S")
        )
    }

    pub(super) fn error(&self, tracker: &str, now: Timestamp) -> Error {
        Error {
            condition: ErrorCondition::Custom(Symbol::from(&*self.condition)),
            description: Some(self.description(tracker, now)),
            info: None,
        }
    }

    /// What happened, for the log.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl From<BrokerError> for Refusal {
    fn from(error: BrokerError) -> Self {
        let (condition, status) = match &error {
            BrokerError::EntityNotFound { .. } | BrokerError::EntityDeleted => {
                ("amqp:not-found", 404)
            }
            BrokerError::EntityAlreadyExists { .. } => ("com.microsoft:entity-already-exists", 409),
            BrokerError::InvalidName { .. } => ("com.microsoft:argument-error", 400),
            BrokerError::InvalidOption { .. } => ("com.microsoft:argument-out-of-range", 400),
            BrokerError::MessageSizeExceeded { .. } | BrokerError::HeaderTooLarge { .. } => {
                ("amqp:link:message-size-exceeded", 403)
            }
            BrokerError::QuotaExceeded { .. } => ("amqp:resource-limit-exceeded", 403),
            BrokerError::AnswerSizeExceeded { .. } => ("amqp:link:message-size-exceeded", 403),
            BrokerError::MessageNotDeferred | BrokerError::MessagesNotScheduled { .. } => {
                ("com.microsoft:message-not-found", 404)
            }
            BrokerError::MessageLockLost => ("com.microsoft:message-lock-lost", 410),
            BrokerError::ValueTooLong { .. } => ("com.microsoft:argument-out-of-range", 400),
            BrokerError::SessionCannotBeLocked { .. } => {
                ("com.microsoft:session-cannot-be-locked", 410)
            }
            BrokerError::SessionLockLost => ("com.microsoft:session-lock-lost", 410),
            BrokerError::SessionStateTooLarge { .. } => ("amqp:link:message-size-exceeded", 403),
            BrokerError::EntityDisabled { .. } => ("com.microsoft:entity-disabled", 400),
            BrokerError::TooMany { .. } => ("amqp:resource-limit-exceeded", 403),
            BrokerError::ForwardTargetNotFound { .. }
            | BrokerError::InvalidRule { .. }
            | BrokerError::PartitionKeyMismatch
            | BrokerError::ImmutableOption { .. } => ("com.microsoft:argument-error", 400),
            BrokerError::TransactionUnknown => ("amqp:transaction:unknown-id", 400),
            BrokerError::TransactionRolledBack => ("amqp:transaction:rollback", 400),
            BrokerError::TransactionTimedOut => ("amqp:transaction:timeout", 408),
            BrokerError::ReceiveFromTopic { .. }
            | BrokerError::TransactionTooLarge { .. }
            | BrokerError::TransactionSpansEntities
            | BrokerError::LockInTransaction
            | BrokerError::SendToSubscription { .. }
            | BrokerError::ReceiveFromForwarding
            | BrokerError::WrongKind { .. }
            | BrokerError::NotInBasicTier { .. }
            | BrokerError::SessionRequired
            | BrokerError::SessionsNotSupported
            | BrokerError::SessionIdMissing
            | BrokerError::LockOfSession
            | BrokerError::SendToSubQueue { .. }
            | BrokerError::DeadLetterOfDeadLetter { .. } => ("amqp:not-allowed", 400),
        };
        Self::new(condition, status, error.to_string())
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::new(reason.condition, reason.status, reason.text)
    }
}

impl From<FilterError> for Refusal {
    fn from(error: FilterError) -> Self {
        Self::argument(error.to_string())
    }
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        let status = match &error {
            TokenError::Malformed(_) => 400,
            _ => 401,
        };
        Self::new("amqp:unauthorized-access", status, error.to_string()).tracked("NoSystemTracker")
    }
}

impl Hub {
    /// What the service calls the part of it that a queue is in, in its errors.
    pub(super) fn tracker(&self, queue: QueueRef) -> String {
        match self.broker.label(queue) {
            Some(label) => format!("{}:{label}", namespace::NAME),
            None => GATEWAY.to_owned(),
        }
    }
}
