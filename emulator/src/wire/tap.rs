//! A byte stream that lets the record know of its frames.
//!
//! It sits next to the network: what faults do to frames is on record as it was sent. Only where
//! frames are recorded are they read; else their beginnings are counted.

use std::io;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

use bytes::{Buf, BytesMut};
use servicebus_amqp::framing::take_frame;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frame_reading::FrameReader;
use crate::fault::{Cursor, Direction};
use crate::hub::{PeerId, SharedHub};

/// A larger frame is not kept, nor recorded; those that come after it are.
const MAX_FRAME: u32 = 1024 * 1024;

/// The length of a protocol header.
const HEADER: usize = 8;

/// What has passed in one direction.
#[derive(Debug, Default)]
struct Lane {
    cursor: Cursor,
    /// The beginning of the current frame; `None` while frames are not recorded.
    copy: Option<BytesMut>,
}

/// A stream of a connection.
#[derive(Debug)]
pub(super) struct Tap<S> {
    stream: S,
    connection: PeerId,
    hub: SharedHub,
    reader: FrameReader,
    inbound: Lane,
    outbound: Lane,
}

impl<S> Tap<S> {
    pub(super) fn new(stream: S, connection: PeerId, hub: SharedHub) -> Self {
        Self {
            stream,
            connection,
            hub,
            reader: FrameReader::default(),
            inbound: Lane::default(),
            outbound: Lane::default(),
        }
    }

    fn passed(&mut self, direction: Direction, bytes: &[u8]) {
        let lane = match direction {
            Direction::Inbound => &mut self.inbound,
            Direction::Outbound => &mut self.outbound,
        };
        if !self.hub.borrow().records_frames() {
            lane.copy = None;
            lane.cursor.skim(bytes);
            return;
        }
        let copy = match &mut lane.copy {
            Some(copy) => {
                lane.cursor.skim(bytes);
                copy.extend_from_slice(bytes);
                copy
            }
            None => {
                let Some(rest) = lane.cursor.skim_to_frame(bytes) else {
                    return;
                };
                lane.cursor.skim(rest);
                lane.copy.insert(BytesMut::from(rest))
            }
        };
        loop {
            if copy.starts_with(b"AMQP") && copy.len() >= HEADER {
                copy.advance(HEADER);
            }
            let before = copy.len();
            match take_frame(copy, MAX_FRAME) {
                Ok(Some(frame)) => {
                    let number = self.connection.number();
                    let size = before - copy.len();
                    let record = self.reader.read(number, direction, &frame, size);
                    self.hub.borrow_mut().frame_passed(record);
                }
                Ok(None) => return,
                Err(error) => {
                    // A protocol header of which not all has come looks like a frame.
                    if !copy.starts_with(b"AMQP") {
                        log::debug!("a frame is not on record: {error}");
                        lane.copy = None;
                    }
                    return;
                }
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        let read = buf.filled().get(before..).unwrap_or_default();
        this.passed(Direction::Inbound, read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, bytes))?;
        let passed = bytes.get(..written).unwrap_or_default();
        this.passed(Direction::Outbound, passed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
