use std::time::{Duration, Instant};

/// The instant, on the monotonic clock, by which a whole call must have returned.
///
/// Copied into everything the call does (connect, authenticate, attach, retry), so that all of it
/// draws from one budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// Never passes.
    pub(crate) const FOREVER: Self = Self(None);

    /// Passes after `span`; a span beyond the clock's range never does.
    pub(crate) fn after(span: Duration) -> Self {
        Self(Instant::now().checked_add(span))
    }

    /// [`after`](Self::after) a span that may be endless.
    pub(crate) fn after_optional(span: Option<Duration>) -> Self {
        span.map_or(Self::FOREVER, Self::after)
    }

    /// Whichever passes first.
    pub(crate) fn min(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) => Self(Some(a.min(b))),
            (at, None) | (None, at) => Self(at),
        }
    }

    /// The instant itself, `None` when it never comes.
    pub(crate) fn instant(self) -> Option<Instant> {
        self.0
    }

    /// What is left, zero once it has passed, `None` when it never passes.
    pub(crate) fn remaining(self) -> Option<Duration> {
        self.0
            .map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// The same deadline moved back by `span`.
    pub(crate) fn plus(self, span: Duration) -> Self {
        Self(self.0.and_then(|at| at.checked_add(span)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overflow_means_forever() {
        assert_eq!(Deadline::after(Duration::MAX), Deadline::FOREVER);
        assert_eq!(
            Deadline::after(Duration::from_secs(1)).plus(Duration::MAX),
            Deadline::FOREVER
        );
        assert_eq!(Deadline::FOREVER.remaining(), None);
    }
}
