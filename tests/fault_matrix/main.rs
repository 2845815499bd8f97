//! Every fault of the emulator meets every call of the client, each pair with an emulator and a client of its own. Each
//! call returns by its deadline and a grace, with success or one of the errors that the fault may lead to; what it says
//! is not contradicted by what the emulator counted; and once the fault is over, the same client does the same call.
//!
//! What the emulator cannot do, a peer that stops at a chosen frame, is in `tests/kill/`.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod call;
mod calls;
mod cell;
mod expectation;
mod fault_row;
mod faults;
mod grid;
mod heartbeat;
mod scene;

#[test]
fn every_call_survives_every_fault() {
    grid::check(faults::all(), calls::all());
}

/// The emulator's own list of what can go wrong.
const KINDS: &str = include_str!("../../emulator/src/fault/kinds.rs");

#[test]
fn the_table_has_every_fault_of_the_emulator() {
    let rows = faults::all();
    let constructors: Vec<&str> = KINDS
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub fn "))
        .filter_map(|line| line.split('(').next())
        .collect();
    assert!(!constructors.is_empty());
    for constructor in constructors {
        let name = constructor.replace('_', "-");
        assert!(
            rows.iter()
                .any(|row| row.name.split(' ').next() == Some(&name)),
            "no row for {name}"
        );
    }
}
