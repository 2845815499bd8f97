//! What each error condition of the service is to the caller, wherever it comes.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod conditions;
mod desk;
mod places;
