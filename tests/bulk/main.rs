//! Many messages in one call, through the public interface and against the emulator.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod heap;
mod settle;
mod settle_failures;
