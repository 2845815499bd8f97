//! `com.microsoft:get-message-sessions`

use serde_amqp::Value;
use servicebus_emulator::Emulator;

use super::{detach, holder, send, setup, LOCK};
use crate::messages::{entry, Arrived};
use crate::peer::{Answer, Peer, RequestLinks};

const LIST: &str = "com.microsoft:get-message-sessions";
const SET_STATE: &str = "com.microsoft:set-session-state";

/// What .NET and Python send for "whatever the time".
const ANY_TIME: i64 = 253_402_300_800_000;

fn list(peer: &mut Peer, links: RequestLinks, since: i64, skip: i32, top: i32) -> Answer {
    peer.manage(links, LIST, |writer| {
        writer.put_string("last-updated-time");
        writer.put_timestamp(since);
        writer.put_string("skip");
        writer.put_int(skip);
        writer.put_string("top");
        writer.put_int(top);
    })
}

fn ids(answer: &Answer) -> Vec<String> {
    let Value::Array(ids) = answer.entry("sessions-ids") else {
        panic!("no array: {answer:?}");
    };
    let id = |id: Value| match id {
        Value::String(id) => id,
        other => panic!("no string: {other:?}"),
    };
    ids.0.into_iter().map(id).collect()
}

fn assert_none(answer: &Answer) {
    let condition = answer.condition.as_deref();
    let expected = (204, Some("com.microsoft:session-not-found"));
    assert_eq!((answer.status, condition), expected, "{answer:?}");
}

fn links(peer: &mut Peer) -> RequestLinks {
    peer.request_links("orders/$management", "answers")
}

fn set_state(peer: &mut Peer, links: RequestLinks, session: &str) {
    let answer = peer.manage(links, SET_STATE, |writer| {
        writer.put_string("session-id");
        writer.put_string(session);
        writer.put_string("session-state");
        writer.put_binary(b"x");
    });
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn sessions_are_listed_page_by_page() {
    let (_emulator, mut peer) = setup();
    let links = links(&mut peer);
    assert_none(&list(&mut peer, links, ANY_TIME, 0, 100));
    for session in ["c", "a", "", "b", "e", "d"] {
        send(&mut peer, session, &["x", "y"]);
    }
    let mut seen = Vec::new();
    for skip in [0, 4] {
        let answer = list(&mut peer, links, ANY_TIME, skip, 4);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.entry("skip"), Value::Int(skip));
        seen.push(ids(&answer));
    }
    assert_eq!(seen, [vec!["", "a", "b", "c"], vec!["d", "e"]]);
    assert_none(&list(&mut peer, links, ANY_TIME, 6, 4));
}

#[test]
fn sessions_are_listed_by_the_time_of_their_state() {
    let (emulator, mut peer) = setup();
    let links = links(&mut peer);
    send(&mut peer, "only messages", &["x"]);
    let link = holder(&mut peer, "only messages", 1);
    let stamps = Arrived::new(&peer.receive(link)).message_annotations();
    let Value::Timestamp(start) = entry(&stamps, "x-opt-enqueued-time") else {
        panic!("{stamps:?}");
    };
    detach(&mut peer, link);
    for session in ["early", "late"] {
        let link = holder(&mut peer, session, 0);
        set_state(&mut peer, links, session);
        detach(&mut peer, link);
        emulator.advance(LOCK);
    }
    let start = start.milliseconds();
    let since = |peer: &mut Peer, time| list(peer, links, time, 0, 100);
    assert_eq!(ids(&since(&mut peer, start - 1)), ["early", "late"]);
    assert_eq!(ids(&since(&mut peer, start)), ["late"]);
    assert_none(&since(&mut peer, start + 60_000));
    let all = since(&mut peer, ANY_TIME);
    assert_eq!(ids(&all), ["early", "late", "only messages"]);
}

#[test]
fn requests_without_their_arguments_are_refused() {
    let (_emulator, mut peer) = setup();
    let links = links(&mut peer);
    let answer = peer.manage(links, LIST, |writer| {
        writer.put_string("skip");
        writer.put_int(0);
    });
    assert_eq!(answer.status, 400, "{answer:?}");
    for (skip, top) in [(-1, 1), (0, -1)] {
        let answer = list(&mut peer, links, ANY_TIME, skip, top);
        let condition = answer.condition.as_deref();
        let expected = (400, Some("com.microsoft:argument-error"));
        assert_eq!((answer.status, condition), expected, "{skip} {top}");
    }
}

#[test]
fn an_entity_without_sessions_has_none_to_list() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let links = links(&mut peer);
    let answer = list(&mut peer, links, ANY_TIME, 0, 100);
    let condition = answer.condition.as_deref();
    assert_eq!((answer.status, condition), (400, Some("amqp:not-allowed")));
}
