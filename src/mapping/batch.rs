//! Many messages in one transfer (Service Bus's own message format).

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::encode::{encode_batch_envelope, encode_into};
use super::transaction::TransactionId;
use crate::error::{Error, ErrorKind, Result};
use crate::model::message::Message;

/// The message format of a transfer whose data sections are whole messages.
const BATCH_FORMAT: u32 = 0x8001_3700;

/// A data section's descriptor and the constructor of a binary with a length of one byte.
const NARROW_DATA: [u8; 4] = [0x00, 0x53, 0x75, 0xa0];

/// The same with a length of four bytes.
const WIDE_DATA: [u8; 4] = [0x00, 0x53, 0x75, 0xb0];

/// How much longer the header of a wide data section is than that of a narrow one.
const WIDER_BY: usize = 3;

/// What one transfer carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    pub(crate) bytes: Bytes,
    pub(crate) message_format: u32,
    /// Every message in it has an id, by which the service can tell a repetition.
    pub(crate) identified: bool,
    /// The transaction it is part of.
    pub(crate) transaction: Option<TransactionId>,
}

impl Payload {
    /// One plain message.
    pub(crate) fn message(bytes: Bytes) -> Self {
        Payload {
            bytes,
            message_format: 0,
            identified: false,
            transaction: None,
        }
    }

    /// The same, of which each message has an id or one has not.
    pub(crate) fn identified(self, identified: bool) -> Self {
        Payload { identified, ..self }
    }

    /// The same, as part of a transaction.
    pub(crate) fn within(self, transaction: TransactionId) -> Self {
        Payload {
            transaction: Some(transaction),
            ..self
        }
    }

    pub(crate) fn is_batch(&self) -> bool {
        self.message_format == BATCH_FORMAT
    }
}

/// The growing payload of a batch: the envelope, then a data section for each message.
///
/// Messages are encoded when they are added, so its size is exact at any time.
#[derive(Clone, Debug, Default)]
pub(crate) struct BatchPayload {
    bytes: BytesMut,
    count: usize,
    /// How many messages have an id.
    identified: usize,
    /// Where the first message's own sections are.
    first: Range<usize>,
}

impl BatchPayload {
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The bytes that a transfer of the batch carries. A message alone is sent without envelope.
    pub(crate) fn size(&self) -> usize {
        if self.count == 1 {
            self.first.len()
        } else {
            self.bytes.len()
        }
    }

    /// Adds a message, or leaves the batch as it was: with `MessageSizeExceeded` where the message
    /// would take it beyond `max_size`.
    pub(crate) fn add(&mut self, message: &Message, max_size: usize) -> Result<()> {
        let (length, first) = (self.bytes.len(), self.first.clone());
        let added = self.append(message).and_then(|()| {
            self.count += 1;
            let size = self.size();
            if size <= max_size {
                self.identified += usize::from(message.amqp().properties.message_id.is_some());
                return Ok(());
            }
            self.count -= 1;
            Err(Error::new(
                ErrorKind::MessageSizeExceeded,
                format!("{size} bytes with this message, at most {max_size} can be sent at once"),
            ))
        });
        if added.is_err() {
            self.bytes.truncate(length);
            self.first = first;
        }
        added
    }

    fn append(&mut self, message: &Message) -> Result<()> {
        if self.count == 0 {
            encode_batch_envelope(message, &mut self.bytes)?;
        }
        let start = self.bytes.len();
        // Most messages are longer than 255 bytes; a shorter one moves to the front afterwards.
        self.bytes.extend_from_slice(&WIDE_DATA);
        self.bytes.extend_from_slice(&[0; 4]);
        let content = self.bytes.len();
        encode_into(message, &mut self.bytes)?;
        let end = self.bytes.len();
        let length = end - content;
        if let Ok(narrow) = u8::try_from(length) {
            self.bytes.copy_within(content..end, content - WIDER_BY);
            self.bytes.truncate(end - WIDER_BY);
            self.bytes[start..start + 4].copy_from_slice(&NARROW_DATA);
            self.bytes[start + 4] = narrow;
        } else {
            let wide = u32::try_from(length)
                .map_err(|_| Error::invalid_argument("the message is longer than 4 GiB"))?;
            self.bytes[start + 4..content].copy_from_slice(&wide.to_be_bytes());
        }
        if self.count == 0 {
            self.first = self.bytes.len() - length..self.bytes.len();
        }
        Ok(())
    }

    /// What to send, unless there is nothing.
    pub(crate) fn into_payload(self) -> Option<Payload> {
        let bytes = self.bytes.freeze();
        let identified = self.identified == self.count;
        match self.count {
            0 => None,
            1 => Some(Payload::message(bytes.slice(self.first)).identified(identified)),
            _ => Some(Payload {
                bytes,
                message_format: BATCH_FORMAT,
                identified,
                transaction: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use servicebus_amqp::sections::{section_value, split_sections};

    use super::*;
    use crate::mapping::decode::decode_unlocked;
    use crate::mapping::encode::encode;
    use crate::AmqpBody;

    fn batch_of(messages: &[Message]) -> BatchPayload {
        let mut batch = BatchPayload::default();
        for message in messages {
            batch.add(message, usize::MAX).expect("there is no limit");
        }
        batch
    }

    fn sent(batch: &BatchPayload) -> Payload {
        let payload = batch
            .clone()
            .into_payload()
            .expect("the batch is not empty");
        assert_eq!(payload.bytes.len(), batch.size(), "the size is not exact");
        payload
    }

    #[test]
    fn every_message_is_a_data_section() {
        // The encoding of a body of n bytes takes n + 5 (below 256) or n + 8.
        let messages: Vec<_> = [0, 250, 251, 252, 300]
            .map(|length| Message::new(vec![7; length]).with_message_id(length as u64))
            .to_vec();
        let payload = sent(&batch_of(&messages));
        assert_eq!(payload.message_format, 0x8001_3700);
        let sections = split_sections(&payload.bytes).expect("a message");
        let inner: Vec<Bytes> = sections
            .body
            .iter()
            .map(|section| section_value(section).expect("a data section"))
            .map(|value| Bytes::copy_from_slice(value.as_binary().expect("a binary")))
            .collect();
        let encoded: Vec<Bytes> = messages
            .iter()
            .map(|message| encode(message).expect("it can be sent"))
            .collect();
        assert_eq!(inner, encoded);
    }

    #[test]
    fn the_envelope_repeats_what_the_first_message_is_placed_by() {
        let first = Message::new("first")
            .with_message_id("id")
            .with_session_id("s")
            .with_partition_key("s")
            .with_subject("not in the envelope")
            .with_application_property("nor", "this");
        let payload = sent(&batch_of(&[
            first,
            Message::new("second").with_message_id("other"),
        ]));
        let envelope = decode_unlocked(&payload.bytes).expect("a message");
        assert_eq!(envelope.message_id(), Some("id"));
        assert_eq!(envelope.session_id(), Some("s"));
        assert_eq!(envelope.partition_key(), Some("s"));
        assert_eq!(envelope.subject(), None);
        assert_eq!(envelope.application_properties().len(), 0);
        assert!(matches!(envelope.amqp().body(), AmqpBody::Data(sections) if sections.len() == 2));
    }

    #[test]
    fn a_message_alone_is_no_batch() {
        let message = Message::new("alone").with_message_id("id");
        let payload = sent(&batch_of(std::slice::from_ref(&message)));
        assert_eq!(payload.message_format, 0);
        assert_eq!(payload.bytes, encode(&message).expect("it can be sent"));
    }

    #[test]
    fn an_empty_batch_sends_nothing() {
        let batch = BatchPayload::default();
        assert_eq!(
            (batch.clone().into_payload(), batch.size(), batch.len()),
            (None, 0, 0)
        );
    }

    #[test]
    fn the_limit_is_exact_and_a_refused_message_leaves_no_trace() {
        let messages = [Message::new(vec![1; 100]), Message::new(vec![2; 300])];
        let size = batch_of(&messages).size();
        let mut batch = BatchPayload::default();
        batch.add(&messages[0], size - 1).expect("the first fits");
        let before = batch.clone().into_payload();
        let error = batch
            .add(&messages[1], size - 1)
            .expect_err("one byte is missing");
        assert_eq!(error.kind(), ErrorKind::MessageSizeExceeded);
        assert_eq!(batch.clone().into_payload(), before);
        batch.add(&messages[1], size).expect("now it fits");
        assert_eq!(sent(&batch), sent(&batch_of(&messages)));
    }

    #[test]
    fn a_message_that_fits_alone_fits_first() {
        let message = Message::new(vec![1; 300]).with_message_id("id");
        let alone = encode(&message).expect("it can be sent").len();
        let mut batch = BatchPayload::default();
        batch
            .add(&message, alone - 1)
            .expect_err("one byte is missing");
        batch
            .add(&message, alone)
            .expect("it fits without an envelope");
    }

    #[test]
    fn a_message_that_cannot_be_encoded_leaves_no_trace() {
        let mut batch = batch_of(&[Message::new("good")]);
        let before = batch.clone().into_payload();
        let bad = Message::new("bad")
            .with_session_id("a")
            .with_partition_key("b");
        let error = batch.add(&bad, usize::MAX).expect_err("the keys differ");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!((batch.clone().into_payload(), batch.len()), (before, 1));
    }
}
