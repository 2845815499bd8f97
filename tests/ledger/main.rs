//! Several threads send, receive and settle on several entities while random faults happen. No message is lost, every
//! copy too many goes back to a send whose outcome was unknown, none is done with twice, and what was said to be applied
//! or refused agrees with what the emulator has counted.
//!
//! `LEDGER_MESSAGES` says how many messages, `LEDGER_SEED` which faults.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod book;
mod chaos;
mod desk;
mod receiving;
mod sending;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use book::Book;
use desk::{Desk, ENTITIES};

const MESSAGES: u64 = 12_000;
/// What is left is received within this time once the faults are over.
const LEFT_OVER: Duration = Duration::from_secs(60);
const THREADS: u64 = 2;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn no_message_is_lost_and_no_verdict_is_contradicted() {
    let share = number("LEDGER_MESSAGES").unwrap_or(MESSAGES) / (ENTITIES.len() as u64 * THREADS);
    let desk = Desk::new();
    let (sent, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let started = Instant::now();
    let mut book = Book::default();
    thread::scope(|scope| {
        let (desk, sent, over) = (&desk, &sent, &over);
        let chaos =
            scope.spawn(move || chaos::reign(desk, number("LEDGER_SEED").unwrap_or(1), sent));
        let mut senders = Vec::new();
        let mut receivers = Vec::new();
        for (entity, numbers) in ENTITIES.iter().zip(0..) {
            for thread in 0..THREADS {
                let first = (numbers * THREADS + thread) * share;
                senders
                    .push(scope.spawn(move || sending::send(desk, entity, first..first + share)));
                receivers.push(scope.spawn(move || receiving::receive(desk, entity, over)));
            }
        }
        for sender in senders {
            book.sent.extend(sender.join().expect("no sender panics"));
        }
        sent.store(true, Ordering::Relaxed);
        book.faults = chaos.join().expect("the chaos does not panic");
        desk.wait_until_empty(LEFT_OVER);
        over.store(true, Ordering::Relaxed);
        for receiver in receivers {
            book.deliveries
                .extend(receiver.join().expect("no receiver panics"));
        }
    });
    book.balance(&desk, started.elapsed());
}
