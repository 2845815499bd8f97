use std::fmt;

use bytes::Bytes;
use uuid::Uuid;

/// The id of a message, or the id it correlates with.
///
/// AMQP allows four types (AMQP 1.0, 3.2.4); Service Bus works with the text of any of them and
/// allows 128 characters. Clients of Service Bus send strings, so `From<&str>` is the usual way to
/// make one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AmqpMessageId(Repr);

// The text of the other types is kept beside them, so that reading an id never needs a buffer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    String(String),
    Ulong(u64, Box<str>),
    Uuid(Uuid, Box<str>),
    Binary(Bytes, Box<str>),
}

impl AmqpMessageId {
    /// The id as text: a number in decimal, a UUID in its hyphenated form, bytes in lower-case
    /// hexadecimal.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::String(text) => text,
            Repr::Ulong(_, text) | Repr::Uuid(_, text) | Repr::Binary(_, text) => text,
        }
    }

    /// The number, if it is one.
    pub fn as_u64(&self) -> Option<u64> {
        match self.0 {
            Repr::Ulong(number, _) => Some(number),
            _ => None,
        }
    }

    /// The UUID, if it is one by type, not by its text.
    pub fn as_uuid(&self) -> Option<Uuid> {
        match self.0 {
            Repr::Uuid(uuid, _) => Some(uuid),
            _ => None,
        }
    }

    /// The bytes, if it is binary.
    pub fn as_binary(&self) -> Option<&[u8]> {
        match &self.0 {
            Repr::Binary(bytes, _) => Some(bytes),
            _ => None,
        }
    }
}

impl fmt::Display for AmqpMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<&str> for AmqpMessageId {
    fn from(text: &str) -> Self {
        Self(Repr::String(text.to_owned()))
    }
}

impl From<String> for AmqpMessageId {
    fn from(text: String) -> Self {
        Self(Repr::String(text))
    }
}

impl From<u64> for AmqpMessageId {
    fn from(number: u64) -> Self {
        Self(Repr::Ulong(number, number.to_string().into()))
    }
}

impl From<Uuid> for AmqpMessageId {
    fn from(uuid: Uuid) -> Self {
        Self(Repr::Uuid(uuid, uuid.to_string().into()))
    }
}

impl From<Bytes> for AmqpMessageId {
    fn from(bytes: Bytes) -> Self {
        let text = format!("{bytes:x}").into();
        Self(Repr::Binary(bytes, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_text() {
        let uuid = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
        assert_eq!(AmqpMessageId::from("order-7").as_str(), "order-7");
        assert_eq!(AmqpMessageId::from(7).as_str(), "7");
        assert_eq!(
            AmqpMessageId::from(uuid).as_str(),
            "00112233-4455-6677-8899-aabbccddeeff"
        );
        assert_eq!(
            AmqpMessageId::from(Bytes::from_static(&[0, 0xab])).as_str(),
            "00ab"
        );
    }

    #[test]
    fn the_type_is_kept() {
        assert_eq!(AmqpMessageId::from(7).as_u64(), Some(7));
        assert_eq!(AmqpMessageId::from("7").as_u64(), None);
    }
}
