//! How late the machine runs what is due: beside a call that took too long, it tells whose fault that was.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

const BEAT: Duration = Duration::from_millis(5);
/// Less is not worth a word.
const NOTED: Duration = Duration::from_millis(20);

/// When a beat was due, and how late it was.
#[derive(Default)]
pub(crate) struct Heartbeat {
    late: Mutex<Vec<(Instant, Duration)>>,
    over: AtomicBool,
}

impl Heartbeat {
    /// Beats until it is stopped.
    pub(crate) fn beat(&self) {
        while !self.over.load(Ordering::Relaxed) {
            let due = Instant::now() + BEAT;
            thread::sleep(BEAT);
            let late = due.elapsed();
            if late > NOTED {
                self.late
                    .lock()
                    .expect("nobody panics here")
                    .push((due, late));
            }
        }
    }

    pub(crate) fn stop(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// The longest that anything was late since then.
    pub(crate) fn worst_since(&self, start: Instant) -> Duration {
        let late = self.late.lock().expect("nobody panics here");
        let since = late
            .iter()
            .rev()
            .take_while(|(due, late)| *due + *late >= start);
        since.map(|(_, late)| *late).max().unwrap_or_default()
    }
}
