//! Telling a listener what happens to the connection, without ever waiting for it.

use crossbeam_channel as channel;
use log::warn;
use parking_lot::Mutex;
use servicebus_amqp::Cause;

use super::failure::error_of;
use crate::error::{Error, ErrorKind};
use crate::model::connection_event::ConnectionEvent;

/// How many events may wait for a listener that is slow. Beyond that the oldest are dropped, so that the last ones tell
/// how the connection stands.
const MAX_WAITING: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    NotConnected,
    Connecting,
    Connected,
    Closed,
}

/// How the connection stands, and who is told of a change.
pub(crate) struct ConnectionEvents {
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    /// Dropped after the last event.
    listener: Option<Listener>,
}

struct Listener {
    queue: channel::Sender<ConnectionEvent>,
    /// For what the listener is too late to take.
    oldest: channel::Receiver<ConnectionEvent>,
}

/// A connection that is being made. Dropped before it is made, it is told as lost.
pub(super) struct Attempt<'a>(&'a ConnectionEvents);

impl ConnectionEvents {
    /// Events that nobody is told of.
    pub(crate) fn unheard() -> Self {
        Self::with(None)
    }

    /// Events for whoever takes them from the channel, which ends after the last.
    pub(crate) fn heard() -> (Self, channel::Receiver<ConnectionEvent>) {
        let (queue, events) = channel::bounded(MAX_WAITING);
        let listener = Listener {
            queue,
            oldest: events.clone(),
        };
        (Self::with(Some(listener)), events)
    }

    fn with(listener: Option<Listener>) -> Self {
        ConnectionEvents {
            state: Mutex::new(State {
                phase: Phase::NotConnected,
                listener,
            }),
        }
    }

    pub(super) fn connecting(&self) -> Attempt<'_> {
        let mut state = self.state.lock();
        state.pass(&[Phase::NotConnected], Phase::Connecting, || {
            ConnectionEvent::Connecting
        });
        Attempt(self)
    }

    /// A connection that stood is over. One that this side closed is not lost: the client is being closed.
    pub(super) fn ended(&self, cause: &Cause) {
        if matches!(cause, Cause::Local) {
            return;
        }
        let mut state = self.state.lock();
        state.pass(&[Phase::Connected], Phase::NotConnected, || {
            ConnectionEvent::Lost {
                cause: error_of(cause),
            }
        });
    }

    /// The client is closed; nothing is told afterwards.
    pub(super) fn closed(&self) {
        let mut state = self.state.lock();
        let open = [Phase::NotConnected, Phase::Connecting, Phase::Connected];
        state.pass(&open, Phase::Closed, || ConnectionEvent::Closed);
        state.listener = None;
    }

    fn failed(&self, cause: impl FnOnce() -> Error) {
        let mut state = self.state.lock();
        state.pass(&[Phase::Connecting], Phase::NotConnected, || {
            ConnectionEvent::Lost { cause: cause() }
        });
    }
}

impl Attempt<'_> {
    pub(super) fn connected(self) {
        let mut state = self.0.state.lock();
        state.pass(&[Phase::Connecting], Phase::Connected, || {
            ConnectionEvent::Connected
        });
    }

    pub(super) fn failed(self, error: &Error) {
        self.0.failed(|| error.clone());
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.0.failed(|| {
            Error::new(
                ErrorKind::OperationTimeout,
                "who wanted the connection gave up before it was made",
            )
        });
    }
}

impl State {
    /// Goes from one of these phases to another, and tells of it; elsewhere, nothing happens.
    fn pass(&mut self, from: &[Phase], to: Phase, event: impl FnOnce() -> ConnectionEvent) {
        if !from.contains(&self.phase) {
            return;
        }
        self.phase = to;
        if let Some(listener) = &self.listener {
            listener.tell(event());
        }
    }
}

impl Listener {
    fn tell(&self, event: ConnectionEvent) {
        let Err(full) = self.queue.try_send(event) else {
            return;
        };
        // Nobody else adds events: the state is locked.
        if self.oldest.try_recv().is_ok() {
            warn!(target: "servicebus::connection", "the callback for events is slow, the oldest is dropped");
        }
        self.queue.try_send(full.into_inner()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(events: &channel::Receiver<ConnectionEvent>) -> Vec<String> {
        events
            .try_iter()
            .map(|event| match event {
                ConnectionEvent::Lost { cause } => format!("Lost {:?}", cause.kind()),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn each_change_is_told_once() {
        let (connection, events) = ConnectionEvents::heard();
        connection.connecting().connected();
        for _ in 0..2 {
            connection.ended(&Cause::IdleTimeout);
        }
        assert_eq!(
            told(&events),
            ["Connecting", "Connected", "Lost Connection"]
        );
    }

    #[test]
    fn an_attempt_that_fails_or_is_given_up_is_lost() {
        let (connection, events) = ConnectionEvents::heard();
        let refused = Error::new(ErrorKind::Communication, "refused");
        connection.connecting().failed(&refused);
        drop(connection.connecting());
        let expected = [
            "Connecting",
            "Lost Communication",
            "Connecting",
            "Lost OperationTimeout",
        ];
        assert_eq!(told(&events), expected);
    }

    #[test]
    fn nothing_comes_after_the_close() {
        let (connection, events) = ConnectionEvents::heard();
        let attempt = connection.connecting();
        connection.closed();
        attempt.connected();
        connection.ended(&Cause::Local);
        drop(connection.connecting());
        connection.closed();
        assert_eq!(told(&events), ["Connecting", "Closed"]);
        assert!(events.recv().is_err(), "the listener may go");
    }

    #[test]
    fn a_listener_that_is_too_slow_misses_the_oldest() {
        let (connection, events) = ConnectionEvents::heard();
        for _ in 0..MAX_WAITING {
            connection.connecting().connected();
            connection.ended(&Cause::IdleTimeout);
        }
        connection.closed();
        let told = told(&events);
        assert_eq!(told.len(), MAX_WAITING);
        assert_eq!(told.last().map(String::as_str), Some("Closed"));
    }
}
