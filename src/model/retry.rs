use std::time::Duration;

/// How the pause before each further attempt grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryMode {
    /// The pause doubles with each attempt.
    #[default]
    Exponential,
    /// The pause stays the same.
    Fixed,
}

/// How often, and after which pauses, a call tries again before it reports a failure that usually passes.
///
/// All attempts and pauses draw from the deadline of the call: where the next pause would outlast it, the last error is
/// returned at once. Tried again is what [`Error::is_retryable`](crate::Error::is_retryable) says may pass; a send
/// whose outcome is unknown is not, as that could store the message twice
/// (see [`SenderBuilder::resend_unknown_outcomes`](crate::SenderBuilder::resend_unknown_outcomes)).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use servicebus::{RetryMode, RetryOptions};
///
/// let patient = RetryOptions::new()
///     .with_total(10)
///     .with_mode(RetryMode::Fixed)
///     .with_backoff(Duration::from_secs(2));
/// let none = RetryOptions::new().with_total(0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryOptions {
    pub(crate) total: u32,
    pub(crate) mode: RetryMode,
    pub(crate) backoff: Duration,
    pub(crate) max_backoff: Duration,
    pub(crate) busy_pause: Duration,
    pub(crate) try_timeout: Option<Duration>,
}

impl Default for RetryOptions {
    fn default() -> Self {
        RetryOptions {
            total: 3,
            mode: RetryMode::default(),
            backoff: Duration::from_millis(800),
            max_backoff: Duration::from_secs(120),
            busy_pause: Duration::from_secs(10),
            try_timeout: None,
        }
    }
}

impl RetryOptions {
    /// Three further attempts after pauses of up to 1.6, 3.2 and 6.4 seconds, without a limit for a single attempt.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many times a call is tried again after its first attempt. 3 unless set; 0 turns retries off.
    #[must_use]
    pub fn with_total(mut self, total: u32) -> Self {
        self.total = total;
        self
    }

    /// How the pauses grow; they double unless set.
    #[must_use]
    pub fn with_mode(mut self, mode: RetryMode) -> Self {
        self.mode = mode;
        self
    }

    /// The unit of the pauses, 0.8 seconds unless set. Before attempt n the pause is a random part of it, times 2ⁿ in
    /// mode [`Exponential`](RetryMode::Exponential): random, so that clients which failed together do not come back
    /// together.
    #[must_use]
    pub fn with_backoff(mut self, backoff: Duration) -> Self {
        self.backoff = backoff;
        self
    }

    /// No pause is longer, but for the one that [`with_busy_pause`](Self::with_busy_pause) sets. 120 seconds unless set.
    #[must_use]
    pub fn with_max_backoff(mut self, max_backoff: Duration) -> Self {
        self.max_backoff = max_backoff;
        self
    }

    /// How long a sender or receiver leaves the service alone that has answered "server busy", 10 seconds unless set,
    /// as the service asks of its clients (Service Bus docs, throttling). A call whose deadline is nearer returns
    /// `ServerBusy` at once.
    #[must_use]
    pub fn with_busy_pause(mut self, busy_pause: Duration) -> Self {
        self.busy_pause = busy_pause;
        self
    }

    /// How long a single attempt may take; as long as the call unless set. Waiting for messages is not limited by it.
    #[must_use]
    pub fn with_try_timeout(mut self, try_timeout: impl Into<Option<Duration>>) -> Self {
        self.try_timeout = try_timeout.into();
        self
    }

    /// The longest pause after `failed` attempts; `None` where there is no further attempt.
    pub(crate) fn pause_after(&self, failed: u32) -> Option<Duration> {
        if failed > self.total {
            return None;
        }
        let pause = match self.mode {
            RetryMode::Fixed => self.backoff,
            RetryMode::Exponential => self
                .backoff
                .saturating_mul(1u32.checked_shl(failed).unwrap_or(u32::MAX)),
        };
        Some(pause.min(self.max_backoff))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(options: &RetryOptions) -> Vec<f64> {
        (1..)
            .map_while(|failed| options.pause_after(failed))
            .map(|pause| pause.as_secs_f64())
            .collect()
    }

    #[test]
    fn pauses_are_those_of_microsofts_python_client() {
        assert_eq!(pauses(&RetryOptions::new()), [1.6, 3.2, 6.4]);
        let fixed = RetryOptions::new().with_mode(RetryMode::Fixed);
        assert_eq!(pauses(&fixed), [0.8, 0.8, 0.8]);
        assert!(pauses(&RetryOptions::new().with_total(0)).is_empty());
    }

    #[test]
    fn a_pause_never_exceeds_the_maximum() {
        let options = RetryOptions::new().with_total(u32::MAX);
        for failed in [8, 31, 32, 33, u32::MAX] {
            assert_eq!(
                options.pause_after(failed),
                Some(Duration::from_secs(120)),
                "after {failed}"
            );
        }
    }
}
