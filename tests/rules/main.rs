//! What the client does with the rules of subscriptions, through its public interface and against the emulator.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod actions;
mod closing;
mod failures;
mod filters;
mod listing;
mod news;
mod refusals;
