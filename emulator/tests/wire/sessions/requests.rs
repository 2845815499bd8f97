//! Requests about a session: renewal, state, deferred messages, browsing.

use serde_amqp::Value;
use servicebus_amqp::types::messaging::{DeliveryState, Modified};
use servicebus_amqp::writer::Writer;
use servicebus_emulator::Emulator;

use super::{detach, holder, send, setup, text_of, LOCK};
use crate::messages::{entry, Arrived};
use crate::operations::{dispose, peeked, put_numbers, received, token, PEEK};
use crate::peer::{Answer, Peer, RequestLinks};

const RENEW: &str = "com.microsoft:renew-session-lock";
const STATE: &str = "com.microsoft:get-session-state";
const SET_STATE: &str = "com.microsoft:set-session-state";
const RECEIVE: &str = "com.microsoft:receive-by-sequence-number";

fn management(peer: &mut Peer) -> RequestLinks {
    peer.request_links("orders/$management", "answers")
}

fn put_session(writer: &mut Writer<'_>, session: &str) {
    writer.put_string("session-id");
    writer.put_string(session);
}

fn request(peer: &mut Peer, links: RequestLinks, operation: &str, session: &str) -> Answer {
    peer.manage(links, operation, |writer| put_session(writer, session))
}

fn set_state(peer: &mut Peer, links: RequestLinks, session: &str, state: Option<&[u8]>) -> Answer {
    peer.manage(links, SET_STATE, |writer| {
        put_session(writer, session);
        writer.put_string("session-state");
        match state {
            Some(state) => writer.put_binary(state),
            None => writer.put_null(),
        }
    })
}

fn state(peer: &mut Peer, links: RequestLinks, session: &str) -> Value {
    let answer = request(peer, links, STATE, session);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.entry("session-state")
}

fn binary(bytes: &[u8]) -> Value {
    Value::Binary(bytes.to_vec().into())
}

fn assert_lost(answer: &Answer) {
    let condition = answer.condition.as_deref();
    let expected = (410, Some("com.microsoft:session-lock-lost"));
    assert_eq!((answer.status, condition), expected, "{answer:?}");
}

#[test]
fn a_renewed_session_lock_starts_anew() {
    let (emulator, mut peer) = setup();
    send(&mut peer, "mine", &["x"]);
    let links = management(&mut peer);
    let link = holder(&mut peer, "mine", 1);
    let delivery = peer.receive(link);
    let stamps = Arrived::new(&delivery).message_annotations();
    let Value::Timestamp(start) = entry(&stamps, "x-opt-enqueued-time") else {
        panic!("{stamps:?}");
    };
    emulator.advance(LOCK / 2);
    let answer = request(&mut peer, links, RENEW, "mine");
    assert_eq!(answer.status, 200, "{answer:?}");
    let Value::Timestamp(until) = answer.entry("expiration") else {
        panic!("{answer:?}");
    };
    assert_eq!(until.milliseconds(), start.milliseconds() + 90_000);
    emulator.advance(LOCK - LOCK / 60);
    let done = dispose(
        &mut peer,
        links,
        &[token(&delivery)],
        "completed",
        |writer| {
            put_session(writer, "mine");
        },
    );
    assert_eq!(done.status, 200, "{done:?}");
}

#[test]
fn the_lock_on_a_message_of_a_session_is_not_renewed_by_itself() {
    let (_emulator, mut peer) = setup();
    send(&mut peer, "mine", &["x"]);
    let links = management(&mut peer);
    let link = holder(&mut peer, "mine", 1);
    let delivery = peer.receive(link);
    let answer = peer.manage(links, "com.microsoft:renew-lock", |writer| {
        crate::operations::put_tokens(writer, &[token(&delivery)]);
    });
    let condition = answer.condition.as_deref();
    assert_eq!((answer.status, condition), (400, Some("amqp:not-allowed")));
}

#[test]
fn a_state_is_kept_until_it_is_cleared() {
    let (_emulator, mut peer) = setup();
    let links = management(&mut peer);
    let link = holder(&mut peer, "mine", 0);
    assert_eq!(state(&mut peer, links, "mine"), Value::Null);
    let large = vec![7; 200_000];
    for bytes in [&b"one"[..], &large] {
        let answer = set_state(&mut peer, links, "mine", Some(bytes));
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(state(&mut peer, links, "mine"), binary(bytes));
    }
    assert_eq!(set_state(&mut peer, links, "mine", Some(b"")).status, 200);
    assert_eq!(state(&mut peer, links, "mine"), Value::Null);
    set_state(&mut peer, links, "mine", Some(b"kept"));
    detach(&mut peer, link);
    let link = holder(&mut peer, "mine", 0);
    assert_eq!(state(&mut peer, links, "mine"), binary(b"kept"));
    assert_eq!(set_state(&mut peer, links, "mine", None).status, 200);
    assert_eq!(state(&mut peer, links, "mine"), Value::Null);
    detach(&mut peer, link);
    holder(&mut peer, "mine", 0);
    assert_eq!(state(&mut peer, links, "mine"), Value::Null);
}

#[test]
fn only_the_connection_that_holds_a_session_may_act_on_it() {
    let (emulator, mut peer) = setup();
    let links = management(&mut peer);
    for operation in [RENEW, STATE] {
        assert_lost(&request(&mut peer, links, operation, "mine"));
    }
    assert_lost(&set_state(&mut peer, links, "mine", Some(b"x")));
    holder(&mut peer, "mine", 0);
    assert_eq!(set_state(&mut peer, links, "mine", Some(b"x")).status, 200);

    let mut other = Peer::authorized(&emulator, &["orders"]);
    let others = management(&mut other);
    for operation in [RENEW, STATE] {
        assert_lost(&request(&mut other, others, operation, "mine"));
    }
    assert_lost(&set_state(&mut other, others, "mine", None));
    emulator.advance(LOCK);
    for operation in [RENEW, STATE] {
        assert_lost(&request(&mut peer, links, operation, "mine"));
    }
    holder(&mut peer, "mine", 0);
    assert_eq!(state(&mut peer, links, "mine"), binary(b"x"), "untouched");
}

#[test]
fn requests_that_name_no_session_or_no_state_are_refused() {
    let (_emulator, mut peer) = setup();
    let links = management(&mut peer);
    holder(&mut peer, "mine", 0);
    for operation in [RENEW, STATE, SET_STATE] {
        let unnamed = peer.manage(links, operation, |_| {});
        let numbered = peer.manage(links, operation, |writer| {
            writer.put_string("session-id");
            writer.put_uint(1);
        });
        for answer in [unnamed, numbered] {
            let condition = answer.condition.as_deref();
            let expected = (400, Some("com.microsoft:argument-error"));
            assert_eq!((answer.status, condition), expected, "{operation}");
        }
    }
    let answer = peer.manage(links, SET_STATE, |writer| {
        put_session(writer, "mine");
        writer.put_string("session-state");
        writer.put_string("no bytes");
    });
    assert_eq!(answer.status, 400, "{answer:?}");
}

fn receive_deferred(peer: &mut Peer, links: RequestLinks, session: &str) -> Answer {
    peer.manage(links, RECEIVE, |writer| {
        writer.put_string("receiver-settle-mode");
        writer.put_uint(1);
        put_numbers(writer, &[1]);
        put_session(writer, session);
    })
}

fn with_a_deferred_message() -> (Emulator, Peer, RequestLinks) {
    let (emulator, mut peer) = setup();
    send(&mut peer, "mine", &["x"]);
    let links = management(&mut peer);
    let link = holder(&mut peer, "mine", 1);
    let delivery = peer.receive(link);
    let deferred = DeliveryState::Modified(Modified {
        delivery_failed: Some(true),
        undeliverable_here: Some(true),
        message_annotations: None,
    });
    peer.settle(link, &delivery, deferred);
    (emulator, peer, links)
}

#[test]
fn deferred_messages_are_received_while_their_session_is_held() {
    let (emulator, mut peer, links) = with_a_deferred_message();
    assert_lost(&receive_deferred(&mut peer, links, "other"));
    let mut other = Peer::authorized(&emulator, &["orders"]);
    let others = management(&mut other);
    assert_lost(&receive_deferred(&mut other, others, "mine"));

    let answer = receive_deferred(&mut peer, links, "mine");
    assert_eq!(answer.status, 200, "{answer:?}");
    let messages = received(&answer);
    let (Some(lock), message) = &messages[0] else {
        panic!("no lock: {messages:?}");
    };
    assert_eq!(message.text(), "x");
    let stamps = message.message_annotations();
    let Value::Timestamp(until) = entry(&stamps, "x-opt-locked-until") else {
        panic!("{stamps:?}");
    };
    assert!(until.milliseconds() > 0, "{stamps:?}");
    let refused = dispose(&mut other, others, &[*lock], "completed", |writer| {
        put_session(writer, "mine");
    });
    assert_lost(&refused);
    let done = dispose(&mut peer, links, &[*lock], "completed", |writer| {
        put_session(writer, "mine");
    });
    assert_eq!(done.status, 200, "{done:?}");
}

#[test]
fn a_request_may_name_the_link_that_holds_the_session_instead() {
    let (_emulator, mut peer, links) = with_a_deferred_message();
    let mut ask = |link: &str| {
        let properties = [("operation", RECEIVE), ("associated-link-name", link)];
        let payload = crate::peer::request(
            |writer| writer.put_uint(1),
            Some("answers"),
            &properties,
            |writer| {
                writer.put_map(|writer| {
                    writer.put_string("receiver-settle-mode");
                    writer.put_uint(1);
                    put_numbers(writer, &[1]);
                });
            },
        );
        peer.ask(links, &payload)
    };
    assert_lost(&ask("another link"));
    let answer = ask("receiver of orders");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(received(&answer)[0].1.text(), "x");
}

#[test]
fn a_deferred_message_stays_deferred_when_its_session_is_lost() {
    let (emulator, mut peer, links) = with_a_deferred_message();
    assert_eq!(receive_deferred(&mut peer, links, "mine").status, 200);
    emulator.advance(LOCK);
    holder(&mut peer, "mine", 1);
    let answer = receive_deferred(&mut peer, links, "mine");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(received(&answer)[0].1.delivery_count(), 2);
}

#[test]
fn a_peek_may_be_of_one_session() {
    let (_emulator, mut peer) = setup();
    let intake = peer.sender("orders").unwrap();
    for (session, body) in [("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")] {
        peer.send(intake, &text_of(session, body));
    }
    let links = management(&mut peer);
    let mut peek = |session: Option<&str>, from| {
        let answer = peer.manage(links, PEEK, |writer| {
            writer.put_string("from-sequence-number");
            writer.put_long(from);
            writer.put_string("message-count");
            writer.put_int(2);
            if let Some(session) = session {
                put_session(writer, session);
            }
        });
        match answer.status {
            204 => Vec::new(),
            _ => peeked(&answer).iter().map(Arrived::text).collect(),
        }
    };
    assert_eq!(peek(None, 1), ["1", "2"]);
    assert_eq!(peek(Some("a"), 1), ["1", "3"]);
    assert_eq!(peek(Some("a"), 4), ["4"]);
    assert_eq!(peek(Some("b"), 3), [""; 0]);
    assert_eq!(peek(Some("c"), 1), [""; 0]);
}
