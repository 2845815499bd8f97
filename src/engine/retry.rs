//! Trying again: which failures, how often and after which pauses, within the deadline of the call.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use log::debug;
use parking_lot::Mutex;
use uuid::Uuid;

use super::closing::Closing;
use super::tally::Tally;
use crate::error::{Error, ErrorKind, Result};
use crate::model::deadline::Deadline;
use crate::model::retry::RetryOptions;

/// An attempt that lasted this long counts as a success: what failed then is a new failure.
const STEADY: Duration = Duration::from_secs(10);

/// What repeating an operation does where an earlier attempt may have been carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Nothing more: it is repeated after every failure that may pass.
    Harmless,
    /// Nothing more, but the operation is a wait itself: that nothing came in time is its result.
    UnlessTimedOut,
    /// It may be done twice: it is not repeated once its outcome is unknown.
    Doubles,
}

/// How one sender or receiver tries again.
pub(crate) struct Retries {
    options: RetryOptions,
    tally: Arc<Tally>,
    /// Until when the service is left alone because it was busy.
    busy_until: Mutex<Option<Instant>>,
}

/// The attempts of one call.
pub(crate) struct Attempts<'a> {
    retries: &'a Retries,
    repeat: Repeat,
    deadline: Deadline,
    failed: u32,
    /// An attempt may have been carried out.
    unknown: bool,
    began: Instant,
}

impl Retries {
    pub(crate) fn new(options: RetryOptions, tally: Arc<Tally>) -> Self {
        Retries {
            options,
            tally,
            busy_until: Mutex::new(None),
        }
    }

    /// Runs an operation until it succeeds, fails for good, or its deadline leaves no time for another attempt. A close
    /// ends it at once. Each attempt is told its own deadline.
    pub(crate) async fn run<T, Fut>(
        &self,
        closing: &Closing,
        repeat: Repeat,
        deadline: Deadline,
        mut attempt: impl FnMut(Deadline) -> Fut,
    ) -> Result<T>
    where
        Fut: Future<Output = Result<T>>,
    {
        let mut attempts = self.attempts(repeat, deadline);
        loop {
            if let Some(pause) = attempts.begin()? {
                attempts.sleep(closing, pause).await?;
            }
            match attempt(attempts.attempt_deadline()).await {
                Ok(done) => return Ok(done),
                Err(error) => {
                    let pause = attempts.pause_after(error)?;
                    attempts.sleep(closing, pause).await?;
                }
            }
        }
    }

    /// The attempts of a call that keeps its own loop.
    pub(crate) fn attempts(&self, repeat: Repeat, deadline: Deadline) -> Attempts<'_> {
        Attempts {
            retries: self,
            repeat,
            deadline,
            failed: 0,
            unknown: false,
            began: Instant::now(),
        }
    }
}

impl Attempts<'_> {
    /// An attempt begins; returns how long to wait before because the service is busy, if it is.
    ///
    /// # Errors
    /// `ServerBusy` where the deadline comes first.
    pub(crate) fn begin(&mut self) -> Result<Option<Duration>> {
        self.began = Instant::now();
        let left = self
            .retries
            .busy_until
            .lock()
            .map(|until| until.saturating_duration_since(self.began));
        let Some(pause) = left.filter(|left| !left.is_zero()) else {
            return Ok(None);
        };
        if !self.has_time_for(pause) {
            return Err(self.last(Error::new(
                ErrorKind::ServerBusy,
                format!("the service was busy and is left alone for another {pause:.1?}"),
            )));
        }
        self.began += pause;
        Ok(Some(pause))
    }

    /// Until when the attempt that begins now may last.
    pub(crate) fn attempt_deadline(&self) -> Deadline {
        let own = Deadline::after_optional(self.retries.options.try_timeout);
        self.deadline.min(own)
    }

    /// An attempt has failed; returns how long to wait before the next.
    ///
    /// # Errors
    /// The failure itself where there is no next.
    pub(crate) fn pause_after(&mut self, error: Error) -> Result<Duration> {
        let repeatable = match self.repeat {
            Repeat::Harmless => error.is_retryable(),
            Repeat::UnlessTimedOut => {
                error.is_retryable() && error.kind() != ErrorKind::OperationTimeout
            }
            Repeat::Doubles => error.is_retryable() && !error.is_outcome_unknown(),
        };
        self.unknown |= error.is_outcome_unknown();
        if error.kind() == ErrorKind::ServerBusy {
            let until = Instant::now().checked_add(self.retries.options.busy_pause);
            *self.retries.busy_until.lock() = until;
        }
        if self.began.elapsed() >= STEADY {
            self.failed = 0;
        }
        self.failed += 1;
        let pause = repeatable
            .then(|| self.retries.options.pause_after(self.failed))
            .flatten()
            .map(random_part)
            .filter(|pause| self.has_time_for(*pause));
        match pause {
            Some(pause) => {
                self.retries.tally.retry();
                debug!(target: "servicebus::retry", "attempt {} failed, the next in {pause:.1?}: {error}", self.failed);
                Ok(pause)
            }
            None => Err(self.last(error)),
        }
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// `Closed` as soon as that comes first.
    pub(crate) async fn sleep(&self, closing: &Closing, pause: Duration) -> Result<()> {
        let sleeping = async {
            tokio::time::sleep(pause).await;
            Ok(())
        };
        let slept = closing.unless_closed(sleeping).await;
        slept.map_err(|error| self.last(error))
    }

    /// What the caller is told: nothing makes an unknown outcome known but success.
    fn last(&self, error: Error) -> Error {
        if self.unknown {
            error.with_outcome_unknown()
        } else {
            error
        }
    }

    fn has_time_for(&self, pause: Duration) -> bool {
        self.deadline.remaining().is_none_or(|left| pause < left)
    }
}

/// Full jitter: anything from nothing to the whole pause.
fn random_part(pause: Duration) -> Duration {
    let [.., a, b, c, d] = *Uuid::new_v4().as_bytes();
    let random = u32::from_be_bytes([a, b, c, d]);
    pause.mul_f64(f64::from(random) / f64::from(u32::MAX))
}
