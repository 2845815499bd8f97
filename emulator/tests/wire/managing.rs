//! `$management`: browsing, renewing, verdicts by token, and where answers go.

use std::time::Duration;

use serde_amqp::Value;
use servicebus_amqp::types::definitions::{AmqpError, ErrorCondition};
use servicebus_amqp::walker::Element;
use servicebus_amqp::writer::Writer;
use servicebus_amqp::LinkId;
use servicebus_emulator::Emulator;
use uuid::Uuid;

use crate::messages::{entry, text, Arrived};
use crate::operations::{dispose, peek, peeked, put_tokens, token, PEEK};
use crate::peer::{receiver, request, Answer, Peer, RequestLinks};

const RENEW: &str = "com.microsoft:renew-lock";

/// An emulator with these messages, and links to the management node of their queue.
fn setup(bodies: &[&str]) -> (Emulator, Peer, RequestLinks) {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    emulator.freeze();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let link = peer.sender("orders").unwrap();
    for body in bodies {
        peer.send(link, &text(body));
    }
    let links = peer.request_links("orders/$management", "answers");
    (emulator, peer, links)
}

#[test]
fn a_peek_shows_messages_from_a_number_on() {
    let (_emulator, mut peer, links) = setup(&["a", "b", "c", "d"]);
    let answer = peek(&mut peer, links, 2, 2);
    assert_eq!((answer.status, answer.condition.as_deref()), (200, None));
    let seen: Vec<_> = peeked(&answer)
        .iter()
        .map(|message| (message.sequence_number(), message.text()))
        .collect();
    assert_eq!(seen, [(2, "b".to_owned()), (3, "c".to_owned())]);
    let messages = peeked(&answer);
    let stamps = messages[0].message_annotations();
    assert_eq!(entry(&stamps, "x-opt-message-state"), Value::Int(0));
    assert!(
        stamps.iter().all(|(key, _)| key != "x-opt-locked-until"),
        "{stamps:?}"
    );
}

#[test]
fn a_peek_beyond_the_end_says_that_there_is_nothing() {
    let (_emulator, mut peer, links) = setup(&["a"]);
    let answer = peek(&mut peer, links, 2, 10);
    assert_eq!(answer.status, 204);
    let condition = answer.condition.as_deref();
    assert_eq!(condition, Some("com.microsoft:message-not-found"));
}

#[test]
fn a_peek_of_large_messages_returns_fewer_than_asked_and_at_least_one() {
    let large = "x".repeat(150_000);
    let (_emulator, mut peer, links) = setup(&[&large, &large, &large]);
    assert_eq!(peeked(&peek(&mut peer, links, 1, 3)).len(), 1);
    assert_eq!(
        peeked(&peek(&mut peer, links, 2, 3))[0].sequence_number(),
        2
    );
}

#[test]
fn a_peek_may_leave_the_bodies_out() {
    let (_emulator, mut peer, links) = setup(&["a"]);
    let answer = peer.manage(links, PEEK, |writer| {
        writer.put_string("from-sequence-number");
        writer.put_long(1);
        writer.put_string("message-count");
        writer.put_int(1);
        writer.put_string("omit-message-body");
        writer.put_bool(true);
    });
    let seen = peeked(&answer);
    assert_eq!(seen[0].sequence_number(), 1);
    assert!(seen[0].sections.body.is_empty(), "{answer:?}");
}

#[test]
fn a_renewed_lock_starts_anew() {
    let (emulator, mut peer, links) = setup(&["a"]);
    let link = peer.receiver("orders", 1);
    let delivery = peer.receive(link);
    emulator.advance(Duration::from_secs(59));
    let tokens = [token(&delivery)];
    let answer = peer.manage(links, RENEW, |writer| put_tokens(writer, &tokens));
    assert_eq!(answer.status, 200, "{answer:?}");
    let Value::Array(expirations) = answer.entry("expirations") else {
        panic!("no array: {answer:?}");
    };
    let stamps = Arrived::new(&delivery).message_annotations();
    match (
        expirations.0.as_slice(),
        entry(&stamps, "x-opt-locked-until"),
    ) {
        ([Value::Timestamp(renewed)], Value::Timestamp(first)) => {
            assert_eq!(renewed.milliseconds() - first.milliseconds(), 59_000);
        }
        other => panic!("{other:?}"),
    }
    emulator.advance(Duration::from_secs(59));
    assert_eq!(emulator.counts("orders").unwrap().locked, 1);
}

#[test]
fn a_lost_lock_can_be_neither_renewed_nor_settled() {
    let (emulator, mut peer, links) = setup(&["a"]);
    let link = peer.receiver("orders", 1);
    let tokens = [token(&peer.receive(link))];
    emulator.advance(Duration::from_secs(60));
    let renewed = peer.manage(links, RENEW, |writer| put_tokens(writer, &tokens));
    let settled = dispose(&mut peer, links, &tokens, "completed", |_| {});
    for answer in [renewed, settled] {
        let condition = answer.condition.as_deref();
        let lost = Some("com.microsoft:message-lock-lost");
        assert_eq!((answer.status, condition), (410, lost), "{answer:?}");
    }
    assert_eq!(emulator.counts("orders").unwrap().active, 1);
}

#[test]
fn a_message_is_settled_by_its_token_when_its_link_is_gone() {
    let (emulator, mut peer, links) = setup(&["a", "b", "c"]);
    let link = peer.receiver("orders", 3);
    let tokens: Vec<_> = (0..3).map(|_| token(&peer.receive(link))).collect();
    peer.connection.detach(link, true, None);

    let answer = dispose(&mut peer, links, &tokens[..1], "completed", |_| {});
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = dispose(&mut peer, links, &tokens[1..2], "suspended", |writer| {
        writer.put_string("deadletter-reason");
        writer.put_string("why");
        writer.put_string("deadletter-description");
        writer.put_null();
    });
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = dispose(&mut peer, links, &tokens[2..], "abandoned", |writer| {
        writer.put_string("properties-to-modify");
        writer.put_map(|writer| {
            writer.put_string("seen");
            writer.put_bool(true);
        });
    });
    assert_eq!(answer.status, 200, "{answer:?}");

    let counts = emulator.counts("orders").unwrap();
    assert_eq!(
        (counts.active, counts.locked, counts.dead_lettered),
        (1, 0, 1)
    );
    let link = peer.receiver("orders", 1);
    let message = Arrived::new(&peer.receive(link));
    assert_eq!(
        (message.text(), message.delivery_count()),
        ("c".to_owned(), 1)
    );
    let properties = message.application_properties();
    assert_eq!(entry(&properties, "seen"), Value::Bool(true));
    let link = peer.receiver("orders/$DeadLetterQueue", 1);
    let properties = Arrived::new(&peer.receive(link)).application_properties();
    assert_eq!(
        properties,
        [(
            "DeadLetterReason".to_owned(),
            Value::String("why".to_owned())
        )]
    );
}

#[test]
fn a_verdict_on_several_tokens_applies_to_all_or_none() {
    let (emulator, mut peer, links) = setup(&["a"]);
    let link = peer.receiver("orders", 1);
    let tokens = [token(&peer.receive(link)), Uuid::new_v4()];
    let answer = dispose(&mut peer, links, &tokens, "completed", |_| {});
    assert_eq!(answer.status, 410, "{answer:?}");
    assert_eq!(emulator.counts("orders").unwrap().locked, 1);
}

#[test]
fn malformed_arguments_are_answered_with_400() {
    let (_emulator, mut peer, links) = setup(&[]);
    let answers = [
        peer.manage(links, PEEK, |_| {}),
        peek(&mut peer, links, 1, 0),
        peer.manage(links, RENEW, |_| {}),
        peer.manage(links, RENEW, |writer| put_tokens(writer, &[])),
        dispose(&mut peer, links, &[Uuid::new_v4()], "lost", |_| {}),
    ];
    for answer in answers {
        let condition = answer.condition.as_deref();
        let argument = Some("com.microsoft:argument-error");
        assert_eq!((answer.status, condition), (400, argument), "{answer:?}");
    }
}

#[test]
fn an_unknown_operation_is_refused_on_the_link_it_came_by() {
    let (_emulator, mut peer, links) = setup(&["a"]);
    let refused = peer.try_manage(links, "com.microsoft:defer-message", |_| {});
    let error = refused.unwrap_err().expect("a reason");
    assert_eq!(
        error.condition,
        ErrorCondition::AmqpError(AmqpError::NotAllowed)
    );
    let description = error.description.unwrap_or_default();
    assert!(
        description.starts_with("Invalid command 'com.microsoft:defer-message'."),
        "{description}"
    );
    assert_eq!(peek(&mut peer, links, 1, 1).status, 200, "the link lives");
}

#[test]
fn an_answer_repeats_the_message_id_in_its_type() {
    let (_emulator, mut peer, links) = setup(&["a"]);
    type PutId = fn(&mut Writer<'_>);
    let ids: [(PutId, Value); 4] = [
        (
            |writer| writer.put_string("x"),
            Value::String("x".to_owned()),
        ),
        (|writer| writer.put_ulong(7), Value::Ulong(7)),
        (
            |writer| writer.put_uuid([3; 16]),
            Value::Uuid([3; 16].into()),
        ),
        (
            |writer| writer.put_binary(b"b"),
            Value::Binary(b"b".to_vec().into()),
        ),
    ];
    for (id, expected) in ids {
        let payload = request(id, None, &[("operation", PEEK)], |writer| {
            // Symbols where strings are due, and other widths of integers.
            writer.put_map(|writer| {
                writer.put_symbol("from-sequence-number");
                writer.put_ubyte(1);
                writer.put_symbol("message-count");
                writer.put_ulong(1);
            });
        });
        let answer = peer.ask(links, &payload);
        assert_eq!((answer.status, answer.correlation_id), (200, expected));
    }
}

/// Which of the links an answer to a request with this `reply-to` comes on.
fn answered_on(
    peer: &mut Peer,
    requests: LinkId,
    reply_to: Option<&str>,
    candidates: &[LinkId],
) -> usize {
    let id = |writer: &mut Writer<'_>| writer.put_ulong(1);
    let payload = request(id, reply_to, &[("operation", PEEK)], |writer| {
        writer.put_null()
    });
    peer.send(requests, &payload);
    peer.wait("an answer", |event| match event {
        servicebus_amqp::Event::Delivery { link, .. } => {
            candidates.iter().position(|candidate| candidate == link)
        }
        _ => None,
    })
}

#[test]
fn answers_go_where_the_request_says_or_else_to_its_own_session() {
    let (_emulator, mut peer, first) = setup(&[]);
    let node = "orders/$management";
    let second = peer.request_links(node, "amqp://other://answers");
    peer.begin();
    let third = peer.request_links(node, "answers");
    let candidates = [first.replies, second.replies, third.replies];

    let from_first = [
        (Some("answers"), 0),
        (Some("amqp://other://answers"), 1),
        (None, 0),
        (Some("nobody"), 0),
    ];
    for (reply_to, expected) in from_first {
        let place = answered_on(&mut peer, first.requests, reply_to, &candidates);
        assert_eq!(place, expected, "{reply_to:?} from the first session");
    }
    for (reply_to, expected) in [(Some("answers"), 2), (None, 2)] {
        let place = answered_on(&mut peer, third.requests, reply_to, &candidates);
        assert_eq!(place, expected, "{reply_to:?} from the other session");
    }
}

/// The JavaScript SDK gives its reply link no address and names the link instead.
#[test]
fn answers_find_a_link_by_its_name() {
    let (_emulator, mut peer, first) = setup(&[]);
    peer.begin();
    let mut attach = receiver("orders/$management");
    attach.name = "replies-of-node".to_owned();
    let named = peer.attach(attach).unwrap();
    peer.connection.set_credit(named, 10);
    let reply_to = Some("replies-of-node");
    let candidates = [first.replies, named];
    assert_eq!(
        answered_on(&mut peer, first.requests, reply_to, &candidates),
        1
    );
}

#[test]
fn answers_wait_for_credit() {
    let (_emulator, mut peer, first) = setup(&[]);
    peer.begin();
    let replies = peer.attach(receiver("orders/$management")).unwrap();
    let id = |writer: &mut Writer<'_>| writer.put_ulong(1);
    let name = Some("receiver of orders/$management");
    // Both reply links have this name; the one of the request's own session is taken.
    let payload = request(id, name, &[("operation", PEEK)], |writer| writer.put_null());
    let requests = peer.sender("orders/$management").unwrap();
    peer.send(requests, &payload);
    assert!(peer.receives_nothing(replies));
    peer.connection.set_credit(replies, 1);
    let answer = Answer::read(&peer.receive(replies).payload);
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(peer.receives_nothing(first.replies));
}

#[test]
fn numbers_and_lists_may_come_in_other_encodings() {
    let (_emulator, mut peer, links) = setup(&["a"]);
    let link = peer.receiver("orders", 1);
    let token = token(&peer.receive(link));
    let answer = peer.manage(links, RENEW, |writer| {
        writer.put_string("lock-tokens");
        writer.put_list(|writer| writer.put_uuid(token.into_bytes()));
    });
    assert_eq!(answer.status, 200, "{answer:?}");
    let one = Element::parse_whole(&[0x53, 1]).unwrap();
    let answer = peer.manage(links, PEEK, |writer| {
        for name in ["from-sequence-number", "message-count"] {
            writer.put_string(name);
            writer.put_element(&one);
        }
    });
    assert_eq!(answer.status, 200, "{answer:?}");
}
