//! What is told of an error that no emulator sends: statuses without conditions, and texts in all their forms.

use super::*;

fn amqp(condition: &str, description: &str) -> definitions::Error {
    let condition = ErrorCondition::Custom(Symbol::from(condition));
    definitions::Error::new(condition, description.to_owned(), None)
}

#[track_caller]
fn assert_meaning(error: &Error, kind: ErrorKind, retryable: bool) {
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (kind, retryable),
        "{error:?}"
    );
}

#[test]
fn texts_and_tracking_ids_are_told_apart() {
    let table = [
        (
            "The lock supplied is invalid. TrackingId:5a6b_G12_B3, SystemTracker:ns:Queue:q, Timestamp:2026-01-01T00:00:00",
            "The lock supplied is invalid",
            Some("5a6b_G12_B3"),
        ),
        (
            "Not valid. To know more visit https://aka.ms/x. . TrackingId:a_G14, SystemTracker:ns, Timestamp:2026-01-01T00:00:00",
            "Not valid. To know more visit https://aka.ms/x",
            Some("a_G14"),
        ),
        (
            "Not found. Reference:64bd-7, TrackingId: b_B0, SystemTracker:NoSystemTracker, Timestamp:2026-01-01T00:00:00",
            "Not found",
            Some("b_B0"),
        ),
        ("Closed (TrackingId:c_G1)", "Closed (", Some("c_G1")),
        ("TrackingId:d", "", Some("d")),
        ("Reference: see the manual.", "Reference: see the manual", None),
        ("Idle timeout: 00:10:00.", "Idle timeout: 00:10:00", None),
        ("TrackingId:", "", None),
        ("", "", None),
    ];
    for (description, text, id) in table {
        assert_eq!(split_tracking(description), (text, id), "{description:?}");
    }
}

#[test]
fn an_error_without_a_text_still_says_something() {
    let error = from_outcome(&amqp("x:y", ""));
    assert_eq!(error.to_string(), "refused by the service (x:y)");
}

#[test]
fn standard_conditions_are_named_as_the_specification_does() {
    let error = from_outcome(&definitions::AmqpError::NotFound.into());
    assert_eq!(error.condition(), Some("amqp:not-found"));
    let error = from_link_end(&definitions::LinkError::DetachForced.into());
    assert_eq!(error.condition(), Some("amqp:link:detach-forced"));
}

#[test]
fn statuses_without_a_condition() {
    let table = [
        (400, ErrorKind::InvalidArgument, false),
        (401, ErrorKind::Authorization, false),
        (403, ErrorKind::QuotaExceeded, false),
        (404, ErrorKind::MessagingEntityNotFound, false),
        (408, ErrorKind::OperationTimeout, true),
        (409, ErrorKind::MessagingEntityAlreadyExists, false),
        (410, ErrorKind::MessageLockLost, false),
        (429, ErrorKind::Other, false),
        (500, ErrorKind::Other, true),
        (501, ErrorKind::InvalidOperation, false),
        (502, ErrorKind::Other, true),
        (503, ErrorKind::ServerBusy, true),
    ];
    for (status, kind, retryable) in table {
        assert_meaning(&from_status(status, None, None), kind, retryable);
        let unknown = from_status(status, Some("x:unknown"), None);
        assert_meaning(&unknown, kind, retryable);
    }
}

#[test]
fn the_condition_of_an_answer_counts_before_its_status() {
    let session = from_status(410, Some("com.microsoft:session-lock-lost"), None);
    assert_meaning(&session, ErrorKind::SessionLockLost, false);
    let stale = from_status(500, Some("amqp:illegal-state"), None);
    assert_meaning(&stale, ErrorKind::Other, false);
}

#[test]
fn refused_tokens() {
    let table = [
        (
            404,
            Some("amqp:not-found"),
            ErrorKind::MessagingEntityNotFound,
            false,
        ),
        (404, None, ErrorKind::MessagingEntityNotFound, false),
        (
            401,
            Some("amqp:unauthorized-access"),
            ErrorKind::Authentication,
            false,
        ),
        (401, None, ErrorKind::Authentication, false),
        (403, None, ErrorKind::Authentication, false),
        (
            400,
            Some("amqp:unauthorized-access"),
            ErrorKind::Authentication,
            false,
        ),
        (400, None, ErrorKind::Authentication, false),
        (408, None, ErrorKind::OperationTimeout, true),
        (
            500,
            Some("amqp:internal-error"),
            ErrorKind::Authentication,
            true,
        ),
        (500, None, ErrorKind::Other, true),
        (
            503,
            Some("com.microsoft:server-busy"),
            ErrorKind::ServerBusy,
            true,
        ),
        (503, None, ErrorKind::ServerBusy, true),
    ];
    for (status, condition, kind, retryable) in table {
        assert_meaning(&from_put_token(status, condition, None), kind, retryable);
    }
}
