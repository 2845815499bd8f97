//! The word "closed", heard at once by whoever waits on the I/O thread or on a thread of its own.

use std::future::Future;
use std::sync::{Arc, OnceLock, Weak};

use crossbeam_channel as channel;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::at_hand::AtHand;
use crate::error::{Error, ErrorKind, Result};

/// Whether a client, sender or receiver is closed, and everything below it with it.
pub(crate) struct Closing {
    closed: watch::Sender<bool>,
    /// Dropped when closed, which wakes every thread that waits on `waiting`.
    held: Mutex<Option<channel::Sender<()>>>,
    waiting: channel::Receiver<()>,
    below: Mutex<Vec<Weak<Closing>>>,
    /// What is told of the close, where it is a receiver's.
    at_hand: OnceLock<Arc<AtHand>>,
}

impl Closing {
    pub(crate) fn new() -> Arc<Self> {
        let (held, waiting) = channel::bounded(0);
        Arc::new(Closing {
            closed: watch::Sender::new(false),
            held: Mutex::new(Some(held)),
            waiting,
            below: Mutex::new(Vec::new()),
            at_hand: OnceLock::new(),
        })
    }

    /// Something that closes when this does, or by itself before.
    pub(crate) fn below(&self) -> Arc<Self> {
        let child = Closing::new();
        let mut below = self.below.lock();
        below.retain(|weak| weak.strong_count() > 0);
        below.push(Arc::downgrade(&child));
        drop(below);
        if self.is_closed() {
            child.close();
        }
        child
    }

    /// Closes. False where that was done before.
    pub(crate) fn close(&self) -> bool {
        let first = !self.closed.send_replace(true);
        self.held.lock().take();
        if let Some(at_hand) = self.at_hand.get() {
            at_hand.close();
        }
        let below: Vec<_> = self.below.lock().iter().filter_map(Weak::upgrade).collect();
        for child in below {
            child.close();
        }
        first
    }

    /// Tells a receiver's inbox of the close, when it comes or at once where it has come.
    pub(super) fn tell(&self, at_hand: &Arc<AtHand>) {
        self.at_hand.set(at_hand.clone()).ok();
        if self.is_closed() {
            at_hand.close();
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// A channel that disconnects when this is closed.
    pub(crate) fn signal(&self) -> &channel::Receiver<()> {
        &self.waiting
    }

    /// The work, or `Closed` as soon as that comes first.
    pub(crate) async fn unless_closed<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let mut closed = self.closed.subscribe();
        tokio::select! {
            biased;
            // An end of the channel cannot come before the end of `self`.
            _ = closed.wait_for(|closed| *closed) => Err(closed_error()),
            result = work => result,
        }
    }

    /// The same for work that may have left by the time of a close, whose outcome is unknown then.
    pub(crate) async fn unless_closed_underway<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.unless_closed(work)
            .await
            .map_err(|error| match error.kind() {
                ErrorKind::Closed => error.with_outcome_unknown(),
                _ => error,
            })
    }
}

/// What every call on a closed handle returns.
pub(crate) fn closed_error() -> Error {
    Error::new(ErrorKind::Closed, "the handle is closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_reaches_what_is_below_and_those_who_wait() {
        let client = Closing::new();
        let link = client.below();
        let waiter = {
            let link = link.clone();
            std::thread::spawn(move || link.signal().recv())
        };
        assert!(client.close(), "the first close counts");
        assert!(!client.close(), "the second does not");
        assert!(link.is_closed());
        waiter
            .join()
            .expect("the waiter ends")
            .expect_err("nothing is ever sent");
        assert!(client.below().is_closed(), "too late for a new one");
    }
}
