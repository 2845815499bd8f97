//! The bytes of a message as a reader gets them: the sender's sections with the broker's stamps.

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor::{DELIVERY_ANNOTATIONS, MESSAGE_ANNOTATIONS};
use servicebus_amqp::sections::section_value;
use servicebus_amqp::walker::{Elements, Kind};
use servicebus_amqp::writer::Writer;

use crate::broker::{Delivery, MessageState};

/// What header and stamps take at most, beside the sender's own sections and the path of an entity.
const STAMPS: usize = 256;

const ENQUEUED_TIME: &str = "x-opt-enqueued-time";
const SEQUENCE_NUMBER: &str = "x-opt-sequence-number";
const FIRST_SEQUENCE_NUMBER: &str = "x-opt-enqueue-sequence-number";
const LOCKED_UNTIL: &str = "x-opt-locked-until";
const LOCK_TOKEN: &str = "x-opt-lock-token";
const DEAD_LETTER_SOURCE: &str = "x-opt-deadletter-source";
const MESSAGE_STATE: &str = "x-opt-message-state";

/// Annotations that only a broker sets; a sender's values for them are dropped.
const OWNED: [&str; 6] = [
    ENQUEUED_TIME,
    SEQUENCE_NUMBER,
    FIRST_SEQUENCE_NUMBER,
    LOCKED_UNTIL,
    DEAD_LETTER_SOURCE,
    MESSAGE_STATE,
];

/// The most bytes that a delivery takes whose own parts have this length.
pub(super) fn max_size(own: u64) -> u64 {
    own.saturating_add(u64::try_from(STAMPS).unwrap_or(u64::MAX))
}

/// For the receiver of a delivery: the delivery annotations are always there, if empty.
pub(super) fn delivered(delivery: &Delivery) -> Bytes {
    received(delivery, |_| {})
}

/// For somebody who asked for the message by its number.
pub(super) fn received_by_number(delivery: &Delivery) -> Bytes {
    received(delivery, |writer| put_state(delivery, writer))
}

/// For somebody who looks at the message without receiving it.
pub(super) fn browsed(delivery: &Delivery) -> Bytes {
    looked_at(delivery, &delivery.message.body)
}

/// For somebody who looks at all of the message but its body.
pub(super) fn browsed_without_body(delivery: &Delivery) -> Bytes {
    looked_at(delivery, &Bytes::new())
}

fn looked_at(delivery: &Delivery, body: &Bytes) -> Bytes {
    encode(delivery, body, |writer| {
        put_annotations(delivery, writer, |writer| put_state(delivery, writer));
    })
}

fn received(delivery: &Delivery, more: impl FnOnce(&mut Writer<'_>)) -> Bytes {
    encode(delivery, &delivery.message.body, |writer| {
        writer.put_described(DELIVERY_ANNOTATIONS, |writer| {
            writer.put_map(|writer| {
                if let Some(lock) = delivery.lock {
                    writer.put_symbol(LOCK_TOKEN);
                    writer.put_uuid(lock.token.uuid().into_bytes());
                }
                copy(
                    &delivery.message.delivery_annotations,
                    &[LOCK_TOKEN],
                    writer,
                );
            });
        });
        put_annotations(delivery, writer, more);
    })
}

/// Service Bus docs, "Message state": 0 active, 1 deferred, 2 scheduled.
fn put_state(delivery: &Delivery, writer: &mut Writer<'_>) {
    writer.put_symbol(MESSAGE_STATE);
    writer.put_int(match delivery.state {
        MessageState::Active => 0,
        MessageState::Deferred => 1,
        MessageState::Scheduled { .. } => 2,
    });
}

fn encode(delivery: &Delivery, body: &Bytes, annotations: impl FnOnce(&mut Writer<'_>)) -> Bytes {
    let message = &delivery.message;
    let mut header = message.header;
    let mut properties = message.properties.clone();
    if let Some(at) = delivery.expires_at {
        let span = delivery.enqueued_at.until(at).as_millis();
        let granted = u32::try_from(span).unwrap_or(u32::MAX);
        // Official SDKs state the instant that follows from their own clock, and take the life of a
        // message from it: it stays unless the entity grants less.
        if header.ttl.is_none_or(|asked| asked > granted) || !message.says_when_it_expires() {
            properties = message.properties_expiring(at.millis());
        }
        header.ttl = Some(granted);
    }
    let rest = [
        &properties,
        &message.application_properties,
        body,
        &message.footer,
    ];
    let own = message.delivery_annotations.len() + message.message_annotations.len();
    let length = rest.iter().map(|section| section.len()).sum::<usize>();
    let mut out = BytesMut::with_capacity(STAMPS + own + length);
    let mut writer = Writer::new(&mut out);
    header.write(delivery.delivery_count, &mut writer);
    annotations(&mut writer);
    for section in rest {
        out.extend_from_slice(section);
    }
    out.freeze()
}

fn put_annotations(
    delivery: &Delivery,
    writer: &mut Writer<'_>,
    more: impl FnOnce(&mut Writer<'_>),
) {
    writer.put_described(MESSAGE_ANNOTATIONS, |writer| {
        writer.put_map(|writer| {
            writer.put_symbol(ENQUEUED_TIME);
            writer.put_timestamp(delivery.enqueued_at.millis());
            writer.put_symbol(SEQUENCE_NUMBER);
            writer.put_long(delivery.sequence);
            if let Some(sequence) = delivery.first_sequence {
                writer.put_symbol(FIRST_SEQUENCE_NUMBER);
                writer.put_long(sequence);
            }
            if let Some(source) = &delivery.dead_letter_source {
                writer.put_symbol(DEAD_LETTER_SOURCE);
                writer.put_string(source);
            }
            if let Some(until) = delivery.lock.and_then(|lock| lock.until) {
                writer.put_symbol(LOCKED_UNTIL);
                writer.put_timestamp(until.millis());
            }
            more(writer);
            copy(&delivery.message.message_annotations, &OWNED, writer);
        });
    });
}

/// Copies a sender's annotations, all but some.
fn copy(section: &[u8], without: &[&str], writer: &mut Writer<'_>) {
    let Some(mut entries) = entries(section) else {
        return;
    };
    while let (Some(Ok(key)), Some(Ok(value))) = (entries.next(), entries.next()) {
        if !key.as_text().is_some_and(|key| without.contains(&key)) {
            writer.put_element(&key);
            writer.put_element(&value);
        }
    }
}

fn entries(section: &[u8]) -> Option<Elements<'_>> {
    if section.is_empty() {
        return None;
    }
    match section_value(section).ok()?.kind().ok()? {
        Kind::Map(entries) => Some(entries),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use servicebus_amqp::sections::split_sections;

    use super::*;
    use crate::broker::Timestamp;
    use crate::message::Message;

    /// A message with every section, one after the other.
    const WHOLE: &[u8] = b"\x00\x53\x70\xc0\x03\x02\x41\x40\
        \x00\x53\x71\xc1\x06\x02\xa3\x01d\x54\x01\
        \x00\x53\x72\xc1\x06\x02\xa3\x01m\x54\x02\
        \x00\x53\x73\xc0\x04\x01\xa1\x01i\
        \x00\x53\x74\xc1\x06\x02\xa1\x01a\x54\x03\
        \x00\x53\x75\xa0\x04body\
        \x00\x53\x78\xc1\x06\x02\xa3\x01f\x54\x04";

    fn delivery(message: Message) -> Delivery {
        Delivery {
            message: Arc::new(message),
            sequence: 7,
            enqueued_at: Timestamp::from_millis(1_700_000_000_000),
            first_sequence: None,
            expires_at: None,
            delivery_count: 1,
            dead_letter_source: None,
            state: MessageState::Active,
            lock: None,
        }
    }

    #[test]
    fn stamps_are_added_and_the_rest_is_as_it_was_sent() {
        let sent = split_sections(&Bytes::from_static(WHOLE)).unwrap();
        let delivery = delivery(Message::decode(WHOLE).unwrap());
        let arrived = split_sections(&delivered(&delivery)).unwrap();
        assert_eq!(arrived.delivery_annotations, sent.delivery_annotations);
        assert_eq!(arrived.properties, sent.properties);
        assert_eq!(arrived.application_properties, sent.application_properties);
        assert_eq!((arrived.body, arrived.footer), (sent.body, sent.footer));
        assert_ne!(arrived.message_annotations, sent.message_annotations);
        assert_ne!(arrived.header, sent.header);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is taken in can be read by whoever gets it, and stays within the promised size.
        #[test]
        fn a_damaged_message_is_refused_or_still_a_message(
            damage in prop::collection::vec((0..WHOLE.len(), any::<u8>()), 1..6),
            length in 0..=WHOLE.len(),
            expires: bool,
        ) {
            let mut payload = WHOLE.to_vec();
            for (place, byte) in damage {
                payload[place] = byte;
            }
            payload.truncate(length);
            if let Ok(message) = Message::decode(&payload) {
                let limit = max_size(message.size());
                let mut delivery = delivery(message);
                delivery.expires_at = expires.then_some(Timestamp::from_millis(i64::MAX));
                for bytes in [delivered(&delivery), received_by_number(&delivery), browsed(&delivery)] {
                    prop_assert!(split_sections(&bytes).is_ok(), "{payload:02x?} became {bytes:02x?}");
                    prop_assert!(bytes.len() as u64 <= limit, "{} bytes of {limit}", bytes.len());
                }
            }
        }
    }
}
