//! Lenient access to scalars: real peers send wider or narrower integers than a field asks for,
//! and strings where symbols are due, or the reverse.

use super::{Element, Kind};
use crate::format_code as code;

impl<'a> Element<'a> {
    /// A boolean; `None` for null and any other type.
    #[inline]
    pub fn as_bool(&self) -> Option<bool> {
        match (self.constructor, self.data) {
            ([code::TRUE], _) | ([code::BOOLEAN], [1]) => Some(true),
            ([code::FALSE], _) | ([code::BOOLEAN], [0]) => Some(false),
            _ => None,
        }
    }

    /// An integer of any width and sign that fits.
    pub fn as_u8(&self) -> Option<u8> {
        self.as_integer()?.try_into().ok()
    }

    /// An integer of any width and sign that fits.
    pub fn as_u16(&self) -> Option<u16> {
        self.as_integer()?.try_into().ok()
    }

    /// An integer of any width and sign that fits.
    #[inline]
    pub fn as_u32(&self) -> Option<u32> {
        // What a field of this type holds unless its sender is peculiar.
        match (self.constructor, self.data) {
            ([code::UINT0], _) => Some(0),
            ([code::SMALLUINT], [octet]) => Some((*octet).into()),
            ([code::UINT], [a, b, c, d]) => Some(u32::from_be_bytes([*a, *b, *c, *d])),
            _ => self.as_integer()?.try_into().ok(),
        }
    }

    /// An integer of any width and sign that fits.
    #[inline]
    pub fn as_u64(&self) -> Option<u64> {
        match (self.constructor, self.data) {
            ([code::SMALLULONG], [octet]) => Some((*octet).into()),
            _ => self.as_integer()?.try_into().ok(),
        }
    }

    /// An integer of any width and sign that fits.
    pub fn as_i32(&self) -> Option<i32> {
        self.as_integer()?.try_into().ok()
    }

    /// An integer of any width and sign that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_integer()?.try_into().ok()
    }

    /// A string or a symbol.
    pub fn as_text(&self) -> Option<&'a str> {
        match self.kind() {
            Ok(Kind::String(text) | Kind::Symbol(text)) => Some(text),
            _ => None,
        }
    }

    /// A binary.
    pub fn as_binary(&self) -> Option<&'a [u8]> {
        match self.kind() {
            Ok(Kind::Binary(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// A UUID, in the order of RFC 4122.
    pub fn as_uuid(&self) -> Option<[u8; 16]> {
        match self.kind() {
            Ok(Kind::Uuid(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// A timestamp, or an integer in its place: milliseconds since the Unix epoch.
    pub fn as_timestamp(&self) -> Option<i64> {
        match self.kind() {
            Ok(Kind::Timestamp(milliseconds)) => Some(milliseconds),
            _ => self.as_i64(),
        }
    }

    fn as_integer(&self) -> Option<i128> {
        Some(match self.kind().ok()? {
            Kind::Ubyte(value) => value.into(),
            Kind::Ushort(value) => value.into(),
            Kind::Uint(value) => value.into(),
            Kind::Ulong(value) => value.into(),
            Kind::Byte(value) => value.into(),
            Kind::Short(value) => value.into(),
            Kind::Int(value) => value.into(),
            Kind::Long(value) => value.into(),
            _ => return None,
        })
    }
}
