//! How often a fault acts, and which faults are no use.

use std::time::Duration;

use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_emulator::{Direction, Fault};

use super::{assert_hits, inject, setup, BUSY};
use crate::messages::text;
use crate::peer::Peer;

/// Which of ten messages are rejected.
fn rejected(peer: &mut Peer) -> Vec<bool> {
    let link = peer.sender("orders").unwrap();
    let state = |_| peer.send_as(link, 0, &text("a"));
    let states = (0..10).map(state);
    states
        .map(|state| matches!(state, DeliveryState::Rejected(_)))
        .collect()
}

#[test]
fn a_fault_lets_some_pass_and_acts_for_a_while() {
    let (emulator, mut peer) = setup();
    let fault = inject(&emulator, Fault::reject_message(BUSY).skip(2).times(3));
    let expected: Vec<bool> = (0..10).map(|number| (2..5).contains(&number)).collect();
    assert_eq!(rejected(&mut peer), expected);
    assert_hits(&emulator, fault, 3);
}

#[test]
fn chance_is_the_same_every_time() {
    let (emulator, mut peer) = setup();
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let fault = Fault::reject_message(BUSY).probability(0.5).seed(seed);
        let fault = inject(&emulator, fault);
        runs.push(rejected(&mut peer));
        emulator.clear(fault);
    }
    assert_eq!(runs[0], runs[1], "the same seed");
    assert_ne!(runs[0], runs[2], "another seed");
    assert!(
        runs[0].contains(&true) && runs[0].contains(&false),
        "{runs:?}"
    );
}

#[test]
fn the_first_of_two_faults_acts_until_it_is_used_up() {
    let (emulator, mut peer) = setup();
    let first = inject(&emulator, Fault::reject_message(BUSY).times(4));
    let second = inject(&emulator, Fault::reject_message("amqp:not-allowed"));
    assert_eq!(rejected(&mut peer), [true; 10]);
    assert_hits(&emulator, first, 4);
    assert_hits(&emulator, second, 6);
}

#[test]
fn a_cleared_fault_is_gone() {
    let (emulator, mut peer) = setup();
    let fault = inject(&emulator, Fault::reject_message(BUSY));
    assert!(emulator.clear(fault), "it was set");
    assert!(!emulator.clear(fault), "it is gone");
    assert_eq!(emulator.hits(fault), None);
    assert_eq!(rejected(&mut peer), [false; 10]);
}

#[test]
fn a_fault_that_names_what_it_cannot_know_is_refused() {
    let (emulator, _peer) = setup();
    for (fault, part) in [
        (Fault::refuse_sasl().entity("orders"), "entity"),
        (Fault::expire_tokens().link("x"), "link"),
        (Fault::refuse_token(401).senders(), "kind of link"),
        (Fault::drop_outcome().operation("x"), "operation"),
        (Fault::drop_outcome().probability(1.5), "probability"),
        (Fault::drop_outcome().probability(f64::NAN), "probability"),
        (Fault::cut_stream().frame_number(1), "frame"),
        (
            Fault::drop_frame().direction(Direction::Inbound),
            "direction",
        ),
        (Fault::stall_reads().times(1), "until it is cleared"),
        (
            Fault::delay_request(Duration::ZERO).after_deliveries(3),
            "deliveries",
        ),
    ] {
        let error = emulator.inject(fault).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
