//! Runs a case for each stage and manner, several at a time, and reports all that failed.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::thread;

use crate::script::{Stage, Strike, MANNERS};

const AT_A_TIME: usize = 16;

#[track_caller]
pub(crate) fn check(stages: &[Stage], case: fn(Strike)) {
    let strikes: Vec<Strike> = stages
        .iter()
        .flat_map(|stage| {
            MANNERS.map(|manner| Strike {
                stage: *stage,
                manner,
            })
        })
        .filter(|strike| strike.is_possible())
        .collect();
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(strikes.len()) {
            scope.spawn(|| {
                while let Some(strike) = strikes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // The panic itself was printed.
                    if catch_unwind(AssertUnwindSafe(|| case(*strike))).is_err() {
                        failed.lock().expect("nobody panics here").push(*strike);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("nobody panics here");
    let names: Vec<String> = failed.iter().map(ToString::to_string).collect();
    assert!(
        names.is_empty(),
        "{} of {} failed: {}",
        names.len(),
        strikes.len(),
        names.join(", ")
    );
}
