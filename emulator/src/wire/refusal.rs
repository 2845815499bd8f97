//! How a refusal looks on the wire: a condition, a status code, a description in the service's manner.

use std::borrow::Cow;

use chrono::DateTime;
use serde_amqp::primitives::Symbol;
use servicebus_amqp::types::definitions::{Error, ErrorCondition};

use crate::auth::{Right, TokenError};
use crate::broker::{BrokerError, Timestamp};
use crate::fault::Reason;
use crate::filter::FilterError;
use crate::guid::new_guid;
use crate::namespace;

/// A refused operation, apart from how it is told.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// The AMQP error condition.
    pub(super) condition: Cow<'static, str>,
    /// The status code of a request that fails so.
    pub(super) status: i32,
    text: String,
}

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
        }
    }

    /// The name is as the client wrote it, with the host that it asked for.
    pub(super) fn entity_not_found(host: &str, path: &str) -> Self {
        let text = format!("The messaging entity 'sb://{host}/{path}' could not be found.");
        Self::new("amqp:not-found", 404, text)
    }

    pub(super) fn unauthorized(rights: &[Right], path: &str) -> Self {
        let claim = rights.first().map_or("Manage", |right| right.name());
        let text = format!(
            "Unauthorized access. '{claim}' claim(s) are required to perform this operation. \
             Resource: '{path}'."
        );
        Self::new("amqp:unauthorized-access", 401, text)
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
    pub(super) fn description(&self, entity: &str, now: Timestamp) -> String {
        let tracking = new_guid();
        let time = DateTime::from_timestamp_millis(now.millis()).unwrap_or_default();
        format!(
            "{} TrackingId:{tracking}_G0, SystemTracker:{}:Queue:{entity}, Timestamp:{}",
            self.text,
            namespace::NAME,
            time.format("%Y-%m-%dT%H:%M:%S")
        )
    }

    pub(super) fn error(&self, entity: &str, now: Timestamp) -> Error {
        Error {
            condition: ErrorCondition::Custom(Symbol::from(&*self.condition)),
            description: Some(self.description(entity, now)),
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
            BrokerError::MessageSizeExceeded { .. } => ("amqp:link:message-size-exceeded", 403),
            BrokerError::QuotaExceeded { .. } => ("amqp:resource-limit-exceeded", 403),
            BrokerError::AnswerSizeExceeded { .. } => ("amqp:link:message-size-exceeded", 403),
            BrokerError::MessageNotDeferred | BrokerError::MessagesNotScheduled { .. } => {
                ("com.microsoft:message-not-found", 404)
            }
            BrokerError::MessageLockLost => ("com.microsoft:message-lock-lost", 410),
            BrokerError::SessionIdTooLong { .. } => ("com.microsoft:argument-out-of-range", 400),
            BrokerError::SessionCannotBeLocked { .. } => {
                ("com.microsoft:session-cannot-be-locked", 410)
            }
            BrokerError::SessionLockLost => ("com.microsoft:session-lock-lost", 410),
            BrokerError::SessionStateTooLarge { .. } => ("amqp:link:message-size-exceeded", 403),
            BrokerError::EntityDisabled { .. } => ("com.microsoft:entity-disabled", 400),
            BrokerError::TooManyEntities { .. } => ("amqp:resource-limit-exceeded", 403),
            BrokerError::ForwardTargetNotFound { .. }
            | BrokerError::InvalidRule { .. }
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
        Self::new("amqp:unauthorized-access", status, error.to_string())
    }
}
