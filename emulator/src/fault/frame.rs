//! Frames as they pass: where each begins, and what it is (AMQP 1.0, 2.3).

use bytes::{Buf, BytesMut};

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the emulator.
    Inbound,
    /// From the emulator to the client.
    Outbound,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the performatives of AMQP 1.0, 2.7")]
pub enum FrameKind {
    /// Any frame of the SASL layer.
    Sasl,
    /// A frame without a performative, which only keeps the connection alive.
    Empty,
    Open,
    Begin,
    Attach,
    Flow,
    Transfer,
    Disposition,
    Detach,
    End,
    Close,
}

impl FrameKind {
    /// What kind the frame is that begins with these bytes.
    fn of(head: &[u8]) -> Option<Self> {
        if head.get(5) == Some(&1) {
            return Some(FrameKind::Sasl);
        }
        match head.get(HEADER..) {
            None | Some([]) => Some(FrameKind::Empty),
            // A descriptor in the form of a small ulong, as every implementation writes it.
            Some([0x00, 0x53, code, ..]) => match code {
                0x10 => Some(FrameKind::Open),
                0x11 => Some(FrameKind::Begin),
                0x12 => Some(FrameKind::Attach),
                0x13 => Some(FrameKind::Flow),
                0x14 => Some(FrameKind::Transfer),
                0x15 => Some(FrameKind::Disposition),
                0x16 => Some(FrameKind::Detach),
                0x17 => Some(FrameKind::End),
                0x18 => Some(FrameKind::Close),
                _ => None,
            },
            Some(_) => None,
        }
    }
}

/// A frame that begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Counted from 1 in each direction of a connection, SASL frames included.
    pub(crate) number: u64,
    pub(crate) kind: Option<FrameKind>,
}

/// What comes next in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A frame begins, of so many bytes.
    Frame(Frame, usize),
    /// A protocol header begins.
    ProtocolHeader,
    /// So many bytes belong to what began before.
    Rest(usize),
    /// More bytes are needed to tell.
    Unclear,
}

impl Next {
    /// The length in bytes.
    pub(super) fn length(self) -> usize {
        match self {
            Next::Frame(_, length) | Next::Rest(length) => length,
            Next::ProtocolHeader => HEADER,
            Next::Unclear => 0,
        }
    }
}

/// The length of a frame header, and of a protocol header.
const HEADER: usize = 8;
/// A frame's header and the descriptor of its performative.
const HEAD: usize = 11;

/// Where in a stream of frames one is.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    /// Bytes of the current frame that are still to come.
    left: usize,
    frames: u64,
    /// The beginning of a frame of which too little has passed to tell what it is.
    head: BytesMut,
}

impl Cursor {
    /// What the bytes begin with, which follow those that have passed.
    pub(super) fn next(&self, bytes: &[u8]) -> Next {
        if self.left > 0 {
            return Next::Rest(self.left);
        }
        let Some(size) = bytes.first_chunk::<4>() else {
            return Next::Unclear;
        };
        if size == b"AMQP" {
            return Next::ProtocolHeader;
        }
        let size = usize::try_from(u32::from_be_bytes(*size)).unwrap_or(usize::MAX);
        // A size that no frame has is for the endpoint to complain of.
        let size = size.max(HEADER);
        let Some(head) = bytes.get(..size.min(HEAD)) else {
            return Next::Unclear;
        };
        let frame = Frame {
            number: self.frames + 1,
            kind: FrameKind::of(head),
        };
        Next::Frame(frame, size)
    }

    /// Notes that `count` bytes of what comes next have passed.
    pub(super) fn pass(&mut self, next: Next, count: usize) {
        if let Next::Frame(frame, _) = next {
            self.frames = frame.number;
        }
        self.left = next.length().saturating_sub(count);
    }

    /// Follows bytes that pass untouched.
    pub(crate) fn skim(&mut self, bytes: &[u8]) {
        let mut bytes = bytes.get(self.finish_head(bytes)..).unwrap_or_default();
        while !bytes.is_empty() {
            let next = self.next(bytes);
            if next == Next::Unclear {
                self.head.extend_from_slice(bytes);
                return;
            }
            let passed = next.length().min(bytes.len());
            self.pass(next, passed);
            bytes.advance(passed);
        }
    }

    /// Follows bytes as far as they belong to a frame that began before. The rest begins with a frame;
    /// `None` if there is no rest.
    pub(crate) fn skim_to_frame<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (_, rest) = bytes.split_at(self.finish_head(bytes));
        let (tail, rest) = rest.split_at(self.left.min(rest.len()));
        self.skim(tail);
        (!rest.is_empty()).then_some(rest)
    }

    /// Follows the bytes that are needed to tell what began before; says how many they were.
    pub(super) fn finish_head(&mut self, bytes: &[u8]) -> usize {
        let mut count = 0;
        for byte in bytes {
            if self.head.is_empty() {
                break;
            }
            self.head.extend_from_slice(&[*byte]);
            count += 1;
            let head = std::mem::take(&mut self.head);
            match self.next(&head) {
                Next::Unclear => self.head = head,
                next => self.pass(next, head.len()),
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
        let size = u32::try_from(HEADER + body.len()).unwrap();
        let mut bytes = size.to_be_bytes().to_vec();
        bytes.extend_from_slice(&[2, kind, 0, 0]);
        bytes.extend_from_slice(body);
        bytes
    }

    fn stream() -> Vec<u8> {
        [
            b"AMQP\x03\x01\x00\x00".to_vec(),
            frame(1, &[0, 0x53, 0x40, 0x45]),
            b"AMQP\x00\x01\x00\x00".to_vec(),
            frame(0, &[0, 0x53, 0x10, 0x45]),
            frame(0, &[]),
            frame(0, &[0, 0x53, 0x14, 0x45, 1, 2, 3, 4, 5]),
        ]
        .concat()
    }

    #[test]
    fn frames_are_counted_however_the_bytes_are_cut() {
        let stream = stream();
        for step in 1..stream.len() {
            let mut cursor = Cursor::default();
            for piece in stream.chunks(step) {
                cursor.skim(piece);
            }
            let next = cursor.next(&frame(0, &[0, 0x53, 0x18, 0x45]));
            let close = Frame {
                number: 5,
                kind: Some(FrameKind::Close),
            };
            assert_eq!(next, Next::Frame(close, 12), "in steps of {step}");
        }
    }

    #[test]
    fn the_next_frame_is_found_wherever_one_begins_to_look() {
        let stream = stream();
        let mut begins = Vec::new();
        let mut at = 0;
        while at < stream.len() {
            begins.push(at);
            at += Cursor::default().next(&stream[at..]).length();
        }
        for from in 0..stream.len() {
            let (before, after) = stream.split_at(from);
            let mut cursor = Cursor::default();
            cursor.skim(before);
            let found = cursor.skim_to_frame(after);
            let found = found.map(|rest| stream.len() - rest.len());
            let next = begins.iter().copied().find(|begin| *begin >= from);
            assert_eq!(found, next, "from {from}");
        }
    }

    #[test]
    fn each_frame_is_known_by_its_head() {
        let stream = stream();
        let mut cursor = Cursor::default();
        let mut bytes = stream.as_slice();
        let mut kinds = Vec::new();
        while !bytes.is_empty() {
            let next = cursor.next(bytes);
            if let Next::Frame(frame, _) = next {
                kinds.push(frame.kind.unwrap());
            }
            cursor.pass(next, next.length());
            bytes.advance(next.length());
        }
        assert_eq!(
            kinds,
            [
                FrameKind::Sasl,
                FrameKind::Open,
                FrameKind::Empty,
                FrameKind::Transfer
            ]
        );
    }
}
