//! A bounded view over encoded AMQP values: the one path by which inbound bytes become values.
//!
//! Nothing is allocated and nothing is copied. Every size and count field is checked against the
//! bytes that are really there before it is used, so a lying length is an error and never an
//! allocation or a long loop. Values inside lists, maps and arrays are looked at only when they
//! are asked for; whoever descends recursively counts depth up to [`MAX_DEPTH`] (as
//! [`Element::check`] does).

use crate::error::DecodeError;
use crate::format_code as code;

mod accessors;
mod check;
mod layout;

pub(crate) use check::Allowance;
use layout::{primitive_code, split_constructor, split_data, split_number, Layout};

/// How deep values may be nested in each other, here and in everything built on this module.
pub const MAX_DEPTH: usize = 64;

/// How many elements an array may have whose elements take no bytes at all (`null`, `true`, ..).
pub const MAX_ZERO_WIDTH_ELEMENTS: usize = 65_536;

/// One encoded value: its constructor (with descriptors, if it has any) and its data.
///
/// In an array all elements share one constructor; such an element is an `Element` as well.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    constructor: &'a [u8],
    data: &'a [u8],
}

/// What an [`Element`] is.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the variants are the primitive types of AMQP 1.0, 1.6"
)]
pub enum Kind<'a> {
    Null,
    Bool(bool),
    Ubyte(u8),
    Ushort(u16),
    Uint(u32),
    Ulong(u64),
    Byte(i8),
    Short(i16),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Decimal32([u8; 4]),
    Decimal64([u8; 8]),
    Decimal128([u8; 16]),
    Char(char),
    /// Milliseconds since the Unix epoch.
    Timestamp(i64),
    /// In the order of RFC 4122.
    Uuid([u8; 16]),
    Binary(&'a [u8]),
    String(&'a str),
    Symbol(&'a str),
    List(Elements<'a>),
    /// Key, value, key, value.
    Map(Elements<'a>),
    Array(Elements<'a>),
    /// Descriptor and described value.
    Described(Element<'a>, Element<'a>),
}

impl<'a> Element<'a> {
    /// Takes the value that `bytes` begins with; returns it and what follows it.
    pub fn parse(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), DecodeError> {
        Self::parse_within(bytes, MAX_DEPTH)
    }

    /// Takes the value that `bytes` consists of; nothing may follow it.
    pub fn parse_whole(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        match Self::parse(bytes)? {
            (element, []) => Ok(element),
            (_, rest) => Err(DecodeError::TrailingBytes(rest.len())),
        }
    }

    #[inline]
    fn parse_within(bytes: &'a [u8], depth: usize) -> Result<(Self, &'a [u8]), DecodeError> {
        let (constructor, rest) = split_constructor(bytes, depth)?;
        let (data, rest) = split_data(primitive_code(constructor)?, rest)?;
        Ok((Self { constructor, data }, rest))
    }

    /// What the value is, with everything but the contents of lists, maps and arrays decoded.
    pub fn kind(&self) -> Result<Kind<'a>, DecodeError> {
        let data = self.data;
        Ok(match self.leading_code()? {
            code::DESCRIBED => {
                let after = self.constructor.get(1..).unwrap_or_default();
                let (descriptor, constructor) = Self::parse(after)?;
                Kind::Described(descriptor, Self { constructor, data })
            }
            code::NULL => Kind::Null,
            code::TRUE => Kind::Bool(true),
            code::FALSE => Kind::Bool(false),
            code::BOOLEAN => match fixed::<1>(data)? {
                [0] => Kind::Bool(false),
                [1] => Kind::Bool(true),
                [other] => return Err(DecodeError::NotBoolean(other)),
            },
            code::UBYTE => Kind::Ubyte(u8::from_be_bytes(fixed(data)?)),
            code::USHORT => Kind::Ushort(u16::from_be_bytes(fixed(data)?)),
            code::UINT0 => Kind::Uint(0),
            code::SMALLUINT => Kind::Uint(u8::from_be_bytes(fixed(data)?).into()),
            code::UINT => Kind::Uint(u32::from_be_bytes(fixed(data)?)),
            code::ULONG0 => Kind::Ulong(0),
            code::SMALLULONG => Kind::Ulong(u8::from_be_bytes(fixed(data)?).into()),
            code::ULONG => Kind::Ulong(u64::from_be_bytes(fixed(data)?)),
            code::BYTE => Kind::Byte(i8::from_be_bytes(fixed(data)?)),
            code::SHORT => Kind::Short(i16::from_be_bytes(fixed(data)?)),
            code::SMALLINT => Kind::Int(i8::from_be_bytes(fixed(data)?).into()),
            code::INT => Kind::Int(i32::from_be_bytes(fixed(data)?)),
            code::SMALLLONG => Kind::Long(i8::from_be_bytes(fixed(data)?).into()),
            code::LONG => Kind::Long(i64::from_be_bytes(fixed(data)?)),
            code::FLOAT => Kind::Float(f32::from_be_bytes(fixed(data)?)),
            code::DOUBLE => Kind::Double(f64::from_be_bytes(fixed(data)?)),
            code::DECIMAL32 => Kind::Decimal32(fixed(data)?),
            code::DECIMAL64 => Kind::Decimal64(fixed(data)?),
            code::DECIMAL128 => Kind::Decimal128(fixed(data)?),
            code::CHAR => {
                let scalar = u32::from_be_bytes(fixed(data)?);
                Kind::Char(char::from_u32(scalar).ok_or(DecodeError::NotChar(scalar))?)
            }
            code::TIMESTAMP => Kind::Timestamp(i64::from_be_bytes(fixed(data)?)),
            code::UUID => Kind::Uuid(fixed(data)?),
            code::VBIN8 => Kind::Binary(without_prefix(data, 1)?),
            code::VBIN32 => Kind::Binary(without_prefix(data, 4)?),
            code::STR8 => Kind::String(utf8(without_prefix(data, 1)?)?),
            code::STR32 => Kind::String(utf8(without_prefix(data, 4)?)?),
            code::SYM8 => Kind::Symbol(utf8(without_prefix(data, 1)?)?),
            code::SYM32 => Kind::Symbol(utf8(without_prefix(data, 4)?)?),
            code::LIST0 => Kind::List(Elements::EMPTY),
            code::LIST8 => Kind::List(Elements::of_list(without_prefix(data, 1)?, 1)?),
            code::LIST32 => Kind::List(Elements::of_list(without_prefix(data, 4)?, 4)?),
            code::MAP8 => Kind::Map(Elements::of_map(without_prefix(data, 1)?, 1)?),
            code::MAP32 => Kind::Map(Elements::of_map(without_prefix(data, 4)?, 4)?),
            code::ARRAY8 => Kind::Array(Elements::of_array(without_prefix(data, 1)?, 1)?),
            code::ARRAY32 => Kind::Array(Elements::of_array(without_prefix(data, 4)?, 4)?),
            other => return Err(DecodeError::UnknownConstructor(other)),
        })
    }

    /// Whether it is null (not described).
    #[inline]
    pub fn is_null(&self) -> bool {
        matches!(self.constructor, [code::NULL])
    }

    /// The constructor octets: one, or more when the value is described.
    pub fn constructor(&self) -> &'a [u8] {
        self.constructor
    }

    /// The octets after the constructor, size and count fields included. Put after
    /// [`constructor`](Self::constructor) they are the value's encoding on its own, also for an
    /// element of an array.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Length of the value's encoding on its own, in bytes.
    pub fn encoded_len(&self) -> usize {
        self.constructor.len() + self.data.len()
    }

    #[inline]
    fn leading_code(&self) -> Result<u8, DecodeError> {
        match self.constructor {
            [code, ..] => Ok(*code),
            [] => Err(DecodeError::Truncated),
        }
    }
}

/// The elements of a list, map or array, in order.
///
/// After an error the iteration is over.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    shared_constructor: Option<&'a [u8]>,
    left: usize,
    bytes: &'a [u8],
}

impl<'a> Elements<'a> {
    const EMPTY: Self = Self {
        shared_constructor: None,
        left: 0,
        bytes: &[],
    };

    /// How many elements are still to come. A map's keys and values count one each.
    pub fn len(&self) -> usize {
        self.left
    }

    /// Whether no element is to come.
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// The constructor all elements share, in an array; `None` in lists and maps, and in an empty
    /// array that was sent without one.
    pub fn constructor(&self) -> Option<&'a [u8]> {
        self.shared_constructor
    }

    fn of_list(bytes: &'a [u8], count_width: u8) -> Result<Self, DecodeError> {
        let (count, bytes) = split_count(bytes, count_width)?;
        // An element of a list or map takes a byte at least, for its constructor.
        check_count(count, 1, bytes)?;
        Ok(Self {
            shared_constructor: None,
            left: count,
            bytes,
        })
    }

    fn of_map(bytes: &'a [u8], count_width: u8) -> Result<Self, DecodeError> {
        let elements = Self::of_list(bytes, count_width)?;
        if elements.left % 2 == 0 {
            Ok(elements)
        } else {
            Err(DecodeError::OddMap)
        }
    }

    fn of_array(bytes: &'a [u8], count_width: u8) -> Result<Self, DecodeError> {
        let (count, bytes) = split_count(bytes, count_width)?;
        if count == 0 && bytes.is_empty() {
            return Ok(Self::EMPTY);
        }
        let (constructor, bytes) = split_constructor(bytes, MAX_DEPTH)?;
        let code = primitive_code(constructor)?;
        match Layout::of(code) {
            Layout::Fixed(0) if count > MAX_ZERO_WIDTH_ELEMENTS => {
                return Err(DecodeError::ZeroWidthArray(count));
            }
            Layout::Fixed(width) | Layout::Sized(width) => check_count(count, width, bytes)?,
            Layout::Unknown => return Err(DecodeError::UnknownConstructor(code)),
        }
        Ok(Self {
            shared_constructor: Some(constructor),
            left: count,
            bytes,
        })
    }

    /// A scalar of fixed width in a list or map, which most fields are.
    #[inline]
    fn take_plain(&mut self) -> Option<Element<'a>> {
        if self.shared_constructor.is_some() {
            return None;
        }
        let (constructor, rest) = self.bytes.split_at_checked(1)?;
        let Layout::Fixed(width) = Layout::of(*constructor.first()?) else {
            return None;
        };
        let (data, rest) = rest.split_at_checked(usize::from(width))?;
        self.left -= 1;
        self.bytes = rest;
        Some(Element { constructor, data })
    }

    fn take(&mut self) -> Result<Element<'a>, DecodeError> {
        let (element, rest) = match self.shared_constructor {
            None => Element::parse(self.bytes)?,
            Some(constructor) => {
                let (data, rest) = split_data(primitive_code(constructor)?, self.bytes)?;
                (Element { constructor, data }, rest)
            }
        };
        self.left -= 1;
        self.bytes = rest;
        Ok(element)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Element<'a>, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            let surplus = std::mem::take(&mut self.bytes).len();
            return (surplus > 0).then_some(Err(DecodeError::TrailingBytes(surplus)));
        }
        if let Some(element) = self.take_plain() {
            return Some(Ok(element));
        }
        let taken = self.take();
        if taken.is_err() {
            *self = Self::EMPTY;
        }
        Some(taken)
    }
}

fn split_count(bytes: &[u8], width: u8) -> Result<(usize, &[u8]), DecodeError> {
    split_number(bytes, width).map_err(|_| DecodeError::SizeTooSmall)
}

fn check_count(count: usize, width: u8, bytes: &[u8]) -> Result<(), DecodeError> {
    match count.checked_mul(usize::from(width)) {
        Some(needed) if needed <= bytes.len() => Ok(()),
        _ => Err(DecodeError::CountExceedsInput {
            count,
            left: bytes.len(),
        }),
    }
}

fn fixed<const N: usize>(data: &[u8]) -> Result<[u8; N], DecodeError> {
    match data.try_into() {
        Ok(octets) => Ok(octets),
        Err(_) => Err(DecodeError::Truncated),
    }
}

fn without_prefix(data: &[u8], width: usize) -> Result<&[u8], DecodeError> {
    data.get(width..).ok_or(DecodeError::Truncated)
}

fn utf8(bytes: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8)
}
