//! Locks that are renewed in the background.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod arrival;
mod calls;
mod clocks;
mod failures;
mod orders;
mod register;
mod sessions;
mod stopping;
