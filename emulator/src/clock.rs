//! The two clocks of the emulator.
//!
//! *Message time* rules locks, schedules, times to live, duplicate windows and stamps. *Transport
//! time* rules heartbeats, idle limits and token expiry. Each is the wall clock plus an offset of its
//! own, so tests can let a lock run out in no time without any connection or token noticing.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::broker::Timestamp;

/// The clock of locks, expiry and stamps.
#[derive(Debug)]
pub(crate) struct MessageClock {
    /// Milliseconds ahead of the wall clock; behind it after a time of standing still.
    offset: i64,
    frozen_at: Option<Timestamp>,
    /// The latest instant that was read: a wall clock that is set back must not undo what has happened.
    latest: Timestamp,
}

impl MessageClock {
    pub(crate) fn new() -> Self {
        Self {
            offset: 0,
            frozen_at: None,
            latest: Timestamp::from_millis(0),
        }
    }

    pub(crate) fn now(&mut self) -> Timestamp {
        self.read(wall())
    }

    /// Moves the clock forward, whether it is frozen or running.
    pub(crate) fn advance(&mut self, by: Duration) {
        match &mut self.frozen_at {
            Some(at) => *at = at.after(by),
            None => {
                let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
                self.offset = self.offset.saturating_add(millis);
            }
        }
    }

    /// Stops the clock: it moves by [`MessageClock::advance`] alone until [`MessageClock::thaw`].
    pub(crate) fn freeze(&mut self) {
        if self.frozen_at.is_none() {
            self.frozen_at = Some(self.now());
        }
    }

    /// Lets the clock run on from where it stands.
    pub(crate) fn thaw(&mut self) {
        if let Some(at) = self.frozen_at.take() {
            self.offset = at.millis().saturating_sub(wall().millis());
        }
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen_at.is_some()
    }

    fn read(&mut self, wall: Timestamp) -> Timestamp {
        let running = Timestamp::from_millis(wall.millis().saturating_add(self.offset));
        self.latest = self.latest.max(self.frozen_at.unwrap_or(running));
        self.latest
    }
}

/// The clock of connections and tokens.
#[derive(Debug, Default)]
pub(crate) struct TransportClock {
    offset: Duration,
}

impl TransportClock {
    /// How far the clock is ahead of the wall clock.
    pub(crate) fn offset(&self) -> Duration {
        self.offset
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.offset = self.offset.saturating_add(by);
    }

    /// The present instant, counted from the Unix epoch.
    pub(crate) fn now(&self) -> Duration {
        since_epoch().saturating_add(self.offset)
    }

    /// Seconds since the Unix epoch, as tokens count them.
    pub(crate) fn unix_seconds(&self) -> u64 {
        self.now().as_secs()
    }
}

fn wall() -> Timestamp {
    Timestamp::from_millis(0).after(since_epoch())
}

fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_wall_clock_set_back_does_not_move_message_time_back() {
        let mut clock = MessageClock::new();
        let later = Timestamp::from_millis(10_000);
        assert_eq!(clock.read(later), later);
        assert_eq!(clock.read(Timestamp::from_millis(4_000)), later);
    }

    #[test]
    fn a_frozen_clock_moves_only_by_advance() {
        let mut clock = MessageClock::new();
        clock.freeze();
        let start = clock.now();
        clock.advance(HOUR);
        assert_eq!(clock.now(), start.after(HOUR));
        assert!(clock.is_frozen());
    }

    #[test]
    fn a_thawed_clock_goes_on_from_where_it_stood() {
        let mut clock = MessageClock::new();
        clock.freeze();
        clock.advance(HOUR);
        let frozen = clock.now();
        clock.thaw();
        let thawed = clock.now();
        let gap = frozen.until(thawed);
        assert!(thawed >= frozen, "{thawed:?} is before {frozen:?}");
        assert!(gap < Duration::from_secs(60), "ran on by {gap:?}");
    }

    #[test]
    fn transport_time_moves_by_its_own_advance() {
        let mut clock = TransportClock::default();
        let before = clock.unix_seconds();
        clock.advance(HOUR);
        assert!(clock.unix_seconds() >= before + 3_600);
        assert_eq!(clock.offset(), HOUR);
    }
}
