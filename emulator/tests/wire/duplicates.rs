//! Duplicate detection, as senders and receivers see it.

use std::time::Duration;

use servicebus_amqp::descriptor::PROPERTIES;
use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::writer::Writer;
use servicebus_emulator::{Emulator, QueueOptions};
use uuid::Uuid;

use crate::messages::{batch, composite, text, Arrived, BATCH};
use crate::operations::{numbers, schedule};
use crate::peer::Peer;

/// Shorter than a lock.
const WINDOW: Duration = Duration::from_secs(30);

fn setup() -> (Emulator, Peer) {
    let options = QueueOptions::new().duplicate_detection(WINDOW);
    let emulator = Emulator::builder()
        .queue_with("orders", options)
        .start()
        .unwrap();
    emulator.freeze();
    let peer = Peer::authorized(&emulator, &["orders"]);
    (emulator, peer)
}

fn message(body: &str, put_id: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut message = composite(PROPERTIES, put_id);
    message.extend(text(body));
    message
}

fn identified(body: &str, id: &str) -> Vec<u8> {
    message(body, |writer| writer.put_string(id))
}

#[test]
fn a_duplicate_is_accepted_and_not_delivered() {
    let (emulator, mut peer) = setup();
    let sender = peer.sender("orders").unwrap();
    for (body, id) in [("a", "1"), ("b", "1"), ("c", "2")] {
        peer.send(sender, &identified(body, id));
    }
    let receiver = peer.receiver("orders", 10);
    for (body, number) in [("a", 1), ("c", 2)] {
        let arrived = Arrived::new(&peer.receive(receiver));
        assert_eq!(
            (arrived.text(), arrived.sequence_number()),
            (body.to_owned(), number)
        );
    }
    assert!(peer.receives_nothing(receiver));
    emulator.advance(WINDOW);
    peer.send(sender, &identified("d", "1"));
    assert_eq!(Arrived::new(&peer.receive(receiver)).text(), "d");
}

#[test]
fn an_id_is_the_same_in_every_type() {
    let (emulator, mut peer) = setup();
    let sender = peer.sender("orders").unwrap();
    let id = Uuid::new_v4();
    peer.send(
        sender,
        &message("a", |writer| writer.put_uuid(id.into_bytes())),
    );
    peer.send(sender, &identified("b", &id.to_string()));
    peer.send(sender, &message("c", |writer| writer.put_ulong(7)));
    peer.send(sender, &identified("d", "7"));
    peer.send(sender, &message("e", |writer| writer.put_binary(b"7")));
    assert_eq!(emulator.counts("orders").unwrap().active, 2);
}

#[test]
fn duplicates_are_dropped_from_batches_and_schedules() {
    let (emulator, mut peer) = setup();
    let sender = peer.sender("orders").unwrap();
    let messages = [("a", "1"), ("b", "1"), ("c", "2")].map(|(body, id)| identified(body, id));
    let state = peer.send_as(sender, BATCH, &batch(&messages));
    assert!(matches!(state, DeliveryState::Accepted(_)), "{state:?}");
    assert_eq!(emulator.counts("orders").unwrap().active, 2);
    let links = peer.request_links("orders/$management", "answers");
    let answer = schedule(
        &mut peer,
        links,
        &[identified("d", "2"), identified("e", "3")],
    );
    assert_eq!(numbers(&answer), [0, 3]);
    assert_eq!(emulator.counts("orders").unwrap().active, 3);
}
