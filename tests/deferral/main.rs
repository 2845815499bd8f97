//! Messages that are set aside, and received by their sequence numbers.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod failures;
mod orders;
mod receive;
mod sessions;
mod settle;
