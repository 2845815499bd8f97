//! A file descriptor that is readable as long as something holds, for `poll` and its like.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use parking_lot::Mutex;

/// Two connected sockets with one byte on its way between them, or none.
pub(crate) struct Signal {
    watched: UnixStream,
    raising: UnixStream,
    /// Whether the byte is there.
    up: Mutex<bool>,
}

impl Signal {
    /// A signal that is down.
    ///
    /// # Errors
    /// Where the system has no descriptors to give.
    pub(super) fn new() -> io::Result<Self> {
        let (watched, raising) = UnixStream::pair()?;
        watched.set_nonblocking(true)?;
        raising.set_nonblocking(true)?;
        Ok(Signal {
            watched,
            raising,
            up: Mutex::new(false),
        })
    }

    /// Raises the signal where the condition holds, lowers it where not. The condition is looked at while nobody else
    /// changes the signal: whoever comes last has seen the latest state. Blocks for the time of a system call at most.
    pub(super) fn follow(&self, holds: impl FnOnce() -> bool) {
        let mut up = self.up.lock();
        match (holds(), *up) {
            // There is room for the byte: it is the only one. Should it fail all the same, the next change tries again.
            (true, false) => *up = (&self.raising).write(&[1]).is_ok(),
            (false, true) => {
                // An error means that somebody outside took the byte; it is gone either way.
                (&self.watched).read_exact(&mut [0]).ok();
                *up = false;
            }
            (true, true) | (false, false) => {}
        }
    }

    /// What is readable while the signal is up.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.watched.as_fd()
    }
}
