//! Many messages in one call, through the public interface and against the emulator.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod heap;
mod send_all;
mod send_failures;
mod settle;
mod settle_failures;
mod submit;
