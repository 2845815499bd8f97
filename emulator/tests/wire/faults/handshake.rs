//! Connections that do not come about.

use servicebus_amqp::{Cause, ConnectionOptions};
use servicebus_emulator::Fault;

use super::{assert_condition, assert_hits, inject, setup};
use crate::peer::Peer;

#[test]
fn a_refused_sasl_exchange_ends_the_connection() {
    let (emulator, _peer) = setup();
    let fault = inject(&emulator, Fault::refuse_sasl().times(1));
    let cause = Peer::begun(&emulator, ConnectionOptions::default()).closed();
    assert!(matches!(cause, Cause::Sasl(_)), "{cause:?}");
    assert_hits(&emulator, fault, 1);
    // Whoever tries again gets in.
    Peer::connect(&emulator);
}

#[test]
fn a_refused_open_is_closed_with_its_condition() {
    let (emulator, _peer) = setup();
    let fault = inject(&emulator, Fault::refuse_open("amqp:connection:forced"));
    let cause = Peer::begun(&emulator, ConnectionOptions::default()).closed();
    assert!(matches!(cause, Cause::Close(_)), "{cause:?}");
    assert_condition(cause.error().expect("a reason"), "ConnectionForced");
    assert_hits(&emulator, fault, 1);
    assert!(emulator.clear(fault), "it was set");
    Peer::connect(&emulator);
}

#[test]
fn a_connection_is_told_by_its_number() {
    let (emulator, _first) = setup();
    let fault = Fault::refuse_open("amqp:connection:forced").connection(3);
    let fault = inject(&emulator, fault);
    let _second = Peer::connect(&emulator);
    let cause = Peer::begun(&emulator, ConnectionOptions::default()).closed();
    assert!(matches!(cause, Cause::Close(_)), "{cause:?}");
    let _fourth = Peer::connect(&emulator);
    assert_hits(&emulator, fault, 1);
}
