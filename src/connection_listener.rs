//! The thread that tells an application what happens to a client's connection.

use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

use crossbeam_channel::Receiver;
use log::warn;
use parking_lot::Mutex;

use crate::error::Result;
use crate::model::connection_event::ConnectionEvent;
use crate::model::deadline::Deadline;
use crate::runtime::Worker;

/// What a client calls with each event.
#[derive(Clone)]
pub(crate) struct OnConnectionEvent(Arc<dyn Fn(&ConnectionEvent) + Send + Sync>);

/// The thread on which the callback runs, until the last event.
pub(crate) struct ConnectionListener {
    thread: Mutex<Option<Worker>>,
}

impl OnConnectionEvent {
    pub(crate) fn new(callback: impl Fn(&ConnectionEvent) + Send + Sync + 'static) -> Self {
        OnConnectionEvent(Arc::new(callback))
    }

    /// Calls it, whose panics do not end the thread.
    fn call(&self, event: &ConnectionEvent) {
        if catch_unwind(AssertUnwindSafe(|| (self.0)(event))).is_err() {
            warn!(target: "servicebus::connection", "the callback for events panicked");
        }
    }
}

impl fmt::Debug for OnConnectionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnConnectionEvent")
    }
}

impl ConnectionListener {
    /// Starts the thread.
    ///
    /// # Errors
    /// `Internal` where the system has no thread to give.
    pub(crate) fn start(
        callback: OnConnectionEvent,
        events: Receiver<ConnectionEvent>,
    ) -> Result<Self> {
        let thread = Worker::start("servicebus-events", move || {
            for event in events {
                callback.call(&event);
            }
        })?;
        Ok(ConnectionListener {
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Waits until the callback has returned from the last event; not on its own thread.
    ///
    /// # Errors
    /// `OperationTimeout` where it did not.
    pub(crate) fn join(&self, deadline: Deadline) -> Result<()> {
        let thread = self.thread.lock().take();
        match thread {
            Some(thread) => thread.join(deadline.remaining().unwrap_or_default()),
            None => Ok(()),
        }
    }
}
