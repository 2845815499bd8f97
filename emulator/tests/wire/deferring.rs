//! Messages that are set aside on a link or by token, and received by number.

use std::time::Duration;

use serde_amqp::Value;
use servicebus_amqp::types::definitions::Fields;
use servicebus_amqp::types::messaging::{DeliveryState, Modified};
use servicebus_emulator::Emulator;
use uuid::Uuid;

use crate::messages::{entry, text, Arrived};
use crate::operations::{dispose, peek, peeked, receive_by_number, received, token};
use crate::peer::{Answer, Peer, RequestLinks};

/// An emulator whose queue holds a deferred message with the number 1 and an active one.
fn setup() -> (Emulator, Peer, RequestLinks) {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    emulator.freeze();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let link = peer.sender("orders").unwrap();
    for body in ["a", "b"] {
        peer.send(link, &text(body));
    }
    let link = peer.receiver("orders", 1);
    let delivery = peer.receive(link);
    let changes: Fields = [("why".into(), Value::Bool(true))].into_iter().collect();
    let answer = peer.settle(link, &delivery, deferred(Some(changes)));
    assert_eq!(
        answer,
        deferred(None),
        "the same outcome, without the changes"
    );
    let links = peer.request_links("orders/$management", "answers");
    (emulator, peer, links)
}

/// As the Python SDK defers.
fn deferred(changes: Option<Fields>) -> DeliveryState {
    DeliveryState::Modified(Modified {
        delivery_failed: Some(true),
        undeliverable_here: Some(true),
        message_annotations: changes,
    })
}

fn state(message: &Arrived) -> Value {
    entry(&message.message_annotations(), "x-opt-message-state")
}

fn assert_not_found(answer: &Answer) {
    let condition = answer.condition.as_deref();
    let expected = (404, Some("com.microsoft:message-not-found"));
    assert_eq!((answer.status, condition), expected, "{answer:?}");
}

#[test]
fn a_deferred_message_is_seen_and_not_delivered() {
    let (emulator, mut peer, links) = setup();
    let messages = peeked(&peek(&mut peer, links, 1, 10));
    let states: Vec<_> = messages.iter().map(state).collect();
    assert_eq!(states, [Value::Int(1), Value::Int(0)]);
    assert_eq!(emulator.counts("orders").unwrap().deferred, 1);
    let link = peer.receiver("orders", 2);
    assert_eq!(Arrived::new(&peer.receive(link)).text(), "b");
    assert!(peer.receives_nothing(link));
}

#[test]
fn a_deferred_message_comes_by_its_number_with_a_token_and_its_state() {
    let (_emulator, mut peer, links) = setup();
    let answer = receive_by_number(&mut peer, links, &[1], 1);
    assert_eq!((answer.status, answer.condition.as_deref()), (200, None));
    let [(Some(token), message)] = &received(&answer)[..] else {
        panic!("no single locked message: {answer:?}");
    };
    assert_eq!(
        (message.text(), message.delivery_count()),
        ("a".to_owned(), 1)
    );
    assert_eq!(state(message), Value::Int(1));
    let properties = message.application_properties();
    assert_eq!(entry(&properties, "why"), Value::Bool(true));
    let annotations = message.delivery_annotations();
    assert_eq!(
        entry(&annotations, "x-opt-lock-token"),
        Value::Uuid(token.into_bytes().into())
    );
    let stamps = message.message_annotations();
    let until = entry(&stamps, "x-opt-locked-until");
    assert!(matches!(until, Value::Timestamp(_)), "{until:?}");

    let again = receive_by_number(&mut peer, links, &[1], 1);
    assert_not_found(&again);
    let settled = dispose(&mut peer, links, &[*token], "completed", |_| {});
    assert_eq!(settled.status, 200, "{settled:?}");
    assert_eq!(peeked(&peek(&mut peer, links, 1, 10)).len(), 1);
}

#[test]
fn a_deferred_message_received_and_deleted_has_no_token_and_is_gone() {
    let (emulator, mut peer, links) = setup();
    let answer = receive_by_number(&mut peer, links, &[1], 0);
    let [(None, message)] = &received(&answer)[..] else {
        panic!("no single message without a lock: {answer:?}");
    };
    assert_eq!(message.text(), "a");
    let stamps = message.message_annotations();
    assert!(
        stamps.iter().all(|(key, _)| key != "x-opt-locked-until"),
        "{stamps:?}"
    );
    assert_eq!(emulator.counts("orders").unwrap().deferred, 0);
    assert_not_found(&receive_by_number(&mut peer, links, &[1], 0));
}

#[test]
fn a_lock_on_a_deferred_message_that_ends_leaves_it_deferred() {
    let (emulator, mut peer, links) = setup();
    let token_of = |answer: &Answer| received(answer)[0].0.expect("a token");
    let first = token_of(&receive_by_number(&mut peer, links, &[1], 1));
    emulator.advance(Duration::from_secs(60));
    let late = dispose(&mut peer, links, &[first], "completed", |_| {});
    assert_eq!(late.status, 410, "{late:?}");
    for status in ["abandoned", "defered"] {
        let token = token_of(&receive_by_number(&mut peer, links, &[1], 1));
        let answer = dispose(&mut peer, links, &[token], status, |_| {});
        assert_eq!(answer.status, 200, "{status}: {answer:?}");
    }
    let answer = receive_by_number(&mut peer, links, &[1], 1);
    assert_eq!(received(&answer)[0].1.delivery_count(), 4);
    let token = token_of(&answer);
    let answer = dispose(&mut peer, links, &[token], "suspended", |_| {});
    assert_eq!(answer.status, 200, "{answer:?}");
    let counts = emulator.counts("orders").unwrap();
    assert_eq!((counts.deferred, counts.dead_lettered), (0, 1));
}

#[test]
fn a_message_is_deferred_by_its_token_when_its_link_is_gone() {
    let (emulator, mut peer, links) = setup();
    let link = peer.receiver("orders", 1);
    let token = token(&peer.receive(link));
    peer.connection.detach(link, true, None);
    let answer = dispose(&mut peer, links, &[token], "defered", |_| {});
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(emulator.counts("orders").unwrap().deferred, 2);
    let answer = receive_by_number(&mut peer, links, &[2, 1], 1);
    let texts: Vec<_> = received(&answer)
        .iter()
        .map(|(_, message)| message.text())
        .collect();
    assert_eq!(texts, ["b", "a"], "in the order they were asked for");
}

#[test]
fn numbers_of_other_messages_are_answered_with_not_found() {
    let (emulator, mut peer, links) = setup();
    for numbers in [&[2][..], &[1, 2], &[3], &[1, 1]] {
        let answer = receive_by_number(&mut peer, links, numbers, 1);
        assert_not_found(&answer);
        assert!(
            answer.description.starts_with("Failed to lock one or more"),
            "{answer:?}"
        );
    }
    assert_eq!(emulator.counts("orders").unwrap().locked, 0);
    let answers = [
        receive_by_number(&mut peer, links, &[], 1),
        receive_by_number(&mut peer, links, &[1], 2),
        dispose(&mut peer, links, &[Uuid::nil()], "deferred", |_| {}),
    ];
    for answer in answers {
        assert_eq!(answer.status, 400, "{answer:?}");
    }
}
