use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

/// How long a caller looks for its answer before it sleeps.
const WATCH: Duration = Duration::from_micros(200);

/// So many answers in a row that came later make watching a waste.
const ENOUGH_MISSES: u32 = 16;

/// How often it is tried again all the same: once in so many calls.
const TRY_AGAIN: u32 = 256;

/// Looking for an answer for a moment before sleeping, as waking a thread costs more than a quick answer takes.
///
/// It pays where the service is near. One caller at a time watches, and none where there is one processor: they would
/// keep the I/O thread from working. Where answers come late, as from another region, callers sleep at once.
#[derive(Debug, Default)]
pub(super) struct Watch {
    watched: AtomicBool,
    misses: AtomicU32,
}

impl Watch {
    pub(super) fn for_answer<T>(&self, answer: &Receiver<T>) -> Option<T> {
        if !several_processors() || !self.pays() || self.watched.swap(true, Ordering::Acquire) {
            return None;
        }
        let found = look(answer);
        self.watched.store(false, Ordering::Release);
        if found.is_some() {
            self.misses.store(0, Ordering::Relaxed);
        }
        found
    }

    fn pays(&self) -> bool {
        let misses = self.misses.fetch_add(1, Ordering::Relaxed);
        misses < ENOUGH_MISSES || misses % TRY_AGAIN == 0
    }
}

fn look<T>(answer: &Receiver<T>) -> Option<T> {
    let started = Instant::now();
    while started.elapsed() < WATCH {
        if let Ok(answer) = answer.try_recv() {
            return Some(answer);
        }
        std::hint::spin_loop();
    }
    None
}

fn several_processors() -> bool {
    static SEVERAL: LazyLock<bool> =
        LazyLock::new(|| std::thread::available_parallelism().is_ok_and(|count| count.get() > 1));
    *SEVERAL
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::bounded;

    use super::*;

    #[test]
    fn late_answers_end_the_watching_and_a_quick_one_brings_it_back() {
        let watch = Watch::default();
        let (reply, answer) = bounded(1);
        let tries = (0..TRY_AGAIN).filter(|_| watch.pays()).count();
        assert_eq!(tries, ENOUGH_MISSES as usize, "of calls answered late");
        if several_processors() {
            reply.send(7).expect("there is room");
            assert_eq!(watch.for_answer(&answer), Some(7), "it is tried again");
            assert!(watch.pays());
        }
    }

    #[test]
    fn one_caller_at_a_time_watches() {
        let watch = Watch::default();
        let (reply, answer) = bounded(1);
        reply.send(7).expect("there is room");
        watch.watched.store(true, Ordering::Release);
        assert_eq!(watch.for_answer(&answer), None);
    }
}
