//! Bytes on their way: each piece arrives at its time, and as many as fit are under way at once.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep};

/// With so many bytes under way, no more are taken: 80 MB a second at a latency of 100 ms.
const CAPACITY: usize = 8 * 1024 * 1024;

/// A throttled line lets its bytes out in pieces of this much time.
const TICKS_PER_SECOND: u64 = 50;

/// No byte is kept for longer.
const MAX_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How a line treats what is put into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    pub(crate) delay: Duration,
    /// Bytes a second; no limit unless set.
    pub(crate) rate: Option<u64>,
}

/// One direction of a stream.
#[derive(Debug)]
pub(super) struct DelayLine {
    under_way: VecDeque<(Instant, Bytes)>,
    length: usize,
    /// Nothing arrives before what was put in earlier.
    last_due: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl DelayLine {
    pub(super) fn new() -> Self {
        Self {
            under_way: VecDeque::new(),
            length: 0,
            last_due: Instant::now(),
            timer: None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.length >= CAPACITY
    }

    pub(super) fn put(&mut self, mut bytes: Bytes, pace: Pace) {
        let now = Instant::now();
        self.length += bytes.len();
        while !bytes.is_empty() {
            let mut due = self.last_due.max(now + pace.delay.min(MAX_DELAY));
            let mut piece = bytes.len();
            if let Some(rate) = pace.rate {
                let tick = usize::try_from(rate / TICKS_PER_SECOND).unwrap_or(usize::MAX);
                piece = piece.min(tick.max(1));
                let length = u64::try_from(piece).unwrap_or(u64::MAX);
                let nanos = length.saturating_mul(1_000_000_000) / rate.max(1);
                due += Duration::from_nanos(nanos);
            }
            self.last_due = due;
            self.under_way.push_back((due, bytes.split_to(piece)));
        }
    }

    /// The bytes that have arrived first; without any, the task is woken when the next arrive.
    pub(super) fn arrived(&mut self, cx: &mut Context<'_>) -> Option<&mut Bytes> {
        let due = self.under_way.front()?.0;
        if Instant::now() < due {
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
            if timer.deadline() != due {
                timer.as_mut().reset(due);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return None;
            }
        }
        self.under_way.front_mut().map(|(_, bytes)| bytes)
    }

    /// Notes that bytes were taken from the front.
    pub(super) fn took(&mut self, count: usize) {
        self.length = self.length.saturating_sub(count);
        if self
            .under_way
            .front()
            .is_some_and(|(_, bytes)| bytes.is_empty())
        {
            self.under_way.pop_front();
        }
    }
}
