//! Messages of a session arrive in order, under the session's lock, and are settled by who holds it.

use servicebus::{DeadLetterOptions, ErrorKind};

use crate::desk::{bodies, Desk, LONG};

#[test]
fn a_session_is_received_in_order_apart_from_others() {
    let desk = Desk::new();
    desk.send(&[("a", "1"), ("b", "x"), ("a", "2"), ("a", "3")]);
    let receiver = desk.session("a");
    let mut received = Vec::new();
    for message in &receiver {
        let message = message.expect("no error");
        assert_eq!(message.session_id(), Some("a"));
        assert_eq!(
            message.locked_until(),
            None,
            "the session is locked instead"
        );
        receiver
            .complete_message(&message)
            .expect("it is completed");
        received.push(message.to_string());
    }
    assert_eq!(received, ["1", "2", "3"], "{}", desk.seen());
    let left = desk.emulator.counts("desk").expect("the queue exists");
    assert_eq!((left.active, left.locked), (1, 0), "{}", desk.seen());
}

#[test]
fn every_settlement_works_in_a_session() {
    let desk = Desk::new();
    desk.send(&[("a", "1"), ("a", "2"), ("a", "3")]);
    let receiver = desk.session("a");
    let messages = receiver.receive_messages(3, LONG).expect("three are there");
    assert_eq!(bodies(&messages), ["1", "2", "3"]);
    receiver.complete_message(&messages[0]).expect("completed");
    receiver
        .dead_letter_message_with(&messages[1], DeadLetterOptions::new().with_reason("bad"))
        .expect("dead-lettered");
    receiver.abandon_message(&messages[2]).expect("abandoned");
    let again = receiver.receive_messages(1, LONG).expect("it is back");
    assert_eq!(
        (bodies(&again), again[0].delivery_count()),
        (vec!["3".to_owned()], 1)
    );
}

#[test]
fn only_the_holder_of_the_session_settles_its_messages() {
    let desk = Desk::new();
    desk.send(&[("a", "1"), ("b", "2")]);
    let (a, b) = (desk.session("a"), desk.session("b"));
    let message = a.receive_messages(1, LONG).expect("it is there").remove(0);
    let error = b.complete_message(&message).expect_err("it is not of b");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    let error = a.renew_message_lock(&message).expect_err("it has no lock");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    a.complete_message(&message).expect("a holds it");
}

#[test]
fn a_peek_shows_the_own_session_only() {
    let desk = Desk::new();
    desk.send(&[("a", "1"), ("b", "2"), ("a", "3")]);
    let receiver = desk.session("a");
    let peeked = receiver.peek_messages(10, None).expect("it works");
    assert_eq!(bodies(&peeked), ["1", "3"], "{}", desk.seen());
}
