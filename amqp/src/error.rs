//! What can be wrong with bytes that came in, and with values that should go out.

use thiserror::Error;

/// Why encoded bytes are not the AMQP value or frame body they should be.
///
/// An endpoint answers it with `amqp:decode-error` (AMQP 1.0, 2.8.14).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end before the value does.
    #[error("encoded value is cut off")]
    Truncated,
    /// A constructor octet that AMQP 1.0 does not define.
    #[error("unknown constructor 0x{0:02x}")]
    UnknownConstructor(u8),
    /// A size field promises more bytes than are there.
    #[error("size field says {needed} bytes, {left} are left")]
    SizeExceedsInput {
        /// What the size field says.
        needed: usize,
        /// How many bytes follow it.
        left: usize,
    },
    /// A size field is smaller than the count field it has to cover.
    #[error("size field of a compound value is too small for its count field")]
    SizeTooSmall,
    /// A count field promises more elements than the bytes can hold.
    #[error("count field says {count} elements, {left} bytes are left for them")]
    CountExceedsInput {
        /// What the count field says.
        count: usize,
        /// How many bytes the elements have.
        left: usize,
    },
    /// An array of more elements without width than this implementation accepts.
    #[error("array of {0} elements that take no bytes")]
    ZeroWidthArray(usize),
    /// Values are nested deeper than [`MAX_DEPTH`](crate::walker::MAX_DEPTH).
    #[error("values are nested too deep")]
    TooDeep,
    /// A value grows out of proportion to its bytes when written out.
    #[error("value has more in it than its bytes justify")]
    TooManyElements,
    /// A map with a key but no value at its end.
    #[error("map has an odd number of elements")]
    OddMap,
    /// The same key twice in one map (forbidden by AMQP 1.0, 1.6.23).
    #[error("map has the same key twice")]
    DuplicateKey,
    /// Bytes follow the last element of a value that should end there.
    #[error("{0} bytes follow the end of the value")]
    TrailingBytes(usize),
    /// A string or symbol that is not UTF-8.
    #[error("text is not utf-8")]
    NotUtf8,
    /// A char that is no Unicode scalar value.
    #[error("0x{0:08x} is not a unicode character")]
    NotChar(u32),
    /// A boolean octet that is neither 0 nor 1.
    #[error("boolean octet is 0x{0:02x}")]
    NotBoolean(u8),
    /// A value of another type than the one needed.
    #[error("expected {0}")]
    WrongType(&'static str),
    /// A number or word outside the set that the field allows.
    #[error("value is none of those defined for {0}")]
    UnknownChoice(&'static str),
    /// A described type that cannot stand here.
    #[error("descriptor {descriptor} is not a {expected}")]
    UnknownDescriptor {
        /// What should have been there.
        expected: &'static str,
        /// The descriptor found, printable.
        descriptor: String,
    },
    /// A mandatory field is absent or null.
    #[error("{composite} lacks its mandatory field {field}")]
    MissingField {
        /// The performative, terminus, state or section.
        composite: &'static str,
        /// The field, as the specification spells it.
        field: &'static str,
    },
    /// A field holds something it must not hold.
    #[error("{composite}.{field}: {cause}")]
    Field {
        /// The performative, terminus, state or section.
        composite: &'static str,
        /// The field, as the specification spells it.
        field: &'static str,
        /// What is wrong with it.
        cause: Box<DecodeError>,
    },
    /// A message section that may stand only once is there twice.
    #[error("message has two {0} sections")]
    DuplicateSection(&'static str),
}

impl DecodeError {
    #[cold]
    pub(crate) fn in_field(self, composite: &'static str, field: &'static str) -> Self {
        Self::Field {
            composite,
            field,
            cause: Box::new(self),
        }
    }
}

/// Why a value cannot be written as AMQP 1.0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A text, binary or compound value of more than 4,294,967,295 bytes, or one that does not fit
    /// the element width of its array.
    #[error("value of {0} bytes is too long for its encoding")]
    TooLong(usize),
    /// An element that is not of the type its array was opened with.
    #[error("array of constructor 0x{array:02x} cannot hold an element of 0x{element:02x}")]
    MixedArray {
        /// Constructor of the array's elements.
        array: u8,
        /// Constructor the refused element would need.
        element: u8,
    },
    /// A constructor octet that arrays are never written with.
    #[error("arrays are not written with constructor 0x{0:02x}")]
    ArrayConstructor(u8),
    /// The parts of described array elements differ in their descriptors.
    #[error("described elements of one array have different descriptors")]
    MixedDescriptors,
    /// The negotiated frame size leaves no room for the frame's own fields.
    #[error("frame of at most {0} bytes has no room for a transfer")]
    FrameTooSmall(u32),
}

/// Why a byte stream is not a sequence of AMQP frames.
///
/// An endpoint answers it with `amqp:connection:framing-error` (AMQP 1.0, 2.8.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FramingError {
    /// The size field is smaller than the frame header.
    #[error("frame size {0} is smaller than a frame header")]
    TooShort(u32),
    /// The frame is larger than was agreed.
    #[error("frame size {size} exceeds the agreed {limit}")]
    TooLarge {
        /// What the size field says.
        size: u32,
        /// The agreed maximum.
        limit: u32,
    },
    /// The data offset points into the frame header or behind the frame.
    #[error("data offset {doff} does not fit a frame of {size} bytes")]
    DataOffset {
        /// The data offset, in words of four bytes.
        doff: u8,
        /// The frame's size in bytes.
        size: u32,
    },
    /// A frame type other than AMQP and SASL.
    #[error("unknown frame type 0x{0:02x}")]
    UnknownType(u8),
    /// The peer does not speak AMQP 1.0.
    #[error("peer sent {0:02x?} where a protocol header should be")]
    NotAmqp([u8; 8]),
}
