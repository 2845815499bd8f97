//! An explicit encoder into a byte buffer: smallest encodings, sizes patched in afterwards.

use bytes::{BufMut, BytesMut};

use crate::error::EncodeError;
use crate::format_code as code;
use crate::walker::Element;

mod compound;

/// Appends AMQP values to a buffer.
///
/// Values are written with their smallest encoding; inside [`put_array`](Self::put_array) without
/// a constructor of their own, in the encoding the array was opened with. A value that cannot be
/// written leaves nothing readable behind; [`finish`](Self::finish) says so.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut BytesMut,
    /// The constructor that the surrounding array gave its elements.
    element: Option<u8>,
    /// Values written into the innermost list, map or array.
    count: usize,
    /// How many of these, at the end, are null.
    trailing_nulls: usize,
    failure: Option<EncodeError>,
}

impl<'a> Writer<'a> {
    /// A writer that appends to `out`.
    pub fn new(out: &'a mut BytesMut) -> Self {
        Self {
            out,
            element: None,
            count: 0,
            trailing_nulls: 0,
            failure: None,
        }
    }

    /// Whether everything could be written.
    ///
    /// # Errors
    ///
    /// The first value that could not be written; what is in the buffer is then of no use.
    pub fn finish(self) -> Result<(), EncodeError> {
        self.failure.map_or(Ok(()), Err)
    }

    /// Null.
    pub fn put_null(&mut self) {
        let nulls = self.trailing_nulls;
        if self.begin_fixed(code::NULL) {
            self.trailing_nulls = nulls + 1;
        }
    }

    /// A value, or null for none.
    pub fn put_optional<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => put(self, value),
            None => self.put_null(),
        }
    }

    /// A boolean.
    pub fn put_bool(&mut self, value: bool) {
        match self.element {
            None => _ = self.begin_fixed(if value { code::TRUE } else { code::FALSE }),
            Some(_) => self.put_fixed(code::BOOLEAN, [u8::from(value)]),
        }
    }

    /// An unsigned byte.
    pub fn put_ubyte(&mut self, value: u8) {
        self.put_fixed(code::UBYTE, [value]);
    }

    /// An unsigned 16-bit integer.
    pub fn put_ushort(&mut self, value: u16) {
        self.put_fixed(code::USHORT, value.to_be_bytes());
    }

    /// An unsigned 32-bit integer.
    pub fn put_uint(&mut self, value: u32) {
        match (self.element, u8::try_from(value)) {
            (None, Ok(0)) => _ = self.begin_fixed(code::UINT0),
            (None, Ok(small)) => self.put_fixed(code::SMALLUINT, [small]),
            _ => self.put_fixed(code::UINT, value.to_be_bytes()),
        }
    }

    /// An unsigned 64-bit integer.
    pub fn put_ulong(&mut self, value: u64) {
        match (self.element, u8::try_from(value)) {
            (None, Ok(0)) => _ = self.begin_fixed(code::ULONG0),
            (None, Ok(small)) => self.put_fixed(code::SMALLULONG, [small]),
            _ => self.put_fixed(code::ULONG, value.to_be_bytes()),
        }
    }

    /// A signed byte.
    pub fn put_byte(&mut self, value: i8) {
        self.put_fixed(code::BYTE, value.to_be_bytes());
    }

    /// A signed 16-bit integer.
    pub fn put_short(&mut self, value: i16) {
        self.put_fixed(code::SHORT, value.to_be_bytes());
    }

    /// A signed 32-bit integer.
    pub fn put_int(&mut self, value: i32) {
        match (self.element, i8::try_from(value)) {
            (None, Ok(small)) => self.put_fixed(code::SMALLINT, small.to_be_bytes()),
            _ => self.put_fixed(code::INT, value.to_be_bytes()),
        }
    }

    /// A signed 64-bit integer.
    pub fn put_long(&mut self, value: i64) {
        match (self.element, i8::try_from(value)) {
            (None, Ok(small)) => self.put_fixed(code::SMALLLONG, small.to_be_bytes()),
            _ => self.put_fixed(code::LONG, value.to_be_bytes()),
        }
    }

    /// A 32-bit floating point number.
    pub fn put_float(&mut self, value: f32) {
        self.put_fixed(code::FLOAT, value.to_be_bytes());
    }

    /// A 64-bit floating point number.
    pub fn put_double(&mut self, value: f64) {
        self.put_fixed(code::DOUBLE, value.to_be_bytes());
    }

    /// A 32-bit decimal number, as encoded.
    pub fn put_decimal32(&mut self, value: [u8; 4]) {
        self.put_fixed(code::DECIMAL32, value);
    }

    /// A 64-bit decimal number, as encoded.
    pub fn put_decimal64(&mut self, value: [u8; 8]) {
        self.put_fixed(code::DECIMAL64, value);
    }

    /// A 128-bit decimal number, as encoded.
    pub fn put_decimal128(&mut self, value: [u8; 16]) {
        self.put_fixed(code::DECIMAL128, value);
    }

    /// A Unicode character.
    pub fn put_char(&mut self, value: char) {
        self.put_fixed(code::CHAR, u32::from(value).to_be_bytes());
    }

    /// A point in time, in milliseconds since the Unix epoch.
    pub fn put_timestamp(&mut self, milliseconds: i64) {
        self.put_fixed(code::TIMESTAMP, milliseconds.to_be_bytes());
    }

    /// A UUID, in the order of RFC 4122.
    pub fn put_uuid(&mut self, value: [u8; 16]) {
        self.put_fixed(code::UUID, value);
    }

    /// A binary.
    pub fn put_binary(&mut self, value: &[u8]) {
        self.put_sized(code::VBIN8, code::VBIN32, value);
    }

    /// A string.
    pub fn put_string(&mut self, value: &str) {
        self.put_sized(code::STR8, code::STR32, value.as_bytes());
    }

    /// A symbol. The specification wants ASCII; that is left to the caller.
    pub fn put_symbol(&mut self, value: &str) {
        self.put_sized(code::SYM8, code::SYM32, value.as_bytes());
    }

    /// A value as it was received.
    pub fn put_element(&mut self, value: &Element<'_>) {
        match (self.element, value.constructor()) {
            (None, constructor) => {
                self.count_value();
                self.out.put_slice(constructor);
            }
            (Some(element), &[constructor]) if element == constructor => self.count_value(),
            (Some(element), constructor) => {
                return self.fail(EncodeError::MixedArray {
                    array: element,
                    element: constructor.first().copied().unwrap_or_default(),
                });
            }
        }
        self.out.put_slice(value.data());
    }

    fn put_fixed<const N: usize>(&mut self, constructor: u8, data: [u8; N]) {
        if self.begin_fixed(constructor) {
            self.out.put_slice(&data);
        }
    }

    fn put_sized(&mut self, narrow: u8, wide: u8, data: &[u8]) {
        let narrow_length = u8::try_from(data.len()).ok();
        let constructor = match (self.element, narrow_length) {
            (None, Some(_)) => narrow,
            (Some(element), Some(_)) if element == narrow => narrow,
            _ => wide,
        };
        match narrow_length {
            Some(length) if constructor == narrow => {
                if self.begin_fixed(narrow) {
                    self.out.put_u8(length);
                    self.out.put_slice(data);
                }
            }
            _ => {
                let Ok(length) = u32::try_from(data.len()) else {
                    return self.fail(EncodeError::TooLong(data.len()));
                };
                if self.begin_fixed(wide) {
                    self.out.put_u32(length);
                    self.out.put_slice(data);
                }
            }
        }
    }

    /// Writes the constructor, or checks that it is the one of the array around; `false` if not.
    fn begin_fixed(&mut self, constructor: u8) -> bool {
        match self.element {
            None => self.out.put_u8(constructor),
            Some(element) if element == constructor => {}
            Some(array) => {
                self.fail(EncodeError::MixedArray {
                    array,
                    element: constructor,
                });
                return false;
            }
        }
        self.count_value();
        true
    }

    fn count_value(&mut self) {
        self.count += 1;
        self.trailing_nulls = 0;
    }

    pub(crate) fn fail(&mut self, error: EncodeError) {
        self.failure.get_or_insert(error);
    }
}
