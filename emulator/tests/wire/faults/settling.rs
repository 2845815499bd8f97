//! What becomes of verdicts.

use servicebus_amqp::types::messaging::{Accepted, DeliveryState};
use servicebus_amqp::{Delivery, Event, LinkId};
use servicebus_emulator::{Emulator, Fault};

use super::{assert_condition, assert_hits, inject, rejection, setup, MINUTE};
use crate::messages::text;
use crate::peer::Peer;

const ACCEPTED: DeliveryState = DeliveryState::Accepted(Accepted {});

/// A peer that has received a message.
fn received() -> (Emulator, Peer, LinkId, Delivery) {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("a"));
    let link = peer.receiver("orders", 1);
    let delivery = peer.receive(link);
    (emulator, peer, link, delivery)
}

fn left(emulator: &Emulator) -> usize {
    let counts = emulator.counts("orders").unwrap();
    counts.active + counts.locked
}

#[test]
fn a_refused_verdict_leaves_the_message_locked() {
    let (emulator, mut peer, link, delivery) = received();
    let fault = Fault::refuse_settlement("com.microsoft:message-lock-lost");
    let fault = inject(&emulator, fault.entity("orders").receivers());
    let error = rejection(peer.settle(link, &delivery, ACCEPTED));
    assert_condition(&error, "com.microsoft:message-lock-lost");
    assert_eq!(emulator.counts("orders").unwrap().locked, 1);
    assert_hits(&emulator, fault, 1);
}

#[test]
fn a_delayed_confirmation_comes_when_its_time_has_come() {
    let (emulator, mut peer, link, delivery) = received();
    let fault = inject(&emulator, Fault::delay_settlement(MINUTE));
    let told = |event: &Event| matches!(event, Event::Disposition { .. }).then_some(());
    peer.connection
        .dispose(link, delivery.id, Some(ACCEPTED), false);
    assert!(peer.is_silent(told), "{:#?}", emulator.journal());
    assert_eq!(left(&emulator), 0, "it was carried out");
    assert_hits(&emulator, fault, 1);
    emulator.advance_transport(MINUTE);
    peer.wait("confirmation", told);
}

#[test]
fn a_dropped_confirmation_never_comes_although_the_verdict_counts() {
    let (emulator, mut peer, link, delivery) = received();
    let fault = inject(
        &emulator,
        Fault::drop_settlement().link("receiver of orders"),
    );
    let told = |event: &Event| matches!(event, Event::Disposition { .. }).then_some(());
    peer.connection
        .dispose(link, delivery.id, Some(ACCEPTED), false);
    assert!(peer.is_silent(told), "{:#?}", emulator.journal());
    assert_eq!(left(&emulator), 0, "it was carried out");
    assert_hits(&emulator, fault, 1);
}
