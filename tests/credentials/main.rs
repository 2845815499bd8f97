//! What the client proves its rights with, through its public interface and against the emulator.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod namespace;
mod orders;
mod renewal;
mod renewal_faults;
mod rotation;
mod sas_token;
mod token_credential;
