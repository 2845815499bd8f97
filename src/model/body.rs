use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::value::AmqpValue;

/// The body of a message (AMQP 1.0, 3.2.6 to 3.2.8).
///
/// Clients of Service Bus send one data section of bytes; the other forms come from applications
/// that speak AMQP directly. `From` makes a data section of bytes or text, and a value body of an
/// [`AmqpValue`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AmqpBody {
    /// Sections of bytes, usually one. None at all when a message came without a body.
    Data(Vec<Bytes>),
    /// One value.
    Value(AmqpValue),
    /// Sections of lists of values.
    Sequence(Vec<Vec<AmqpValue>>),
}

impl AmqpBody {
    /// The bytes of all data sections, or of a value that is binary, a string or a symbol. Empty
    /// for other bodies.
    ///
    /// Borrowed unless there are several data sections.
    pub fn to_bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Data(sections) => match sections.as_slice() {
                [] => Cow::Borrowed(&[]),
                [section] => Cow::Borrowed(section),
                several => Cow::Owned(several.concat()),
            },
            Self::Value(AmqpValue::Binary(bytes)) => Cow::Borrowed(bytes),
            Self::Value(AmqpValue::String(text) | AmqpValue::Symbol(text)) => {
                Cow::Borrowed(text.as_bytes())
            }
            Self::Value(_) | Self::Sequence(_) => Cow::Borrowed(&[]),
        }
    }
}

/// An empty data section.
impl Default for AmqpBody {
    fn default() -> Self {
        Self::Data(vec![Bytes::new()])
    }
}

/// The bytes as text, what is not UTF-8 replaced; the debug form of values that are not text, and
/// of sequences.
impl fmt::Display for AmqpBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(_)
            | Self::Value(AmqpValue::Binary(_) | AmqpValue::String(_) | AmqpValue::Symbol(_)) => {
                f.write_str(&String::from_utf8_lossy(&self.to_bytes()))
            }
            Self::Value(value) => write!(f, "{value:?}"),
            Self::Sequence(sections) => write!(f, "{sections:?}"),
        }
    }
}

impl From<Bytes> for AmqpBody {
    fn from(bytes: Bytes) -> Self {
        Self::Data(vec![bytes])
    }
}

impl From<Vec<u8>> for AmqpBody {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<&[u8]> for AmqpBody {
    fn from(bytes: &[u8]) -> Self {
        Bytes::copy_from_slice(bytes).into()
    }
}

impl<const N: usize> From<&[u8; N]> for AmqpBody {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.as_slice().into()
    }
}

impl From<String> for AmqpBody {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&str> for AmqpBody {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl From<AmqpValue> for AmqpBody {
    fn from(value: AmqpValue) -> Self {
        Self::Value(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_sections_read_as_one() {
        let body = AmqpBody::Data(vec![Bytes::from_static(b"ab"), Bytes::from_static(b"cd")]);
        assert_eq!(&*body.to_bytes(), b"abcd");
        assert_eq!(&*AmqpBody::Data(vec![]).to_bytes(), b"");
    }

    #[test]
    fn text_is_shown_as_text_and_the_rest_in_debug_form() {
        assert_eq!(AmqpBody::from("grüße").to_string(), "grüße");
        assert_eq!(AmqpBody::from(&[b'a', 0xff]).to_string(), "a\u{fffd}");
        assert_eq!(AmqpBody::Value("text".into()).to_string(), "text");
        assert_eq!(AmqpBody::Value(5.into()).to_string(), "Int(5)");
        assert_eq!(
            AmqpBody::Sequence(vec![vec![true.into()]]).to_string(),
            "[[Bool(true)]]"
        );
    }
}
