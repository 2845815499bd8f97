//! What the client lets others see of it, through its public interface and against the emulator.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod connection_events;
mod identifiers;
mod orders;
#[cfg(unix)]
mod ready_fd;
mod stats;
mod trace_context;
