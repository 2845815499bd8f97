//! Frames: the units a connection's byte stream is cut into (AMQP 1.0, 2.3).

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::error::{EncodeError, FramingError};
use crate::types::performatives::Transfer;
use crate::write;
use crate::writer::Writer;

/// Length of a frame header without extension, in bytes.
pub const HEADER_SIZE: usize = 8;

/// The smallest maximum frame size a peer may ask for (AMQP 1.0, 2.7.1), and the largest SASL frame.
pub const MIN_MAX_FRAME_SIZE: u32 = 512;

/// Which layer a frame belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// Type 0x00.
    Amqp,
    /// Type 0x01.
    Sasl,
}

/// A frame as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Which layer it belongs to.
    pub kind: FrameKind,
    /// The channel; in a SASL frame its two bytes have no meaning.
    pub channel: u16,
    /// What follows the header and its extension; empty in a frame that only keeps the connection
    /// alive. It shares the memory of the buffer it was read into.
    pub body: Bytes,
}

/// Takes the next whole frame off `input`; `None` when more bytes are needed for it.
///
/// # Errors
///
/// The stream is not made of frames of at most `max_frame_size` bytes. Nothing after it can be
/// read.
pub fn take_frame(
    input: &mut BytesMut,
    max_frame_size: u32,
) -> Result<Option<Frame>, FramingError> {
    let Some(size) = input.first_chunk::<4>() else {
        return Ok(None);
    };
    let size = u32::from_be_bytes(*size);
    let Some(length) = usize::try_from(size)
        .ok()
        .filter(|length| *length >= HEADER_SIZE)
    else {
        return Err(FramingError::TooShort(size));
    };
    if size > max_frame_size {
        let limit = max_frame_size;
        return Err(FramingError::TooLarge { size, limit });
    }
    let Some(&[_, _, _, _, doff, kind, channel_high, channel_low]) = input.first_chunk() else {
        return Ok(None);
    };
    let body_start = usize::from(doff) * 4;
    if body_start < HEADER_SIZE || body_start > length {
        return Err(FramingError::DataOffset { doff, size });
    }
    let kind = match kind {
        0 => FrameKind::Amqp,
        1 => FrameKind::Sasl,
        other => return Err(FramingError::UnknownType(other)),
    };
    if input.len() < length {
        return Ok(None);
    }
    let mut body = input.split_to(length).freeze();
    body.advance(body_start);
    Ok(Some(Frame {
        kind,
        channel: u16::from_be_bytes([channel_high, channel_low]),
        body,
    }))
}

/// Appends a frame whose body is what `body` appends.
///
/// # Errors
///
/// Those of `body`, and a frame of more than 4,294,967,295 bytes; `out` is then as it was.
pub fn write_frame(
    out: &mut BytesMut,
    kind: FrameKind,
    channel: u16,
    body: impl FnOnce(&mut BytesMut) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let start = out.len();
    let kind = match kind {
        FrameKind::Amqp => 0,
        FrameKind::Sasl => 1,
    };
    let [channel_high, channel_low] = channel.to_be_bytes();
    out.put_slice(&[0, 0, 0, 0, 2, kind, channel_high, channel_low]);
    let written = body(out).and_then(|()| {
        let length = out.len() - start;
        u32::try_from(length).map_err(|_| EncodeError::TooLong(length))
    });
    match written {
        Ok(size) => {
            if let Some(place) = out.get_mut(start..start + 4) {
                place.copy_from_slice(&size.to_be_bytes());
            }
            Ok(())
        }
        Err(error) => {
            out.truncate(start);
            Err(error)
        }
    }
}

/// Appends one transfer frame with as much of `payload` as fits into `max_frame_size`, takes that
/// much off `payload`, and sets `transfer.more` to whether some of it is left.
///
/// # Errors
///
/// A value in `transfer` that cannot be written, or a frame size that leaves no room for any
/// payload; `out` and `payload` are then as they were.
pub fn write_transfer(
    out: &mut BytesMut,
    channel: u16,
    transfer: &mut Transfer,
    payload: &mut Bytes,
    max_frame_size: u32,
) -> Result<(), EncodeError> {
    let limit = usize::try_from(max_frame_size).unwrap_or(usize::MAX);
    let start = out.len();
    write_frame(out, FrameKind::Amqp, channel, |out| {
        transfer.more = false;
        write_transfer_fields(out, transfer)?;
        let mut taken = payload.len();
        if out.len() - start + taken > limit {
            out.truncate(start + HEADER_SIZE);
            transfer.more = true;
            write_transfer_fields(out, transfer)?;
            taken = limit.saturating_sub(out.len() - start).min(taken);
            if taken == 0 {
                return Err(EncodeError::FrameTooSmall(max_frame_size));
            }
        }
        out.put_slice(&payload.split_to(taken));
        Ok(())
    })
}

fn write_transfer_fields(out: &mut BytesMut, transfer: &Transfer) -> Result<(), EncodeError> {
    let mut writer = Writer::new(out);
    write::transfer::write_transfer(&mut writer, transfer);
    writer.finish()
}
