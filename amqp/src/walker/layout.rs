//! Where an encoded value ends, by its constructor.

use super::Element;
use crate::error::DecodeError;
use crate::format_code as code;

/// How the data after a constructor is delimited.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// By the constructor alone: this many bytes.
    Fixed(u8),
    /// By a size field of this many bytes.
    Sized(u8),
    Unknown,
}

/// Each constructor's layout: every field of every frame is looked up here.
static LAYOUTS: [Layout; 256] = {
    let mut layouts = [Layout::Unknown; 256];
    let mut code = 0;
    while code < layouts.len() {
        layouts[code] = match code {
            0x40..=0x45 => Layout::Fixed(0),
            0x50..=0x56 => Layout::Fixed(1),
            0x60 | 0x61 => Layout::Fixed(2),
            0x70..=0x74 => Layout::Fixed(4),
            0x80..=0x84 => Layout::Fixed(8),
            0x94 | 0x98 => Layout::Fixed(16),
            0xa0 | 0xa1 | 0xa3 | 0xc0 | 0xc1 | 0xe0 => Layout::Sized(1),
            0xb0 | 0xb1 | 0xb3 | 0xd0 | 0xd1 | 0xf0 => Layout::Sized(4),
            _ => Layout::Unknown,
        };
        code += 1;
    }
    layouts
};

impl Layout {
    #[inline]
    pub(super) fn of(code: u8) -> Self {
        LAYOUTS[usize::from(code)]
    }
}

/// Splits off a constructor: any number of descriptors, each with its 0x00, and one octet.
#[inline]
pub(super) fn split_constructor(bytes: &[u8], depth: usize) -> Result<(&[u8], &[u8]), DecodeError> {
    match bytes.split_at_checked(1) {
        Some(([code::DESCRIBED], described)) => {
            let length = 1 + described_constructor_len(described, depth)?;
            match bytes.split_at_checked(length) {
                Some(split) => Ok(split),
                None => Err(DecodeError::Truncated),
            }
        }
        Some(split) => Ok(split),
        None => Err(DecodeError::Truncated),
    }
}

/// Length of a constructor from its first descriptor on.
fn described_constructor_len(bytes: &[u8], mut depth: usize) -> Result<usize, DecodeError> {
    let mut rest = bytes;
    loop {
        depth = depth.checked_sub(1).ok_or(DecodeError::TooDeep)?;
        rest = Element::parse_within(rest, depth)?.1;
        match rest {
            [code::DESCRIBED, described @ ..] => rest = described,
            _ => return Ok(bytes.len() - rest.len() + 1),
        }
    }
}

/// The octet that says how the data is laid out: a constructor's last.
#[inline]
pub(super) fn primitive_code(constructor: &[u8]) -> Result<u8, DecodeError> {
    match constructor {
        [.., code] => Ok(*code),
        [] => Err(DecodeError::Truncated),
    }
}

#[inline]
pub(super) fn split_data(code: u8, bytes: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let (length, after) = match Layout::of(code) {
        Layout::Fixed(width) => (usize::from(width), bytes),
        Layout::Sized(width) => {
            let (size, after) = split_number(bytes, width)?;
            (size.saturating_add(usize::from(width)), after)
        }
        Layout::Unknown => return Err(DecodeError::UnknownConstructor(code)),
    };
    match bytes.split_at_checked(length) {
        Some(split) => Ok(split),
        None if after.len() == bytes.len() => Err(DecodeError::Truncated),
        None => Err(DecodeError::SizeExceedsInput {
            needed: length - (bytes.len() - after.len()),
            left: after.len(),
        }),
    }
}

#[inline]
pub(super) fn split_number(bytes: &[u8], width: u8) -> Result<(usize, &[u8]), DecodeError> {
    match (width, bytes) {
        (1, [size, rest @ ..]) => Ok((usize::from(*size), rest)),
        (4, [a, b, c, d, rest @ ..]) => {
            let size = u32::from_be_bytes([*a, *b, *c, *d]);
            // On a target with narrower addresses no such value could be in memory anyway.
            Ok((usize::try_from(size).unwrap_or(usize::MAX), rest))
        }
        _ => Err(DecodeError::Truncated),
    }
}
