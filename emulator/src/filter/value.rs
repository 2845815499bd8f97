//! A typed value: of a message property, of a constant, of a parameter.

mod amqp;
mod conversion;

use std::borrow::Cow;

use bytes::Bytes;

pub(super) use self::conversion::{Number, TICKS_PER_MILLI};

/// A value, with the type that it travels with.
///
/// The service is a .NET program, so its types are those of .NET; names of AMQP types that are the
/// same differ (`int`, `ubyte`).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// Null, or nothing there: *unknown* to every operator.
    Null,
    Bool(bool),
    Integer(IntegerType, i128),
    Single(f32),
    Double(f64),
    /// An IEEE 754 decimal128 as it was sent.
    Decimal([u8; 16]),
    Char(char),
    String(Cow<'a, str>),
    /// In the order of RFC 4122.
    Guid([u8; 16]),
    /// Milliseconds since the Unix epoch.
    DateTime(i64),
    /// Ticks of 100 ns since the year 1, in UTC.
    DateTimeOffset(i64),
    /// Ticks of 100 ns.
    TimeSpan(i64),
    Uri(Cow<'a, str>),
    /// Any other value, encoded: it can be moved and looked for, and nothing else.
    Other(Bytes),
}

/// How wide an integer is; the value beside it always fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntegerType {
    Sbyte,
    Byte,
    Short,
    Ushort,
    Int,
    Uint,
    Long,
    Ulong,
}

impl IntegerType {
    pub(crate) fn holds(self, value: i128) -> bool {
        match self {
            Self::Sbyte => i8::try_from(value).is_ok(),
            Self::Byte => u8::try_from(value).is_ok(),
            Self::Short => i16::try_from(value).is_ok(),
            Self::Ushort => u16::try_from(value).is_ok(),
            Self::Int => i32::try_from(value).is_ok(),
            Self::Uint => u32::try_from(value).is_ok(),
            Self::Long => i64::try_from(value).is_ok(),
            Self::Ulong => u64::try_from(value).is_ok(),
        }
    }
}

impl Value<'_> {
    pub(crate) fn text(text: &str) -> Value<'static> {
        Value::String(Cow::Owned(text.to_owned()))
    }

    pub(crate) fn long(value: i64) -> Value<'static> {
        Value::Integer(IntegerType::Long, value.into())
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The type's name in C#, for error messages.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Integer(IntegerType::Sbyte, _) => "sbyte",
            Self::Integer(IntegerType::Byte, _) => "byte",
            Self::Integer(IntegerType::Short, _) => "short",
            Self::Integer(IntegerType::Ushort, _) => "ushort",
            Self::Integer(IntegerType::Int, _) => "int",
            Self::Integer(IntegerType::Uint, _) => "uint",
            Self::Integer(IntegerType::Long, _) => "long",
            Self::Integer(IntegerType::Ulong, _) => "ulong",
            Self::Single(_) => "float",
            Self::Double(_) => "double",
            Self::Decimal(_) => "decimal",
            Self::Char(_) => "char",
            Self::String(_) => "string",
            Self::Guid(_) => "System.Guid",
            Self::DateTime(_) => "System.DateTime",
            Self::DateTimeOffset(_) => "System.DateTimeOffset",
            Self::TimeSpan(_) => "System.TimeSpan",
            Self::Uri(_) => "System.Uri",
            Self::Other(_) => "object",
        }
    }

    /// The same value, borrowing nothing.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Integer(of, value) => Value::Integer(of, value),
            Self::Single(value) => Value::Single(value),
            Self::Double(value) => Value::Double(value),
            Self::Decimal(value) => Value::Decimal(value),
            Self::Char(value) => Value::Char(value),
            Self::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Self::Guid(value) => Value::Guid(value),
            Self::DateTime(value) => Value::DateTime(value),
            Self::DateTimeOffset(value) => Value::DateTimeOffset(value),
            Self::TimeSpan(value) => Value::TimeSpan(value),
            Self::Uri(text) => Value::Uri(Cow::Owned(text.into_owned())),
            Self::Other(value) => Value::Other(value),
        }
    }

    /// A view of the value.
    pub(super) fn borrowed(&self) -> Value<'_> {
        match self {
            Self::String(text) => Value::String(Cow::Borrowed(text)),
            Self::Uri(text) => Value::Uri(Cow::Borrowed(text)),
            other => other.clone(),
        }
    }
}
