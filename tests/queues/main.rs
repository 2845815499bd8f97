//! What the client does with queues, through its public interface and against the emulator.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod batch;
mod closing;
mod dead_letter;
mod deadlines;
mod errors;
mod foreign_async;
mod iterate;
mod no_leftover_locks;
mod orders;
mod patience;
mod peek;
mod prefetch;
mod receive;
mod receive_and_delete;
mod recovery;
mod renew_lock;
mod schedule;
mod send;
mod settle;
mod threads;
