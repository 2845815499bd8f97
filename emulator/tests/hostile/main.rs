//! Clients that take and never give, each against an emulator of its own: what it costs is bounded by a
//! stated figure, and another client works as if they were not there.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in what it calls as well"
)]

mod client;
mod congestion;
mod hoarding;
#[path = "../wire/peer/sas.rs"]
mod sas;
mod silence;
mod unfinished;
mod victim;
