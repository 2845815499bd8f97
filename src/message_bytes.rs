//! Messages as bytes, to be kept somewhere and sent later, or as somebody else received them.

use bytes::Bytes;

use crate::error::Result;
use crate::mapping::decode::{decode_foreign, decode_foreign_received};
use crate::mapping::encode::encode;
use crate::model::message::Message;
use crate::model::received::ReceivedMessage;

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
    /// `InvalidArgument` for bytes that are no message, and for none at all.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self> {
        decode_foreign(&bytes.into()).map(|amqp| Message::from(*amqp))
    }
}

impl ReceivedMessage {
    /// A message that somebody else received, such as the host of a function, from its sections as AMQP encodes them.
    /// The body shares the bytes.
    ///
    /// What the service added is there to read, as far as the bytes hold it: sequence number, enqueued time, count of
    /// deliveries. The lock belongs to whoever received the message: [`lock_token`](Self::lock_token) and
    /// [`locked_until`](Self::locked_until) are `None`, and settling it fails with `InvalidOperation`. Where the bytes
    /// hold the token, it is the annotation `x-opt-lock-token` among the
    /// [`delivery_annotations`](crate::AmqpMessage::delivery_annotations).
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for bytes that are no message, and for none at all.
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::{Message, ReceivedMessage};
    ///
    /// # fn main() -> servicebus::Result<()> {
    /// # let bytes = Message::new("hello").with_subject("greeting").to_bytes()?;
    /// let message = ReceivedMessage::from_bytes(bytes)?;
    /// assert_eq!(message.body(), b"hello");
    /// assert_eq!(message.subject(), Some("greeting"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self> {
        decode_foreign_received(&bytes.into())
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
        for bytes in [&b"no message"[..], &[0x00, 0x53, 0x75, 0xa0, 9, 1], b""] {
            let error = Message::from_bytes(bytes.to_vec()).expect_err("it is none");
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bytes:?}");
            let error = ReceivedMessage::from_bytes(bytes.to_vec()).expect_err("it is none");
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bytes:?}");
        }
    }
}
