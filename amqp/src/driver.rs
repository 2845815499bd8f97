//! The one place with I/O: moves bytes between a stream and a [`Connection`], and keeps its time.

use std::future::Future;
use std::io;
use std::pin::{pin, Pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::Sleep;

use crate::connection::Connection;

/// Room made for reads, once less than `READ_MIN` is left.
const READ_SIZE: usize = 64 * 1024;
const READ_MIN: usize = 8 * 1024;
/// With more than this waiting to be written, nothing more is read: a peer that asks and never
/// listens cannot make the answers pile up.
const WRITE_LIMIT: usize = 16 * 1024 * 1024;

/// How long the last frames may take to leave: a peer that no longer reads would keep the owner for ever.
const LINGER: Duration = Duration::from_secs(5);

/// Drives a [`Connection`] over a byte stream.
///
/// All frames that are ready when the task wakes leave in one write; what one read brings is handled
/// as a whole before the owner sees an event. The owner polls it from one task, and wakes that task
/// after changing the connection.
pub struct Driver<S> {
    stream: S,
    input: BytesMut,
    timer: Option<Pin<Box<Sleep>>>,
    /// Added to the clock of the machine, so that tests can let transport time pass.
    time_offset: Duration,
    flushed: bool,
    /// When what is left to write is given up; set once the connection has ended.
    give_up_at: Option<tokio::time::Instant>,
    shut_down: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Driver<S> {
    /// A driver for a connected stream.
    pub fn new(stream: S) -> Self {
        Driver {
            stream,
            input: BytesMut::new(),
            timer: None,
            time_offset: Duration::ZERO,
            flushed: true,
            give_up_at: None,
            shut_down: false,
        }
    }

    /// Lets the connection believe that it is `offset` later than the clock says.
    pub fn set_time_offset(&mut self, offset: Duration) {
        self.time_offset = offset;
    }

    /// The time as the connection sees it.
    pub fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std() + self.time_offset
    }

    /// Ready when there are events to take, or once the connection is finished and the stream shut
    /// down. Dropping the wait loses nothing.
    pub fn poll(&mut self, cx: &mut Context<'_>, connection: &mut Connection) -> Poll<()> {
        connection.resume_input(&mut self.input);
        loop {
            self.keep_time(connection);
            if let Err(error) = self.write(cx, connection) {
                connection.transport_closed(&error.to_string());
            }
            if connection.has_events() {
                return Poll::Ready(());
            }
            if connection.is_ended() {
                return self.finish(cx, connection);
            }
            if connection.buffered_output() < WRITE_LIMIT {
                match self.read(cx) {
                    Poll::Ready(Ok(0)) => {
                        connection.transport_closed("the peer ended the transport");
                        continue;
                    }
                    Poll::Ready(Ok(_)) => {
                        let now = self.now();
                        connection.handle_input(now, &mut self.input);
                        continue;
                    }
                    Poll::Ready(Err(error)) => {
                        connection.transport_closed(&error.to_string());
                        continue;
                    }
                    Poll::Pending => {}
                }
            }
            if self.sleep(cx, connection).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn keep_time(&mut self, connection: &mut Connection) {
        let now = self.now();
        if connection.poll_timeout().is_some_and(|due| due <= now) {
            connection.handle_timeout(now);
        }
    }

    /// Writes what is buffered as far as the stream takes it.
    fn write(&mut self, cx: &mut Context<'_>, connection: &mut Connection) -> io::Result<()> {
        loop {
            let output = connection.output();
            if output.is_empty() {
                break;
            }
            match Pin::new(&mut self.stream).poll_write(cx, output) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(written)) => {
                    output.advance(written);
                    self.flushed = false;
                }
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => return Ok(()),
            }
        }
        if !self.flushed {
            match Pin::new(&mut self.stream).poll_flush(cx) {
                Poll::Ready(result) => {
                    result?;
                    self.flushed = true;
                }
                Poll::Pending => {}
            }
        }
        Ok(())
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.input.capacity() - self.input.len() < READ_MIN {
            self.input.reserve(READ_SIZE);
        }
        pin!(self.stream.read_buf(&mut self.input)).poll(cx)
    }

    /// Writes the rest and ends the stream.
    fn finish(&mut self, cx: &mut Context<'_>, connection: &mut Connection) -> Poll<()> {
        if self.shut_down {
            return Poll::Ready(());
        }
        // Nobody is left to tell of a failure: the connection has ended already.
        let ended =
            connection.is_finished() && Pin::new(&mut self.stream).poll_shutdown(cx).is_ready();
        if !ended {
            let now = tokio::time::Instant::now();
            let give_up_at = *self.give_up_at.get_or_insert(now + LINGER);
            if self.sleep_until(cx, give_up_at).is_pending() {
                return Poll::Pending;
            }
            connection.transport_closed("the peer no longer reads");
        }
        self.shut_down = true;
        Poll::Ready(())
    }

    /// Sets the timer for what the connection waits for. Ready where that time has come.
    fn sleep(&mut self, cx: &mut Context<'_>, connection: &Connection) -> Poll<()> {
        let Some(due) = connection.poll_timeout() else {
            return Poll::Pending;
        };
        let real = due.checked_sub(self.time_offset).unwrap_or(due);
        self.sleep_until(cx, tokio::time::Instant::from_std(real))
    }

    fn sleep_until(&mut self, cx: &mut Context<'_>, deadline: tokio::time::Instant) -> Poll<()> {
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(cx)
    }
}
