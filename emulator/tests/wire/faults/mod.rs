//! Scripted faults, as a client sees them.

mod certificates;
mod counting;
mod endings;
mod handshake;
mod links;
mod requests;
mod sending;
mod settling;
mod streams;
mod tokens;

use std::time::Duration;

use servicebus_amqp::types::definitions::Error;
use servicebus_amqp::types::messaging::{DeliveryState, Rejected};
use servicebus_emulator::{Emulator, Fault, FaultId};

use crate::peer::Peer;

/// Longer than any test takes, so that only a clock that is moved gets there.
const MINUTE: Duration = Duration::from_secs(60);

const BUSY: &str = "com.microsoft:server-busy";

fn setup() -> (Emulator, Peer) {
    let emulator = Emulator::builder().queue("orders").queue("bills");
    let emulator = emulator.start().unwrap();
    let peer = Peer::authorized(&emulator, &["orders", "bills"]);
    (emulator, peer)
}

fn inject(emulator: &Emulator, fault: Fault) -> FaultId {
    emulator.inject(fault).expect("the fault makes sense")
}

#[track_caller]
fn assert_condition(error: &Error, expected: &str) {
    let shown = format!("{:?}", error.condition);
    assert!(shown.contains(expected), "{error:?} is not {expected}");
    let text = error.description.as_deref().unwrap_or_default();
    assert!(text.contains("TrackingId:"), "{error:?}");
}

#[track_caller]
fn assert_hits(emulator: &Emulator, fault: FaultId, expected: u64) {
    let hits = emulator.hits(fault);
    let journal = emulator.journal();
    assert_eq!(hits, Some(expected), "{journal:#?}");
}

#[track_caller]
fn rejection(state: DeliveryState) -> Error {
    match state {
        DeliveryState::Rejected(Rejected { error: Some(error) }) => error,
        other => panic!("not refused: {other:?}"),
    }
}
