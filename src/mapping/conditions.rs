//! What the service's error conditions and status codes mean to the caller.

use servicebus_amqp::types::definitions::{self, ErrorCondition};
use servicebus_amqp::types::primitives::Symbol;

use crate::error::{Error, ErrorKind};

/// What an error is to the caller, and whether trying again may help.
type Meaning = (ErrorKind, bool);

/// The meaning of an error condition of AMQP 1.0 or Service Bus; `None` for one that neither documents.
///
/// Trying again helps where the official Python client does it, with four exceptions, which it repeats and the clients
/// for .NET and Go do not: whether a message or an entity is there, an entity is disabled or a right is missing does not
/// change within a call.
fn meaning(condition: &str) -> Option<Meaning> {
    Some(match condition {
        "com.microsoft:timeout" | "amqp:client-error" => (ErrorKind::OperationTimeout, true),
        "com.microsoft:server-busy" => (ErrorKind::ServerBusy, true),
        "com.microsoft:message-lock-lost" => (ErrorKind::MessageLockLost, false),
        "com.microsoft:session-lock-lost" => (ErrorKind::SessionLockLost, false),
        "com.microsoft:session-cannot-be-locked" => (ErrorKind::SessionCannotBeLocked, true),
        "com.microsoft:message-not-found" => (ErrorKind::MessageNotFound, false),
        "com.microsoft:entity-disabled" => (ErrorKind::MessagingEntityDisabled, false),
        "com.microsoft:entity-already-exists" => (ErrorKind::MessagingEntityAlreadyExists, false),
        "com.microsoft:auth-failed" | "amqp:unauthorized-access" => {
            (ErrorKind::Authorization, false)
        }
        "com.microsoft:argument-error" | "com.microsoft:argument-out-of-range" => {
            (ErrorKind::InvalidArgument, false)
        }
        "amqp:not-found" | "amqp:resource-deleted" => (ErrorKind::MessagingEntityNotFound, false),
        "amqp:not-allowed" | "amqp:not-implemented" => (ErrorKind::InvalidOperation, false),
        "amqp:resource-limit-exceeded" => (ErrorKind::QuotaExceeded, false),
        "amqp:link:message-size-exceeded" => (ErrorKind::MessageSizeExceeded, false),
        "amqp:link:detach-forced" | "amqp:connection:forced" | "amqp:socket-error" => {
            (ErrorKind::Connection, true)
        }
        "amqp:internal-error"
        | "amqp:resource-locked"
        | "com.microsoft:operation-cancelled"
        | "com.microsoft:container-close"
        | "com.microsoft:no-matching-subscription"
        | "com.microsoft:store-lock-lost"
        | "com.microsoft:partition-not-owned"
        | "com.microsoft:publisher-revoked"
        | "com.microsoft:relay-not-found"
        | "com.microsoft:address-already-in-use" => (ErrorKind::Other, true),
        "com.microsoft:precondition-failed"
        | "amqp:precondition-failed"
        | "amqp:illegal-state"
        | "amqp:decode-error"
        | "amqp:invalid-field"
        | "amqp:frame-size-too-small"
        | "amqp:link:stolen"
        | "amqp:link:redirect"
        | "amqp:link:transfer-limit-exceeded"
        | "amqp:connection:redirect"
        | "amqp:connection:framing-error" => (ErrorKind::Other, false),
        _ if condition.starts_with("amqp:session:")
            || condition.starts_with("amqp:transaction:") =>
        {
            (ErrorKind::Other, false)
        }
        _ => return None,
    })
}

/// The kind for a management or `$cbs` status code, for answers that carry no condition.
fn meaning_of_status(status: i32) -> Meaning {
    match status {
        400 => (ErrorKind::InvalidArgument, false),
        401 => (ErrorKind::Authorization, false),
        403 => (ErrorKind::QuotaExceeded, false),
        404 => (ErrorKind::MessagingEntityNotFound, false),
        408 => (ErrorKind::OperationTimeout, true),
        409 => (ErrorKind::MessagingEntityAlreadyExists, false),
        410 => (ErrorKind::MessageLockLost, false),
        501 => (ErrorKind::InvalidOperation, false),
        503 => (ErrorKind::ServerBusy, true),
        // Of any other status, the class tells whose fault it is.
        _ => (ErrorKind::Other, status >= 500),
    }
}

/// An error that came with a disposition.
pub(crate) fn from_outcome(error: &definitions::Error) -> Error {
    from_amqp(error, |meaning| meaning.unwrap_or((ErrorKind::Other, true)))
}

/// An error that came with the end of a link or session, or with a link that was refused.
pub(crate) fn from_link_end(error: &definitions::Error) -> Error {
    from_amqp(error, |meaning| {
        meaning.unwrap_or((ErrorKind::Connection, true))
    })
}

/// An error that came with the end of the connection. What has no kind of its own is a failed
/// connection, and a host that does not exist is no missing entity.
pub(crate) fn from_connection_close(error: &definitions::Error) -> Error {
    from_amqp(error, |meaning| match meaning {
        None => (ErrorKind::Connection, true),
        Some((ErrorKind::Other, retryable)) => (ErrorKind::Connection, retryable),
        Some((ErrorKind::MessagingEntityNotFound, _)) => (ErrorKind::Communication, true),
        Some(meaning) => meaning,
    })
}

fn from_amqp(error: &definitions::Error, judge: impl FnOnce(Option<Meaning>) -> Meaning) -> Error {
    let condition = condition_name(&error.condition);
    let meaning = judge(meaning(&condition));
    service_error(meaning, error.description.as_deref()).with_condition(condition)
}

/// A management answer that is not a success. The condition tells more than the status.
pub(crate) fn from_status(
    status: i32,
    condition: Option<&str>,
    description: Option<&str>,
) -> Error {
    let meaning = condition
        .and_then(meaning)
        .unwrap_or_else(|| meaning_of_status(status));
    with_condition(service_error(meaning, description), condition)
}

/// A refused token.
pub(crate) fn from_put_token(
    status: i32,
    condition: Option<&str>,
    description: Option<&str>,
) -> Error {
    let meaning = match status {
        404 => (ErrorKind::MessagingEntityNotFound, false),
        401 | 403 => (ErrorKind::Authentication, false),
        _ => match condition.and_then(meaning) {
            Some((ErrorKind::Authorization | ErrorKind::Other, retryable)) => {
                (ErrorKind::Authentication, retryable)
            }
            Some(meaning) => meaning,
            None if status == 408 || status >= 500 => meaning_of_status(status),
            None => (ErrorKind::Authentication, false),
        },
    };
    with_condition(service_error(meaning, description), condition)
}

fn with_condition(error: Error, condition: Option<&str>) -> Error {
    match condition {
        Some(condition) => error.with_condition(condition),
        None => error,
    }
}

fn service_error((kind, retryable): Meaning, description: Option<&str>) -> Error {
    let (text, tracking_id) = split_tracking(description.unwrap_or_default());
    let text = if text.is_empty() {
        "refused by the service"
    } else {
        text
    };
    let error = Error::new(kind, text).with_retryable(retryable);
    match tracking_id {
        Some(id) => error.with_tracking_id(id),
        None => error,
    }
}

/// Splits `<text> TrackingId:<id>, SystemTracker:.., Timestamp:..`, the form of the service's
/// descriptions, into text and id. Some name a `Reference:<id>,` before.
fn split_tracking(description: &str) -> (&str, Option<&str>) {
    let (text, id) = match description.split_once("TrackingId:") {
        Some((text, rest)) => {
            let id = rest.trim_start().split([',', ' ', ';', ')']).next();
            (text, id.filter(|id| !id.is_empty()))
        }
        None => (description, None),
    };
    // Names it ends in belong to the id.
    let text = match text.rsplit_once("Reference:") {
        Some((before, reference)) if id.is_some() && !reference.trim().contains(' ') => before,
        _ => text,
    };
    (
        text.trim_end_matches(['.', ',', ' ', '\r', '\n'])
            .trim_start(),
        id,
    )
}

fn condition_name(condition: &ErrorCondition) -> String {
    let symbol = match condition {
        ErrorCondition::AmqpError(error) => Symbol::from(error),
        ErrorCondition::ConnectionError(error) => Symbol::from(error),
        ErrorCondition::SessionError(error) => Symbol::from(error),
        ErrorCondition::LinkError(error) => Symbol::from(error),
        ErrorCondition::TransactionError(error) => Symbol::from(error),
        ErrorCondition::Custom(name) => name.clone(),
    };
    symbol.into_inner()
}

#[cfg(test)]
mod meanings;
