//! The emulator's HTTP port as a client sees it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in what it calls as well"
)]

mod abuse;
mod authorization;
mod exchange;
mod queues;
#[path = "../wire/peer/tokens.rs"]
mod tokens;
