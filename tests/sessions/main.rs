//! What the client does with sessions, through its public interface and against the emulator.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod accept;
mod desk;
mod listing;
mod loss;
mod order;
mod state;
