use bytes::Bytes;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::map::AmqpMap;
use super::timestamp;

/// A value of the AMQP 1.0 type system (AMQP 1.0, part 1).
///
/// Application properties, annotations and value or sequence bodies are made of these. `From` makes
/// one of the usual Rust types; an `i32` becomes an AMQP int, an `i64` a long, a `&str` a string
/// (never a symbol).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum AmqpValue {
    /// The absence of a value.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Unsigned, 8 bits.
    Ubyte(u8),
    /// Unsigned, 16 bits.
    Ushort(u16),
    /// Unsigned, 32 bits.
    Uint(u32),
    /// Unsigned, 64 bits.
    Ulong(u64),
    /// Signed, 8 bits.
    Byte(i8),
    /// Signed, 16 bits.
    Short(i16),
    /// Signed, 32 bits.
    Int(i32),
    /// Signed, 64 bits.
    Long(i64),
    /// IEEE 754 binary32.
    Float(f32),
    /// IEEE 754 binary64.
    Double(f64),
    /// IEEE 754 decimal32, as its bytes in network order.
    Decimal32([u8; 4]),
    /// IEEE 754 decimal64, as its bytes in network order.
    Decimal64([u8; 8]),
    /// IEEE 754 decimal128, as its bytes in network order.
    Decimal128([u8; 16]),
    /// One Unicode scalar value.
    Char(char),
    /// An instant, in milliseconds since the Unix epoch. Any value survives, also those no calendar
    /// has.
    Timestamp(i64),
    /// A UUID.
    Uuid(Uuid),
    /// Bytes.
    Binary(Bytes),
    /// Text.
    String(String),
    /// A name from some restricted domain, in ASCII.
    Symbol(String),
    /// Values of any types.
    List(Vec<AmqpValue>),
    /// Pairs of a key and a value, in order.
    Map(AmqpMap),
    /// Values of one type. Which type is not kept when there are none.
    Array(Vec<AmqpValue>),
    /// A value with a descriptor that gives it a meaning.
    Described(Box<AmqpDescribed>),
}

/// A value together with the descriptor that says what it means.
///
/// .NET applications send three of these in application properties: `com.microsoft:datetime-offset`
/// and `com.microsoft:timespan` (longs, in ticks of 100 ns) and `com.microsoft:uri` (a string).
#[derive(Clone, Debug, PartialEq)]
pub struct AmqpDescribed {
    descriptor: AmqpValue,
    value: AmqpValue,
}

impl AmqpDescribed {
    /// Describes `value`. Descriptors are symbols or ulongs in practice.
    pub fn new(descriptor: impl Into<AmqpValue>, value: impl Into<AmqpValue>) -> Self {
        Self {
            descriptor: descriptor.into(),
            value: value.into(),
        }
    }

    /// What the value means.
    pub fn descriptor(&self) -> &AmqpValue {
        &self.descriptor
    }

    /// The value itself.
    pub fn value(&self) -> &AmqpValue {
        &self.value
    }
}

impl AmqpValue {
    /// A symbol. Only ASCII can be sent.
    pub fn symbol(name: impl Into<String>) -> Self {
        Self::Symbol(name.into())
    }

    /// Whether this is [`Null`](Self::Null).
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, whatever its width, if it is one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Byte(value) => Some(value.into()),
            Self::Short(value) => Some(value.into()),
            Self::Int(value) => Some(value.into()),
            Self::Long(value) => Some(value),
            Self::Ubyte(value) => Some(value.into()),
            Self::Ushort(value) => Some(value.into()),
            Self::Uint(value) => Some(value.into()),
            Self::Ulong(value) => value.try_into().ok(),
            _ => None,
        }
    }

    /// The integer, whatever its width, if it is one and not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match *self {
            Self::Ulong(value) => Some(value),
            _ => self.as_i64()?.try_into().ok(),
        }
    }

    /// The floating-point number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Float(value) => Some(value.into()),
            Self::Double(value) => Some(value),
            _ => None,
        }
    }

    /// The text of a string or symbol.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Symbol(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a binary.
    pub fn as_binary(&self) -> Option<&[u8]> {
        match self {
            Self::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The UUID, if it is one.
    pub fn as_uuid(&self) -> Option<Uuid> {
        match self {
            Self::Uuid(uuid) => Some(*uuid),
            _ => None,
        }
    }

    /// The instant of a timestamp, clamped to what `chrono` can hold; `None` also for .NET's "not
    /// set", the first instant of year 1.
    pub fn as_timestamp(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Timestamp(millis) => timestamp::from_millis(*millis),
            _ => None,
        }
    }

    /// The elements of a list or array.
    pub fn as_elements(&self) -> Option<&[AmqpValue]> {
        match self {
            Self::List(elements) | Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&AmqpMap> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The described value, if it is one.
    pub fn as_described(&self) -> Option<&AmqpDescribed> {
        match self {
            Self::Described(described) => Some(described),
            _ => None,
        }
    }

    /// Whether this may be an application property: not a list, map or array (AMQP 1.0, 3.2.5).
    /// Described scalars are allowed, because .NET applications send them.
    pub(crate) fn is_simple(&self) -> bool {
        match self {
            Self::List(_) | Self::Map(_) | Self::Array(_) => false,
            Self::Described(described) => described.value.is_simple(),
            _ => true,
        }
    }
}

macro_rules! from_rust_type {
    ($($rust:ty => $variant:ident),* $(,)?) => {$(
        impl From<$rust> for AmqpValue {
            fn from(value: $rust) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}

from_rust_type! {
    bool => Bool, u8 => Ubyte, u16 => Ushort, u32 => Uint, u64 => Ulong, i8 => Byte, i16 => Short, i32 => Int,
    i64 => Long, f32 => Float, f64 => Double, char => Char, Uuid => Uuid, Bytes => Binary, String => String,
    AmqpMap => Map,
}

impl From<&str> for AmqpValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<Vec<u8>> for AmqpValue {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

impl From<&[u8]> for AmqpValue {
    fn from(bytes: &[u8]) -> Self {
        Self::Binary(Bytes::copy_from_slice(bytes))
    }
}

impl From<DateTime<Utc>> for AmqpValue {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Timestamp(timestamp::to_millis(instant))
    }
}

impl From<AmqpDescribed> for AmqpValue {
    fn from(described: AmqpDescribed) -> Self {
        Self::Described(Box::new(described))
    }
}

/// `None` becomes null.
impl<T: Into<AmqpValue>> From<Option<T>> for AmqpValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_at_any_width() {
        for value in [
            AmqpValue::Ubyte(7),
            AmqpValue::Short(7),
            AmqpValue::Uint(7),
            AmqpValue::Ulong(7),
        ] {
            assert_eq!(value.as_i64(), Some(7), "{value:?}");
            assert_eq!(value.as_u64(), Some(7), "{value:?}");
        }
        assert_eq!(AmqpValue::Ulong(u64::MAX).as_i64(), None);
        assert_eq!(AmqpValue::Ulong(u64::MAX).as_u64(), Some(u64::MAX));
        assert_eq!(AmqpValue::Byte(-1).as_u64(), None);
    }

    #[test]
    fn only_scalars_are_simple() {
        assert!(AmqpValue::from("text").is_simple());
        assert!(AmqpValue::from(AmqpDescribed::new(
            AmqpValue::symbol("com.microsoft:timespan"),
            5i64
        ))
        .is_simple());
        assert!(!AmqpValue::List(vec![]).is_simple());
        assert!(!AmqpValue::from(AmqpDescribed::new(1u64, AmqpMap::new())).is_simple());
    }

    #[test]
    fn an_absent_option_is_null() {
        assert_eq!(AmqpValue::from(None::<i32>), AmqpValue::Null);
        assert_eq!(AmqpValue::from(Some(1i32)), AmqpValue::Int(1));
    }
}
