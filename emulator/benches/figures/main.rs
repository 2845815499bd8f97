//! What the emulator costs and what it can do, as README's figures say it.
//!
//! `cargo bench -p servicebus-emulator --bench figures` measures everything;
//! `cargo bench -p servicebus-emulator --bench figures -- throughput` one figure, by the name of its module.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark reports on standard output, and says what failed by panicking"
)]

mod idle;
mod peer;
mod process;
#[path = "../../tests/wire/peer/sas.rs"]
mod sas;
mod start;
mod throughput;
mod time_leap;

use std::env;

const FIGURES: [(&str, fn()); 4] = [
    ("start", start::measure),
    ("time_leap", time_leap::measure),
    ("idle", idle::measure),
    ("throughput", throughput::measure),
];

fn main() {
    // Cargo adds flags of its own.
    let wanted: Vec<String> = env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    for (name, measure) in FIGURES {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            measure();
        }
    }
}

/// Runs something on a runtime like the one of most clients: one thread.
fn block_on<T>(work: impl std::future::Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// The middle one of several measurements.
fn median(measurements: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = measurements.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
