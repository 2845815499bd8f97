//! The places in which a condition comes, each with one call that meets it.

use std::time::Duration;

use servicebus::{ErrorKind, Message};
use servicebus_emulator::Fault;

use crate::conditions::{Row, ROWS, UNKNOWN};
use crate::desk::{assert_told, Desk};

const LONG: Duration = Duration::from_secs(20);

/// What nobody documents is a failed link where one ends of it.
fn at_a_link((condition, kind, retryable): Row) -> Row {
    match condition {
        UNKNOWN => (condition, ErrorKind::Connection, true),
        _ => (condition, kind, retryable),
    }
}

/// A right that a standing link lost went with its token, which another one may give back.
fn at_a_standing_link(row: Row) -> Row {
    match at_a_link(row) {
        (condition, ErrorKind::Authorization, _) => (condition, ErrorKind::Authorization, true),
        row => row,
    }
}

/// A connection has no entity that might be missing.
fn at_a_connection(row: Row) -> Row {
    match at_a_standing_link(row) {
        (condition, ErrorKind::Other, retryable) => (condition, ErrorKind::Connection, retryable),
        (condition, ErrorKind::MessagingEntityNotFound, _) => {
            (condition, ErrorKind::Communication, true)
        }
        row => row,
    }
}

#[test]
fn a_rejected_message() {
    let desk = Desk::new();
    for &row in ROWS {
        let sender = desk.client().queue_sender("orders").open();
        desk.inject(Fault::reject_message(row.0).times(1));
        let error = sender
            .expect("it opens")
            .send_messages(Message::new("a"))
            .expect_err("it is rejected");
        assert_told(&error, row);
        assert!(!error.is_outcome_unknown(), "{error:?}");
    }
}

#[test]
fn a_refused_link() {
    let desk = Desk::new();
    for &row in ROWS {
        desk.inject(Fault::refuse_attach(row.0).entity("orders").times(1));
        let error = desk
            .client()
            .queue_sender("orders")
            .open()
            .expect_err("it is refused");
        assert_told(&error, at_a_link(row));
    }
}

#[test]
fn a_detached_link() {
    let desk = Desk::new();
    for &row in ROWS {
        let error = desk.send_broken_by(Fault::detach_link(row.0));
        assert_told(&error, at_a_standing_link(row));
        assert!(error.is_outcome_unknown(), "{error:?}");
    }
}

#[test]
fn an_ended_session() {
    let desk = Desk::new();
    for &row in ROWS {
        let error = desk.send_broken_by(Fault::end_session(row.0));
        assert_told(&error, at_a_standing_link(row));
        assert!(error.is_outcome_unknown(), "{error:?}");
    }
}

#[test]
fn a_closed_connection() {
    let desk = Desk::new();
    for &row in ROWS {
        let error = desk.send_broken_by(Fault::close_connection(row.0));
        assert_told(&error, at_a_connection(row));
        assert!(error.is_outcome_unknown(), "{error:?}");
    }
}

#[test]
fn a_refused_verdict() {
    let desk = Desk::new();
    let client = desk.client();
    let sender = client.queue_sender("orders").open().expect("it opens");
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    for &row in ROWS {
        sender
            .send_messages(Message::new("a"))
            .expect("it is stored");
        let message = receiver.next_message(LONG).expect("receiving works");
        desk.inject(Fault::refuse_settlement(row.0).times(1));
        let settled = receiver.complete_message(&message.expect("a message"));
        if row.0 == "amqp:not-found" {
            settled.expect("a link that does not know the message leaves it to the node that does");
        } else {
            assert_told(&settled.expect_err("it is refused"), row);
        }
    }
}

#[test]
fn a_refused_request() {
    let desk = Desk::new();
    for &row in ROWS {
        desk.inject(Fault::refuse_request(row.0).times(1));
        let sender = desk.client().queue_sender("orders").open();
        let error = sender
            .expect("it opens")
            .cancel_scheduled_messages(&[1])
            .expect_err("it is refused");
        assert_told(&error, row);
    }
}

#[test]
fn a_refused_token() {
    let table = [
        (401, ErrorKind::Authentication, false),
        (403, ErrorKind::Authentication, false),
        (404, ErrorKind::MessagingEntityNotFound, false),
        (408, ErrorKind::OperationTimeout, true),
        (500, ErrorKind::Authentication, true),
        (503, ErrorKind::ServerBusy, true),
    ];
    let desk = Desk::new();
    for (status, kind, retryable) in table {
        desk.inject(Fault::refuse_token(status).times(1));
        let error = desk
            .client()
            .queue_sender("orders")
            .open()
            .expect_err("it is refused");
        assert_eq!(
            (error.kind(), error.is_retryable()),
            (kind, retryable),
            "{status}: {error:?}"
        );
        assert_eq!(error.entity(), Some("orders"), "{error:?}");
    }
}
