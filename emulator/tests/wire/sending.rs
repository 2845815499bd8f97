//! What happens to messages that a client sends.

use serde_bytes::ByteBuf;
use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::Handle;
use servicebus_amqp::types::messaging::{DeliveryState, Rejected};
use servicebus_amqp::types::performatives::Transfer;
use servicebus_amqp::{Event, LinkId};
use servicebus_emulator::Emulator;

use crate::messages::{batch, text, Arrived, BATCH};
use crate::peer::Peer;

fn setup() -> (Emulator, Peer) {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let peer = Peer::authorized(&emulator, &["orders"]);
    (emulator, peer)
}

fn granted(link: LinkId, event: &Event) -> Option<()> {
    matches!(event, Event::Flow { link: on, .. } if *on == link).then_some(())
}

fn transfer(handle: Handle) -> Transfer {
    Transfer {
        handle,
        delivery_id: None,
        delivery_tag: None,
        message_format: None,
        settled: None,
        more: false,
        rcv_settle_mode: None,
        state: None,
        resume: false,
        aborted: false,
        batchable: false,
    }
}

fn refusal(state: DeliveryState) -> String {
    match state {
        DeliveryState::Rejected(Rejected { error: Some(error) }) => {
            format!("{:?} {:?}", error.condition, error.description)
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_batch_becomes_messages_of_its_own() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    let envelope = batch(&[text("a"), text("b"), text("c")]);
    let state = peer.send_as(link, BATCH, &envelope);
    assert!(matches!(state, DeliveryState::Accepted(_)), "{state:?}");
    assert_eq!(emulator.counts("orders").unwrap().active, 3);
    let link = peer.receiver("orders", 3);
    for (number, body) in (1..).zip(["a", "b", "c"]) {
        let message = Arrived::new(&peer.receive(link));
        assert_eq!(
            (message.sequence_number(), message.text()),
            (number, body.to_owned())
        );
    }
}

#[test]
fn a_batch_with_one_bad_message_is_refused_as_a_whole() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    for envelope in [
        batch(&[text("good"), b"\xff\xff".to_vec()]),
        text("no batch inside"),
    ] {
        let refusal = refusal(peer.send_as(link, BATCH, &envelope));
        assert!(refusal.contains("DecodeError"), "{refusal}");
    }
    assert_eq!(emulator.counts("orders").unwrap().active, 0);
}

#[test]
fn what_is_no_message_is_refused_and_the_link_lives() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    for payload in [
        &b"\x00"[..],
        b"\x00\x53\x75",
        b"\x40",
        b"\x00\x53\x74\x45",
        b"plain text",
    ] {
        let refusal = refusal(peer.send_as(link, 0, payload));
        assert!(refusal.contains("DecodeError"), "{payload:?}: {refusal}");
    }
    peer.send(link, &text("fine"));
    assert_eq!(emulator.counts("orders").unwrap().active, 1);
}

#[test]
fn a_message_over_the_limit_is_not_taken() {
    let (emulator, mut peer) = setup();
    // Ids and handles of a session of its own can be told beforehand.
    peer.begin();
    let link = peer.sender("orders").unwrap();
    let limit = 262_144;
    let fits = text(&"x".repeat(limit - 8));
    assert_eq!(fits.len(), limit);
    peer.send(link, &fits);
    while !peer.is_silent(|event| granted(link, event)) {}
    let too_long = text(&"x".repeat(limit - 7));
    let mut transfer = Transfer {
        delivery_id: Some(1),
        delivery_tag: Some(ByteBuf::from(b"tag".to_vec())),
        message_format: Some(0),
        settled: Some(false),
        more: true,
        ..transfer(Handle(0))
    };
    for chunk in too_long.chunks(60_000) {
        transfer.more = chunk.len() == 60_000;
        peer.write_frame(1, &Performative::Transfer(transfer.clone()), chunk);
    }
    // The verdict is on a delivery that the peer's endpoint knows nothing of; the credit is told again.
    peer.wait("credit", |event| granted(link, event));
    assert_eq!(emulator.counts("orders").unwrap().active, 1);
}

#[test]
fn credit_is_restored_for_as_long_as_a_client_sends() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    let numbers: Vec<_> = (0..3_000)
        .map(|_| peer.transfer(link, 0, &text("x")))
        .collect();
    for number in numbers {
        peer.wait("verdict", |event| match event {
            Event::Disposition { id, .. } => (*id == number).then_some(()),
            _ => None,
        });
    }
    assert_eq!(emulator.counts("orders").unwrap().active, 3_000);
}

#[test]
fn a_settled_delivery_gets_no_answer() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    peer.transfer_settled(link, &text("quiet"));
    peer.send(link, &text("loud"));
    assert!(peer.is_silent(|event| matches!(event, Event::Disposition { .. }).then_some(())));
    assert_eq!(emulator.counts("orders").unwrap().active, 2);
}
