//! What a receiver has at hand for its callers, on whichever link it came, and who is told outside.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
#[cfg(unix)]
use std::sync::OnceLock;

#[cfg(unix)]
use super::signal::Signal;

/// The messages in a receiver's inbox, whether a link stands to bring more, and whether it is closed.
///
/// The I/O thread and the callers change it, each by one atomic step, and then look whether somebody watches. Whoever
/// begins to watch says so first and then looks at the state. All of that is sequentially consistent, so that one of the
/// two sees what the other did.
#[derive(Default)]
pub(crate) struct AtHand {
    messages: AtomicUsize,
    bytes: AtomicUsize,
    links: AtomicUsize,
    closed: AtomicBool,
    #[cfg(unix)]
    watched: AtomicBool,
    #[cfg(unix)]
    signal: OnceLock<Signal>,
}

impl AtHand {
    /// A message of so many bytes is about to enter the inbox.
    pub(super) fn put(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, SeqCst);
        self.messages.fetch_add(1, SeqCst);
        self.tell();
    }

    /// A message of so many bytes has left the inbox.
    pub(super) fn taken(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, SeqCst);
        self.messages.fetch_sub(1, SeqCst);
        self.tell();
    }

    /// A link stands from now on.
    pub(super) fn link_stands(&self) {
        self.links.fetch_add(1, SeqCst);
        self.tell();
    }

    /// A link that stood is gone.
    pub(super) fn link_ended(&self) {
        self.links.fetch_sub(1, SeqCst);
        self.tell();
    }

    pub(super) fn close(&self) {
        self.closed.store(true, SeqCst);
        self.tell();
    }

    /// How many messages are in the inbox.
    pub(super) fn messages(&self) -> usize {
        self.messages.load(SeqCst)
    }

    /// How many bytes the bodies in the inbox have.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(SeqCst)
    }

    /// Whether a call has something to do at once: a message to take, a link to attach, an end to report.
    #[cfg(unix)]
    fn is_ready(&self) -> bool {
        self.messages.load(SeqCst) > 0 || self.links.load(SeqCst) == 0 || self.closed.load(SeqCst)
    }

    /// The signal, which is up while a call has something to do.
    ///
    /// # Errors
    /// Where the system has no descriptors to give.
    #[cfg(unix)]
    pub(crate) fn watch(&self) -> std::io::Result<&Signal> {
        let signal = match self.signal.get() {
            Some(signal) => signal,
            None => {
                let made = Signal::new()?;
                self.signal.get_or_init(|| made)
            }
        };
        self.watched.store(true, SeqCst);
        self.tell();
        Ok(signal)
    }

    #[cfg(unix)]
    fn tell(&self) {
        if !self.watched.load(SeqCst) {
            return;
        }
        if let Some(signal) = self.signal.get() {
            signal.follow(|| self.is_ready());
        }
    }

    #[cfg(not(unix))]
    fn tell(&self) {}
}

#[cfg(all(test, unix))]
mod interleavings;
