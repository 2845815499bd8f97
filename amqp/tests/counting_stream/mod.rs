//! A stream that counts what is asked of it, and fails on demand.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// What was asked of a stream, seen from outside.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) reads: Cell<usize>,
    /// Writes that took something.
    pub(crate) writes: Cell<usize>,
    pub(crate) is_shut_down: Cell<bool>,
    pub(crate) writes_fail: Cell<bool>,
}

pub(crate) struct CountingStream {
    inner: DuplexStream,
    counts: Rc<Counts>,
}

impl CountingStream {
    pub(crate) fn new(inner: DuplexStream) -> (Self, Rc<Counts>) {
        let counts = Rc::new(Counts::default());
        let stream = CountingStream {
            inner,
            counts: Rc::clone(&counts),
        };
        (stream, counts)
    }
}

impl AsyncRead for CountingStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.counts.reads.set(self.counts.reads.get() + 1);
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl AsyncWrite for CountingStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.counts.writes_fail.get() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        if written.is_ready() {
            self.counts.writes.set(self.counts.writes.get() + 1);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.counts.is_shut_down.set(true);
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
