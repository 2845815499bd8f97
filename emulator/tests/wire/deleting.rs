//! Deleting messages by request, without receiving them.

use std::time::Duration;

use serde_amqp::Value;
use servicebus_amqp::writer::Writer;
use servicebus_emulator::Emulator;

use crate::messages::{entry, text};
use crate::operations::{peek, peeked};
use crate::peer::{Answer, Peer, RequestLinks};

const DELETE: &str = "com.microsoft:batch-delete-messages";

fn delete(peer: &mut Peer, links: RequestLinks, count: i32, before: i64) -> Answer {
    peer.manage(links, DELETE, |writer| {
        writer.put_string("message-count");
        writer.put_int(count);
        writer.put_string("enqueued-time-utc");
        writer.put_timestamp(before);
    })
}

/// An emulator with four messages a second apart, and the instant at which each was enqueued.
fn setup() -> (Emulator, Peer, RequestLinks, Vec<i64>) {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    emulator.freeze();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let link = peer.sender("orders").unwrap();
    for body in ["a", "b", "c", "d"] {
        peer.send(link, &text(body));
        emulator.advance(Duration::from_secs(1));
    }
    let links = peer.request_links("orders/$management", "answers");
    let times = peeked(&peek(&mut peer, links, 1, 4))
        .iter()
        .map(|message| {
            let stamps = message.message_annotations();
            match entry(&stamps, "x-opt-enqueued-time") {
                Value::Timestamp(time) => time.milliseconds(),
                other => panic!("no timestamp: {other:?}"),
            }
        })
        .collect();
    (emulator, peer, links, times)
}

#[test]
fn messages_enqueued_before_an_instant_are_deleted_and_counted() {
    let (emulator, mut peer, links, times) = setup();
    let receiver = peer.receiver("orders", 1);
    peer.receive(receiver);
    let answer = delete(&mut peer, links, 100, times[3]);
    assert_eq!((answer.status, answer.condition.as_deref()), (200, None));
    assert_eq!(answer.entry("message-count"), Value::Int(2));
    let counts = emulator.counts("orders").unwrap();
    assert_eq!((counts.active, counts.locked), (1, 1));
}

#[test]
fn nothing_to_delete_is_no_error() {
    let (emulator, mut peer, links, times) = setup();
    let answer = delete(&mut peer, links, 100, times[0]);
    assert_eq!((answer.status, answer.condition.as_deref()), (204, None));
    assert_eq!(emulator.counts("orders").unwrap().active, 4);
}

#[test]
fn arguments_out_of_range_delete_nothing() {
    let (emulator, mut peer, links, times) = setup();
    let later = times[3] + 1;
    for count in [0, -1, 4_001] {
        let answer = delete(&mut peer, links, count, later);
        let condition = answer.condition.as_deref();
        let expected = (400, Some("com.microsoft:argument-out-of-range"));
        assert_eq!((answer.status, condition), expected, "{count}");
    }
    let no_instant = |writer: &mut Writer<'_>| {
        writer.put_string("message-count");
        writer.put_int(1);
    };
    let answer = peer.manage(links, DELETE, no_instant);
    let condition = answer.condition.as_deref();
    let expected = (400, Some("com.microsoft:argument-error"));
    assert_eq!((answer.status, condition), expected);
    assert_eq!(emulator.counts("orders").unwrap().active, 4);
}
