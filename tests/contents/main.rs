//! What an entity holds: all of it looked at, deleted without being received, and set apart where it could not be
//! forwarded.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod delete;
mod failures;
mod peek_all;
mod purge;
mod store;
mod transfer_dead_letters;
