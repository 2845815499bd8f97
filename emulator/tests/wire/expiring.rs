//! Messages with a time to live, as their readers see it.

use std::time::Duration;

use serde_amqp::Value;
use servicebus_amqp::descriptor::{HEADER, PROPERTIES};
use servicebus_emulator::{Emulator, QueueOptions};

use crate::messages::{composite, entry, text, Arrived};
use crate::operations::{peek, peeked};
use crate::peer::Peer;

/// The place of `absolute-expiry-time` in the properties (AMQP 1.0, 3.2.4).
const ABSOLUTE_EXPIRY: usize = 8;

fn setup(options: QueueOptions) -> (Emulator, Peer) {
    let emulator = Emulator::builder()
        .queue_with("orders", options)
        .start()
        .unwrap();
    emulator.freeze();
    let peer = Peer::authorized(&emulator, &["orders"]);
    (emulator, peer)
}

/// A message that lives so many milliseconds.
fn mortal(body: &str, life: u32) -> Vec<u8> {
    mortal_until(body, life, None)
}

/// A message that lives so many milliseconds, and says when it expires.
fn mortal_until(body: &str, life: u32, until: Option<i64>) -> Vec<u8> {
    let mut message = composite(HEADER, |writer| {
        writer.put_null();
        writer.put_null();
        writer.put_uint(life);
    });
    message.extend(composite(PROPERTIES, |writer| {
        for _ in 0..ABSOLUTE_EXPIRY {
            writer.put_null();
        }
        match until {
            Some(until) => writer.put_timestamp(until),
            None => writer.put_null(),
        }
        writer.put_timestamp(2);
    }));
    message.extend(text(body));
    message
}

fn time(value: &Value) -> i64 {
    match value {
        Value::Timestamp(time) => time.milliseconds(),
        other => panic!("no timestamp: {other:?}"),
    }
}

/// The time to live in the header, and the life that the stamps tell.
fn lives(message: &Arrived) -> (Value, i64) {
    let enqueued = time(&entry(
        &message.message_annotations(),
        "x-opt-enqueued-time",
    ));
    let expires = time(&message.properties()[ABSOLUTE_EXPIRY]);
    (message.header()[2].clone(), expires - enqueued)
}

#[test]
fn a_message_tells_the_life_that_the_queue_grants_it() {
    let options = QueueOptions::new().default_message_time_to_live(Duration::from_secs(60));
    let (_emulator, mut peer) = setup(options);
    let sender = peer.sender("orders").unwrap();
    for message in [
        mortal("short", 1_000),
        mortal("long", 3_600_000),
        text("unsaid"),
    ] {
        peer.send(sender, &message);
    }
    let links = peer.request_links("orders/$management", "answers");
    let messages = peeked(&peek(&mut peer, links, 1, 3));
    let receiver = peer.receiver("orders", 3);
    for (seen, life) in messages.iter().zip([1_000, 60_000, 60_000]) {
        let arrived = Arrived::new(&peer.receive(receiver));
        for message in [seen, &arrived] {
            assert_eq!(lives(message), (Value::Uint(life), life.into()));
        }
    }
}

#[test]
fn the_senders_instant_of_expiry_stays_unless_the_queue_grants_less() {
    let options = QueueOptions::new().default_message_time_to_live(Duration::from_secs(60));
    let (_emulator, mut peer) = setup(options);
    let sender = peer.sender("orders").unwrap();
    for life in [1_000, 3_600_000] {
        peer.send(sender, &mortal_until("a", life, Some(1)));
    }
    let receiver = peer.receiver("orders", 2);
    let kept = Arrived::new(&peer.receive(receiver));
    assert_eq!(time(&kept.properties()[ABSOLUTE_EXPIRY]), 1);
    assert_eq!(kept.header()[2], Value::Uint(1_000));
    let shortened = Arrived::new(&peer.receive(receiver));
    assert_eq!(lives(&shortened), (Value::Uint(60_000), 60_000));
}

#[test]
fn the_rest_of_the_properties_is_as_it_was_sent() {
    let (_emulator, mut peer) = setup(QueueOptions::new());
    let sender = peer.sender("orders").unwrap();
    peer.send(sender, &mortal("a", 1_000));
    let receiver = peer.receiver("orders", 1);
    let properties = Arrived::new(&peer.receive(receiver)).properties();
    assert_eq!(properties.len(), ABSOLUTE_EXPIRY + 2, "{properties:?}");
    assert_eq!(time(&properties[ABSOLUTE_EXPIRY + 1]), 2);
    assert!(properties[1..ABSOLUTE_EXPIRY]
        .iter()
        .all(|field| *field == Value::Null));
}

#[test]
fn a_message_without_an_end_tells_none() {
    let (_emulator, mut peer) = setup(QueueOptions::new());
    let sender = peer.sender("orders").unwrap();
    peer.send(sender, &text("a"));
    let receiver = peer.receiver("orders", 1);
    let message = Arrived::new(&peer.receive(receiver));
    assert_eq!(message.header()[2], Value::Null);
    assert!(message.properties().len() <= ABSOLUTE_EXPIRY);
}

#[test]
fn an_expired_message_is_found_in_the_dead_letter_queue_with_the_reason() {
    let options = QueueOptions::new().dead_lettering_on_message_expiration(true);
    let (emulator, mut peer) = setup(options);
    let sender = peer.sender("orders").unwrap();
    peer.send(sender, &mortal("a", 15_000));
    let receiver = peer.receiver("orders", 0);
    emulator.advance(Duration::from_secs(15));
    peer.connection.set_credit(receiver, 1);
    assert!(peer.receives_nothing(receiver));
    let dead = peer.receiver("orders/$DeadLetterQueue", 1);
    let message = Arrived::new(&peer.receive(dead));
    let properties = message.application_properties();
    let text = |text: &str| Value::String(text.to_owned());
    assert_eq!(
        entry(&properties, "DeadLetterReason"),
        text("TTLExpiredException")
    );
    assert_eq!(
        entry(&properties, "DeadLetterErrorDescription"),
        text("The message expired and was dead lettered.")
    );
    assert_eq!(message.delivery_count(), 0);
}

#[test]
fn an_expired_message_is_gone_where_the_queue_keeps_none() {
    let (emulator, mut peer) = setup(QueueOptions::new());
    let sender = peer.sender("orders").unwrap();
    peer.send(sender, &mortal("a", 15_000));
    emulator.advance(Duration::from_secs(15));
    let counts = emulator.counts("orders").unwrap();
    assert_eq!((counts.active, counts.dead_lettered), (0, 0));
}
