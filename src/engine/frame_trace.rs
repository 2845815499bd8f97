//! A trace of the frames on a connection. What transfers carry, messages and tokens, is not in it, only its size.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use log::debug;
use servicebus_amqp::error::FramingError;
use servicebus_amqp::framing::{take_frame, Frame, FrameKind};
use servicebus_amqp::performative::{read_performative, Performative};
use servicebus_amqp::protocol_header::ProtocolHeader;
use servicebus_amqp::sasl::read_sasl;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::transport::Stream;

/// A stream whose frames are logged as they pass, a line each.
pub(crate) struct FrameTrace {
    stream: Stream,
    client: String,
    sent: Passing,
    received: Passing,
}

/// The bytes of one direction that have passed and make no whole frame yet.
struct Passing {
    bytes: BytesMut,
    max_frame_size: u32,
    /// They are no frames, so that nothing after them can be told.
    unreadable: bool,
}

/// What the trace tells apart.
enum Unit {
    Header(ProtocolHeader),
    Frame(Frame),
}

impl FrameTrace {
    /// The trace of a stream on which this side accepts frames of at most `max_frame_size` bytes.
    pub(crate) fn new(stream: Stream, client: String, max_frame_size: u32) -> Self {
        FrameTrace {
            stream,
            client,
            // How large they may be is the peer's to say; they are this side's own, and not believed but made.
            sent: Passing::new(u32::MAX),
            received: Passing::new(max_frame_size),
        }
    }
}

impl Passing {
    fn new(max_frame_size: u32) -> Self {
        Passing {
            bytes: BytesMut::new(),
            max_frame_size,
            unreadable: false,
        }
    }

    /// Tells the frames that these bytes complete.
    fn pass(&mut self, bytes: &[u8], mut tell: impl FnMut(&dyn fmt::Display)) {
        if self.unreadable {
            return;
        }
        self.bytes.extend_from_slice(bytes);
        loop {
            match self.next() {
                Ok(Some(unit)) => tell(&unit),
                Ok(None) => return,
                Err(error) => {
                    tell(&format_args!("no more frames can be told: {error}"));
                    self.unreadable = true;
                    self.bytes = BytesMut::new();
                    return;
                }
            }
        }
    }

    fn next(&mut self) -> Result<Option<Unit>, FramingError> {
        // A frame that begins so would be larger than any that is sent.
        if self.bytes.starts_with(b"AMQP") {
            return Ok(ProtocolHeader::take(&mut self.bytes)?.map(Unit::Header));
        }
        Ok(take_frame(&mut self.bytes, self.max_frame_size)?.map(Unit::Frame))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frame = match self {
            Unit::Header(header) => return write!(f, "protocol header {header:?}"),
            Unit::Frame(frame) => frame,
        };
        let size = frame.body.len();
        match frame.kind {
            FrameKind::Amqp if size == 0 => write!(f, "empty frame"),
            FrameKind::Amqp => {
                write!(f, "channel {} ", frame.channel)?;
                match read_performative(&frame.body) {
                    Ok((Performative::Transfer(transfer), at)) => {
                        let payload = size.saturating_sub(at);
                        write!(f, "{transfer:?} with {payload} bytes of payload")
                    }
                    Ok((performative, _)) => write!(f, "{performative:?}"),
                    Err(error) => write!(f, "{size} bytes that are no performative: {error}"),
                }
            }
            FrameKind::Sasl => match read_sasl(&frame.body) {
                Ok(frame) => write!(f, "Sasl {frame:?}"),
                Err(error) => write!(f, "{size} bytes that are no SASL frame: {error}"),
            },
        }
    }
}

impl AsyncRead for FrameTrace {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        let result = Pin::new(&mut this.stream).poll_read(cx, buf);
        let read = buf.filled().get(before..).unwrap_or_default();
        this.received.pass(read, |unit| {
            debug!(target: "servicebus::frames", "{:?} <- {unit}", this.client);
        });
        result
    }
}

impl AsyncWrite for FrameTrace {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let result = Pin::new(&mut this.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(length)) = result {
            let written = bytes.get(..length).unwrap_or_default();
            this.sent.pass(written, |unit| {
                debug!(target: "servicebus::frames", "{:?} -> {unit}", this.client);
            });
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An open whose container is "a", a transfer of the body "ab", and an empty frame, behind a header.
    const STREAM: &[&[u8]] = &[
        b"AMQP\x00\x01\x00\x00",
        b"\x00\x00\x00\x11\x02\x00\x00\x00\x00\x53\x10\xc0\x04\x01\xa1\x01a",
        b"\x00\x00\x00\x17\x02\x00\x00\x07\x00\x53\x14\xc0\x03\x01\x52\x05\x00\x53\x75\xa0\x02ab",
        b"\x00\x00\x00\x08\x02\x00\x00\x00",
    ];

    fn told(passing: &mut Passing, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        passing.pass(bytes, |unit| lines.push(unit.to_string()));
        lines
    }

    #[test]
    fn frames_are_told_wherever_the_bytes_are_cut() {
        let stream = STREAM.concat();
        let whole = told(&mut Passing::new(512), &stream);
        assert_eq!(whole.len(), 4, "{whole:#?}");
        assert_eq!(whole[0], "protocol header Amqp");
        assert!(whole[1].starts_with("channel 0 Open"), "{}", whole[1]);
        assert!(whole[2].starts_with("channel 7 Transfer"), "{}", whole[2]);
        assert!(
            whole[2].ends_with("with 7 bytes of payload"),
            "{}",
            whole[2]
        );
        assert_eq!(whole[3], "empty frame");
        let mut passing = Passing::new(512);
        let single: Vec<_> = stream
            .iter()
            .flat_map(|byte| told(&mut passing, &[*byte]))
            .collect();
        assert_eq!(single, whole);
    }

    #[test]
    fn what_is_no_frame_ends_the_trace_with_a_line() {
        let mut passing = Passing::new(512);
        let lines = told(&mut passing, b"HTTP/1.1 400 Bad Request");
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].starts_with("no more frames can be told"),
            "{lines:?}"
        );
        assert_eq!(told(&mut passing, STREAM[3]), Vec::<String>::new());
    }

    #[test]
    fn a_frame_that_holds_no_performative_is_told_by_its_size() {
        let mut passing = Passing::new(512);
        let lines = told(&mut passing, b"\x00\x00\x00\x0a\x02\x00\x00\x00\xff\xff");
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].starts_with("channel 0 2 bytes that are no"),
            "{lines:?}"
        );
    }
}
