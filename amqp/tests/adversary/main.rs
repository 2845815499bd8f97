//! A peer that writes its own frames, against both roles: whatever it sends ends in an error with the
//! right condition or in a wait, never in a panic, a hang or a lost report.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what does not happen as told ends the test"
)]

#[path = "../pair/mod.rs"]
mod pair;
mod raw_peer;
#[path = "../samples/mod.rs"]
mod samples;

mod crossing_ends;
mod cut_streams;
mod deliveries;
mod dispositions;
mod framing;
mod handshake;
mod limits;
mod link_flow;
mod links;
mod sessions;
mod silence;
