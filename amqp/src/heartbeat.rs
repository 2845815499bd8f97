//! Time on a connection: heartbeats out, silence of the peer (AMQP 1.0, 2.4.5), a handshake or close that never ends.

use std::time::{Duration, Instant};

/// How long a peer may take from the first byte to its open.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(60);
/// How long a peer may take to answer our close.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watch {
    /// Open, or about to be.
    Peer(Option<Duration>),
    /// A fixed end, whatever the peer sends.
    Until(Instant),
}

/// The timers of one connection.
pub(crate) struct Heartbeat {
    /// Silence of twice what we advertise means that the peer is dead.
    silence_limit: Option<Duration>,
    watch: Watch,
    last_heard: Instant,
    /// Half of what the peer advertises.
    interval: Option<Duration>,
    last_sent: Instant,
}

impl Heartbeat {
    pub(crate) fn new(idle_timeout: Option<Duration>, now: Instant) -> Self {
        Heartbeat {
            silence_limit: idle_timeout.map(|idle| idle.saturating_mul(2)),
            watch: Watch::Until(now + HANDSHAKE_LIMIT),
            last_heard: now,
            interval: None,
            last_sent: now,
        }
    }

    /// Bytes arrived, whatever they say.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.last_heard = now;
    }

    /// The peer's open is here, with the idle time-out that it asks us to keep.
    pub(crate) fn opened(&mut self, remote_idle_timeout: Option<Duration>) {
        self.watch = Watch::Peer(self.silence_limit);
        self.interval = remote_idle_timeout
            .filter(|idle| !idle.is_zero())
            .map(|idle| idle / 2);
    }

    /// Our close is out.
    pub(crate) fn closing(&mut self, now: Instant) {
        self.watch = Watch::Until(now + CLOSE_LIMIT);
        self.interval = None;
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        let dead = match self.watch {
            Watch::Peer(limit) => limit.map(|limit| self.last_heard + limit),
            Watch::Until(end) => Some(end),
        };
        let beat = self.interval.map(|interval| self.last_sent + interval);
        match (dead, beat) {
            (Some(dead), Some(beat)) => Some(dead.min(beat)),
            (dead, beat) => dead.or(beat),
        }
    }

    pub(crate) fn peer_is_dead(&self, now: Instant) -> bool {
        match self.watch {
            Watch::Peer(limit) => limit.is_some_and(|limit| now >= self.last_heard + limit),
            Watch::Until(end) => now >= end,
        }
    }

    /// Whether an empty frame is to be sent. One leaves each interval whatever else was written: it
    /// costs eight bytes, and the peer is never left to wait longer.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let due = self
            .interval
            .is_some_and(|interval| now >= self.last_sent + interval);
        if due {
            self.last_sent = now;
        }
        due
    }
}
