//! Messages as bytes, to be kept somewhere and sent later.

use bytes::Bytes;

use crate::error::Result;
use crate::mapping::decode::decode_amqp;
use crate::mapping::encode::encode;
use crate::model::message::Message;

impl Message {
    /// The message as AMQP encodes it, all its sections in one piece, for example to be kept in a file while there is
    /// no connection.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a message that could not be sent either.
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::Message;
    ///
    /// # fn main() -> servicebus::Result<()> {
    /// let kept = Message::new("later").with_subject("greeting").to_bytes()?;
    /// let message = Message::from_bytes(kept)?;
    /// assert_eq!(message.subject(), Some("greeting"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_bytes(&self) -> Result<Bytes> {
        encode(self)
    }

    /// A message from its sections as AMQP encodes them. The body shares the bytes.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for bytes that are no message.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self> {
        decode_amqp(&bytes.into()).map(|amqp| Message::from(*amqp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AmqpMap, AmqpMessage, AmqpValue, ErrorKind};

    #[test]
    fn every_section_comes_back() {
        let mut footer = AmqpMap::new();
        footer.insert(
            AmqpValue::symbol("signature"),
            AmqpValue::Decimal128([7; 16]),
        );
        let amqp = AmqpMessage::new(AmqpValue::from("value")).with_footer(footer);
        let message = Message::from(amqp)
            .with_message_id("id")
            .with_partition_key("p")
            .with_time_to_live(std::time::Duration::from_secs(9))
            .with_application_property("number", 5u64);
        let bytes = message.to_bytes().expect("it can be sent");
        assert_eq!(Message::from_bytes(bytes).expect("a message"), message);
    }

    #[test]
    fn bytes_that_are_no_message_are_an_invalid_argument() {
        for bytes in [&b"no message"[..], &[0x00, 0x53, 0x75, 0xa0, 9, 1]] {
            let error = Message::from_bytes(bytes.to_vec()).expect_err("it is none");
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bytes:?}");
        }
    }
}
