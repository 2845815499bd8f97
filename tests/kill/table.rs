//! Runs a case for each stage and manner, several at a time, and reports all that failed.

use std::panic::{catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use crate::script::{Stage, Strike, MANNERS};

const AT_A_TIME: usize = 16;

/// The second and third are for a machine that is too busy to come to the strike within the first.
const DEADLINES: [Duration; 3] = [
    Duration::from_millis(300),
    Duration::from_millis(1_500),
    Duration::from_millis(7_500),
];

/// The deadline had passed before the broker could strike.
struct TooSlow;

/// Ends a case in which nothing was tested; it is repeated with more time.
pub(crate) fn too_slow() -> ! {
    resume_unwind(Box::new(TooSlow))
}

fn passes(mut strike: Strike, case: fn(Strike)) -> bool {
    for deadline in DEADLINES {
        strike.deadline = deadline;
        match catch_unwind(|| case(strike)) {
            Ok(()) => return true,
            Err(panic) if panic.is::<TooSlow>() => {}
            // It was printed.
            Err(_) => return false,
        }
    }
    false
}

#[track_caller]
pub(crate) fn check(stages: &[Stage], case: fn(Strike)) {
    let strikes: Vec<Strike> = stages
        .iter()
        .flat_map(|stage| {
            MANNERS.map(|manner| Strike {
                stage: *stage,
                manner,
                deadline: DEADLINES[0],
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
                    if !passes(*strike, case) {
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
