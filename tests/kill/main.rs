//! The peer goes away at every stage of every kind of call, in every way. No call outlives its deadline; its verdict
//! agrees with what the broker did, and "unknown" is said only where the broker's answer was withheld; no message is
//! lost; and the next calls work again.
//!
//! The broker is a script on the server side of the endpoint, so that it can stop at a chosen frame.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what surprises a test ends it"
)]

mod asking;
mod broker;
mod case;
mod cases;
mod closing;
mod peer;
mod script;
mod table;
mod wire;

use script::Stage;
use table::check;

/// Everything that comes before a link is attached.
const CONNECTING: [Stage; 5] = [
    Stage::Sasl,
    Stage::Open,
    Stage::Begin,
    Stage::Cbs,
    Stage::Attach,
];

#[test]
fn opening_a_sender() {
    check(&CONNECTING, cases::open_sender);
}

#[test]
fn opening_a_receiver() {
    check(&CONNECTING, cases::open_receiver);
}

#[test]
fn sending() {
    check(&[Stage::Credit, Stage::Transfer], cases::send);
}

#[test]
fn sending_on_a_new_connection() {
    check(&CONNECTING, cases::send_anew);
}

#[test]
fn receiving() {
    check(&[Stage::Waiting, Stage::Receiving], cases::receive);
}

#[test]
fn receiving_and_deleting() {
    check(&[Stage::Receiving], cases::receive_and_delete);
}

#[test]
fn receiving_on_a_new_connection() {
    check(&CONNECTING, cases::receive_anew);
}

#[test]
fn closing_while_receiving() {
    check(&[Stage::Waiting], closing::receive);
}

#[test]
fn closing_while_sending() {
    check(&[Stage::Credit, Stage::Transfer], closing::send);
}

#[test]
fn closing_while_settling() {
    check(&[Stage::Settling, Stage::Settled], closing::settle);
}

#[test]
fn settling() {
    check(&[Stage::Settling, Stage::Settled], cases::settle);
}

#[test]
fn settling_on_a_new_connection() {
    check(&asking(), cases::settle_anew);
}

/// Everything that comes before a request is answered.
fn asking() -> Vec<Stage> {
    [&CONNECTING[..], &[Stage::RequestCredit, Stage::Request]].concat()
}

#[test]
fn deleting_on_a_new_connection() {
    check(&asking(), asking::delete);
}

#[test]
fn receiving_deferred_messages_on_a_new_connection() {
    check(&asking(), asking::receive_deferred);
}

#[test]
fn peeking_at_all_on_a_new_connection() {
    check(&asking(), asking::peek_all);
}
