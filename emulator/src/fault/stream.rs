//! A byte stream on which faults act.
//!
//! As long as none is set, bytes go through untouched; only the beginnings of frames are counted, so
//! that a fault set later knows where it is.

use std::io;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::delay_line::DelayLine;
use super::effect::{Effect, FrameAct, StreamEffect};
use super::frame::{Cursor, Direction, Next};
use super::scope::Place;
use super::FaultId;
use crate::hub::{PeerId, SharedHub};

/// How much is read at once.
const READ_SIZE: usize = 64 * 1024;

/// One direction.
#[derive(Debug)]
struct Lane {
    cursor: Cursor,
    /// Too little of a frame to tell what it is.
    held: BytesMut,
    line: DelayLine,
}

impl Lane {
    fn new() -> Self {
        Self {
            cursor: Cursor::default(),
            held: BytesMut::new(),
            line: DelayLine::new(),
        }
    }

    fn is_idle(&self) -> bool {
        self.held.is_empty() && self.line.is_empty()
    }
}

/// A stream of a connection, from the emulator's side.
#[derive(Debug)]
pub(crate) struct FaultyStream<S> {
    stream: S,
    connection: PeerId,
    hub: SharedHub,
    inbound: Lane,
    outbound: Lane,
    /// The stream ends once what is under way to the client has arrived.
    cut: bool,
    /// The client has ended its side.
    ended: bool,
    /// The last fault of which the stream has heard.
    faults_seen: FaultId,
    /// Room for reads; none as long as there are no faults.
    buffer: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> FaultyStream<S> {
    pub(crate) fn new(stream: S, connection: PeerId, hub: SharedHub) -> Self {
        let faults_seen = hub.borrow().faults.last();
        Self {
            stream,
            connection,
            hub,
            inbound: Lane::new(),
            outbound: Lane::new(),
            cut: false,
            ended: false,
            faults_seen,
            buffer: Vec::new(),
        }
    }

    /// Whether bytes may go past the lines.
    fn is_quiet(&self) -> bool {
        let lanes_idle = self.inbound.is_idle() && self.outbound.is_idle();
        lanes_idle && !self.cut && !self.ended && !self.hub.borrow().faults.concern_streams()
    }

    fn place(&self, direction: Option<Direction>) -> Place<'static> {
        Place {
            connection: self.connection.number(),
            direction,
            ..Place::default()
        }
    }

    /// Acts out the faults that cut the stream at once.
    fn notice_cuts(&mut self) {
        let place = self.place(None);
        let mut hub = self.hub.borrow_mut();
        let number = self.connection.number();
        while let Some((id, sudden)) = hub.faults.next_sudden(self.faults_seen, number) {
            self.faults_seen = id;
            if sudden.effect == Effect::Stream(StreamEffect::Cut) {
                self.cut |= hub.faults.strikes(id, &place);
            }
        }
    }

    fn is_stalled(&self, direction: Direction) -> bool {
        let place = self.place(Some(direction));
        self.hub.borrow_mut().faults.stall(&place)
    }

    /// Sends bytes on their way, except for what faults do to them.
    fn transport(&mut self, direction: Direction, bytes: &[u8]) {
        let place = self.place(Some(direction));
        let mut hub = self.hub.borrow_mut();
        let faults = &mut hub.faults;
        let lane = match direction {
            Direction::Inbound => &mut self.inbound,
            Direction::Outbound => &mut self.outbound,
        };
        let mut out = BytesMut::new();
        let known = lane.cursor.finish_head(bytes);
        out.extend_from_slice(bytes.get(..known).unwrap_or_default());
        lane.held
            .extend_from_slice(bytes.get(known..).unwrap_or_default());
        while !lane.held.is_empty() && !self.cut {
            let next = lane.cursor.next(&lane.held);
            let length = next.length().min(lane.held.len());
            let act = match next {
                Next::Unclear => break,
                Next::Frame(frame, _) => faults.frame(&Place {
                    frame: Some(frame),
                    ..place
                }),
                Next::ProtocolHeader | Next::Rest(_) => None,
            };
            lane.cursor.pass(next, length);
            let mut unit = lane.held.split_to(length);
            match act {
                None => out.unsplit(unit),
                Some(FrameAct::Cut) => self.cut = true,
                Some(FrameAct::Truncate { keep }) => {
                    unit.truncate(keep);
                    out.unsplit(unit);
                    self.cut = true;
                }
                Some(FrameAct::Corrupt { offset }) => {
                    let last = unit.len().saturating_sub(1);
                    if let Some(byte) = unit.get_mut(offset.min(last)) {
                        *byte = !*byte;
                    }
                    out.unsplit(unit);
                }
                Some(FrameAct::Drop) => {}
                Some(FrameAct::Duplicate) => {
                    out.extend_from_slice(&unit);
                    out.unsplit(unit);
                }
            }
        }
        if !out.is_empty() {
            let pace = faults.pace(&place);
            lane.line.put(out.freeze(), pace);
        }
    }

    /// Writes what has arrived at the client's end. Ready once nothing is under way.
    fn poll_deliver(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.cut && self.is_stalled(Direction::Outbound) {
            return Poll::Pending;
        }
        while !self.outbound.line.is_empty() {
            let Some(bytes) = self.outbound.line.arrived(cx) else {
                return Poll::Pending;
            };
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            bytes.advance(written);
            self.outbound.line.took(written);
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Reads what the client has sent, as long as there is room for it under way.
    fn poll_fetch(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(READ_SIZE, 0);
        let outcome = self.poll_fetch_by(cx, &mut buffer);
        self.buffer = buffer;
        outcome
    }

    fn poll_fetch_by(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<()>> {
        while !self.inbound.line.is_full() && !self.ended && !self.cut {
            let mut read = ReadBuf::new(buffer);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
            self.ended = read.filled().is_empty();
            self.transport(Direction::Inbound, read.filled());
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for FaultyStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.is_quiet() {
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
            let read = buf.filled().get(before..).unwrap_or_default();
            this.inbound.cursor.skim(read);
            return Poll::Ready(Ok(()));
        }
        this.notice_cuts();
        if !this.cut && this.is_stalled(Direction::Inbound) {
            return Poll::Pending;
        }
        if let Poll::Ready(Err(error)) = this.poll_fetch(cx) {
            return Poll::Ready(Err(error));
        }
        if let Some(bytes) = this.inbound.line.arrived(cx) {
            let count = bytes.len().min(buf.remaining());
            buf.put_slice(&bytes.split_to(count));
            this.inbound.line.took(count);
            return Poll::Ready(Ok(()));
        }
        if !this.inbound.line.is_empty() {
            return Poll::Pending;
        }
        if this.cut {
            ready!(this.poll_deliver(cx))?;
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if this.ended {
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for FaultyStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.is_quiet() {
            let written = ready!(Pin::new(&mut this.stream).poll_write(cx, bytes))?;
            let passed = bytes.get(..written).unwrap_or_default();
            this.outbound.cursor.skim(passed);
            return Poll::Ready(Ok(written));
        }
        this.notice_cuts();
        if let Poll::Ready(Err(error)) = this.poll_deliver(cx) {
            return Poll::Ready(Err(error));
        }
        if this.outbound.line.is_full() || this.cut {
            return Poll::Pending;
        }
        this.transport(Direction::Outbound, bytes);
        if let Poll::Ready(Err(error)) = this.poll_deliver(cx) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.is_quiet() {
            return Pin::new(&mut this.stream).poll_flush(cx);
        }
        this.poll_deliver(cx)
    }

    /// A stream that was cut is not ended in good order.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.cut {
            return Poll::Ready(Ok(()));
        }
        ready!(this.poll_deliver(cx))?;
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}
