//! The emulator as a client sees it on the wire.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in what it calls as well"
)]

mod abuse;
mod attaching;
mod config;
mod deferring;
mod deleting;
mod duplicates;
mod expiring;
mod faults;
mod forwarding;
mod http;
mod idle;
mod managing;
mod messages;
mod operations;
mod peer;
mod receiving;
mod record;
mod rules;
mod scheduling;
mod sending;
mod sessions;
mod settling;
mod stealing;
mod time;
mod tls;
mod tokens;
mod topics;
mod transactions;
