//! What the service's error conditions and status codes mean to the caller.

use servicebus_amqp::types::definitions::{self, ErrorCondition};
use servicebus_amqp::types::primitives::Symbol;

use crate::error::{Error, ErrorKind};

/// The kind for an error condition of AMQP 1.0 or Service Bus, and whether trying again may help.
fn meaning(condition: &str) -> (ErrorKind, bool) {
    match condition {
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
        _ => (ErrorKind::Other, false),
    }
}

/// The kind for a management or `$cbs` status code, for answers that carry no condition.
fn meaning_of_status(status: i32) -> (ErrorKind, bool) {
    match status {
        400 => (ErrorKind::InvalidArgument, false),
        401 => (ErrorKind::Authorization, false),
        403 => (ErrorKind::QuotaExceeded, false),
        404 => (ErrorKind::MessagingEntityNotFound, false),
        408 => (ErrorKind::OperationTimeout, true),
        409 => (ErrorKind::MessagingEntityAlreadyExists, false),
        410 => (ErrorKind::MessageLockLost, false),
        500 => (ErrorKind::Other, true),
        501 => (ErrorKind::InvalidOperation, false),
        503 => (ErrorKind::ServerBusy, true),
        _ => (ErrorKind::Other, false),
    }
}

/// An error that came with a disposition, detach, end or attach.
pub(crate) fn from_amqp(error: &definitions::Error) -> Error {
    let condition = condition_name(&error.condition);
    let (kind, retryable) = meaning(&condition);
    service_error(kind, retryable, error.description.as_deref()).with_condition(condition)
}

/// An error that came with the end of the connection. What has no kind of its own is a failed
/// connection, and a host that does not exist is no missing entity.
pub(crate) fn from_connection_close(error: &definitions::Error) -> Error {
    let condition = condition_name(&error.condition);
    let (kind, retryable) = match meaning(&condition) {
        (ErrorKind::Other, retryable) => (ErrorKind::Connection, retryable),
        (ErrorKind::MessagingEntityNotFound, _) => (ErrorKind::Communication, true),
        meaning => meaning,
    };
    service_error(kind, retryable, error.description.as_deref()).with_condition(condition)
}

/// A management answer that is not a success. The condition tells more than the status.
pub(crate) fn from_status(
    status: i32,
    condition: Option<&str>,
    description: Option<&str>,
) -> Error {
    let (kind, retryable) = match condition.map(meaning) {
        None | Some((ErrorKind::Other, false)) => meaning_of_status(status),
        Some(meaning) => meaning,
    };
    let error = service_error(kind, retryable, description);
    match condition {
        Some(condition) => error.with_condition(condition),
        None => error,
    }
}

/// A refused token.
pub(crate) fn from_put_token(
    status: i32,
    condition: Option<&str>,
    description: Option<&str>,
) -> Error {
    let (kind, retryable) = match status {
        404 => (ErrorKind::MessagingEntityNotFound, false),
        401 | 403 => (ErrorKind::Authentication, false),
        _ => match condition.map(meaning) {
            Some((ErrorKind::Authorization | ErrorKind::Other, retryable)) => {
                (ErrorKind::Authentication, retryable)
            }
            Some(meaning) => meaning,
            None if status >= 500 => meaning_of_status(status),
            None => (ErrorKind::Authentication, false),
        },
    };
    let error = service_error(kind, retryable, description);
    match condition {
        Some(condition) => error.with_condition(condition),
        None => error,
    }
}

fn service_error(kind: ErrorKind, retryable: bool, description: Option<&str>) -> Error {
    let description = description.unwrap_or_default();
    let (text, tracking_id) = split_tracking(description);
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
/// descriptions, into text and id.
fn split_tracking(description: &str) -> (&str, Option<&str>) {
    match description.split_once("TrackingId:") {
        Some((text, rest)) => {
            let id = rest.split([',', ' ']).next().filter(|id| !id.is_empty());
            (text.trim().trim_end_matches('.'), id)
        }
        None => (description.trim().trim_end_matches('.'), None),
    }
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
mod tests {
    use super::*;

    fn amqp(condition: &str, description: &str) -> definitions::Error {
        let condition = ErrorCondition::Custom(Symbol::from(condition));
        definitions::Error::new(condition, description.to_owned(), None)
    }

    #[test]
    fn description_and_tracking_id_are_told_apart() {
        let error = from_amqp(&amqp(
            "com.microsoft:message-lock-lost",
            "The lock supplied is invalid. TrackingId:5a6b_G12_B3, SystemTracker:ns:Queue:q, Timestamp:2026-01-01T00:00:00",
        ));
        assert_eq!(error.kind(), ErrorKind::MessageLockLost);
        assert_eq!(error.tracking_id(), Some("5a6b_G12_B3"));
        assert_eq!(
            error.to_string(),
            "The lock supplied is invalid (com.microsoft:message-lock-lost)"
        );
    }

    #[test]
    fn an_error_without_description_still_says_something() {
        let error = from_amqp(&amqp("x:y", ""));
        assert_eq!(error.to_string(), "refused by the service (x:y)");
        assert_eq!(
            (error.kind(), error.is_retryable()),
            (ErrorKind::Other, false)
        );
    }

    #[test]
    fn standard_conditions_are_named_as_the_specification_does() {
        let error = from_amqp(&definitions::AmqpError::NotFound.into());
        assert_eq!(error.condition(), Some("amqp:not-found"));
        assert_eq!(error.kind(), ErrorKind::MessagingEntityNotFound);
        let error = from_amqp(&definitions::LinkError::DetachForced.into());
        assert_eq!(error.condition(), Some("amqp:link:detach-forced"));
        assert!(error.is_retryable());
    }

    #[test]
    fn a_closed_connection_is_no_missing_entity() {
        let closed = from_connection_close(&definitions::AmqpError::NotFound.into());
        assert_eq!(closed.kind(), ErrorKind::Communication);
        let framing = from_connection_close(&definitions::ConnectionError::FramingError.into());
        assert_eq!(
            (framing.kind(), framing.is_retryable()),
            (ErrorKind::Connection, false)
        );
    }

    #[test]
    fn the_condition_of_an_answer_counts_before_its_status() {
        let session = from_status(410, Some("com.microsoft:session-lock-lost"), None);
        assert_eq!(session.kind(), ErrorKind::SessionLockLost);
        assert_eq!(
            from_status(410, None, None).kind(),
            ErrorKind::MessageLockLost
        );
        assert_eq!(
            from_status(503, Some("x:unknown"), None).kind(),
            ErrorKind::ServerBusy
        );
    }

    #[test]
    fn refused_tokens() {
        let kind = |status, condition| from_put_token(status, condition, None).kind();
        assert_eq!(
            kind(404, Some("amqp:not-found")),
            ErrorKind::MessagingEntityNotFound
        );
        assert_eq!(
            kind(401, Some("amqp:unauthorized-access")),
            ErrorKind::Authentication
        );
        assert_eq!(kind(403, None), ErrorKind::Authentication);
        assert_eq!(
            kind(400, Some("amqp:unauthorized-access")),
            ErrorKind::Authentication
        );
        assert_eq!(
            kind(503, Some("com.microsoft:server-busy")),
            ErrorKind::ServerBusy
        );
        assert_eq!(kind(503, None), ErrorKind::ServerBusy);
    }
}
