//! What becomes of messages that a client sends.

use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::Event;
use servicebus_emulator::{Emulator, Fault};

use super::{assert_condition, assert_hits, inject, rejection, setup, BUSY, MINUTE};
use crate::messages::text;

fn active(emulator: &Emulator) -> usize {
    emulator.counts("orders").unwrap().active
}

#[test]
fn rejected_messages_are_not_stored_and_the_link_lives() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    for (condition, shown) in [
        (BUSY, BUSY),
        ("amqp:resource-limit-exceeded", "ResourceLimitExceeded"),
        ("com.microsoft:timeout", "com.microsoft:timeout"),
        ("acme:made-up", "acme:made-up"),
    ] {
        let fault = inject(&emulator, Fault::reject_message(condition).times(1));
        let error = rejection(peer.send_as(link, 0, &text("a")));
        assert_condition(&error, shown);
        assert_hits(&emulator, fault, 1);
        assert_eq!(active(&emulator), 0, "{condition}");
    }
    peer.send(link, &text("a"));
    assert_eq!(active(&emulator), 1);
}

#[test]
fn a_busy_service_says_how_long_to_wait() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    inject(&emulator, Fault::reject_message(BUSY));
    let error = rejection(peer.send_as(link, 0, &text("a")));
    let text = error.description.unwrap();
    assert!(text.contains("Please wait 2 seconds"), "{text}");
}

#[test]
fn a_delayed_outcome_comes_when_its_time_has_come() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    let fault = inject(&emulator, Fault::delay_outcome(MINUTE).times(1));
    let late = peer.transfer(link, 0, &text("late"));
    // The outcome of the next overtakes it.
    peer.send(link, &text("prompt"));
    assert_eq!(active(&emulator), 2, "both are stored");
    assert_hits(&emulator, fault, 1);
    let told = |event: &Event| match event {
        Event::Disposition { id, state, .. } if *id == late => state.clone(),
        _ => None,
    };
    assert!(peer.is_silent(told), "{:#?}", emulator.journal());
    emulator.advance_transport(MINUTE);
    let state = peer.wait("verdict", told);
    assert!(matches!(state, DeliveryState::Accepted(_)), "{state:?}");
}

#[test]
fn a_dropped_outcome_never_comes_although_the_message_is_stored() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    let fault = inject(&emulator, Fault::drop_outcome().times(1));
    peer.transfer(link, 0, &text("a"));
    let told = |event: &Event| matches!(event, Event::Disposition { .. }).then_some(());
    assert!(peer.is_silent(told), "{:#?}", emulator.journal());
    assert_eq!(active(&emulator), 1);
    assert_hits(&emulator, fault, 1);
    peer.send(link, &text("b"));
}

#[test]
fn other_entities_do_not_notice() {
    let (emulator, mut peer) = setup();
    inject(&emulator, Fault::reject_message(BUSY).entity("orders"));
    let link = peer.sender("bills").unwrap();
    peer.send(link, &text("a"));
}
