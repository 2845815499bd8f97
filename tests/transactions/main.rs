//! What the client does with transactions, through its public interface and against the emulator.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod atomic;
mod by_management;
mod cross_entity;
mod failures;
mod shop;
