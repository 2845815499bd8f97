//! What the client does over TLS, through its public interface and against the emulator.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod certificates;
mod client_certificate;
mod files;
mod network;
mod place;
mod secured;
mod trust;
