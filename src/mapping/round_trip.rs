//! A message that can be sent is received as it was.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use uuid::Uuid;

use super::decode::{decode_locked, decode_unlocked, lock_token};
use super::encode::encode;
use crate::model::entity::Entity;
use crate::{
    AmqpBody, AmqpHeader, AmqpMap, AmqpMessage, AmqpMessageId, AmqpProperties, AmqpValue,
    ApplicationProperties, Message,
};

fn text() -> impl Strategy<Value = Option<String>> {
    of(".{0,40}")
}

fn id() -> impl Strategy<Value = Option<AmqpMessageId>> {
    of(prop_oneof![
        ".{0,40}".prop_map(AmqpMessageId::from),
        any::<u64>().prop_map(AmqpMessageId::from),
        any::<[u8; 16]>().prop_map(|bytes| Uuid::from_bytes(bytes).into()),
        vec(any::<u8>(), 0..20).prop_map(|bytes| Bytes::from(bytes).into()),
    ])
}

fn time() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    of((0..253_402_300_000_000i64)
        .prop_map(|millis| DateTime::from_timestamp_millis(millis).expect("within the calendar")))
}

fn scalar() -> impl Strategy<Value = AmqpValue> {
    prop_oneof![
        Just(AmqpValue::Null),
        any::<bool>().prop_map(AmqpValue::from),
        any::<i32>().prop_map(AmqpValue::from),
        any::<f64>()
            .prop_filter("not NaN", |value| !value.is_nan())
            .prop_map(AmqpValue::from),
        any::<i64>().prop_map(AmqpValue::Timestamp),
        ".{0,20}".prop_map(AmqpValue::from),
        vec(any::<u8>(), 0..20).prop_map(AmqpValue::from),
    ]
}

fn annotations() -> impl Strategy<Value = AmqpMap> {
    vec(("[a-z-]{1,12}".prop_map(AmqpValue::symbol), scalar()), 0..4).prop_map(AmqpMap::from_iter)
}

fn body() -> impl Strategy<Value = AmqpBody> {
    prop_oneof![
        vec(vec(any::<u8>(), 0..300).prop_map(Bytes::from), 1..4).prop_map(AmqpBody::Data),
        scalar().prop_map(AmqpBody::Value),
        vec(vec(scalar(), 0..4), 1..4).prop_map(AmqpBody::Sequence),
    ]
}

fn header() -> impl Strategy<Value = AmqpHeader> {
    let fields = (
        of(any::<bool>()),
        of(any::<u8>()),
        of(any::<u32>()),
        of(any::<bool>()),
        of(any::<u32>()),
    );
    fields.prop_map(
        |(durable, priority, ttl, first_acquirer, delivery_count)| AmqpHeader {
            durable,
            priority,
            time_to_live: ttl.map(|millis| Duration::from_millis(millis.into())),
            first_acquirer,
            delivery_count,
        },
    )
}

fn properties() -> impl Strategy<Value = AmqpProperties> {
    let texts = (
        text(),
        text(),
        text(),
        of("[ -~]{0,20}"),
        of("[ -~]{0,20}"),
        text(),
        text(),
    );
    let others = (
        id(),
        id(),
        of(vec(any::<u8>(), 0..20)),
        time(),
        time(),
        of(any::<u32>()),
    );
    (texts, others).prop_map(|(texts, others)| {
        let (to, subject, reply_to, content_type, content_encoding, group_id, reply_to_group_id) =
            texts;
        let (message_id, correlation_id, user_id, expiry, creation_time, group_sequence) = others;
        AmqpProperties {
            message_id,
            user_id: user_id.map(Bytes::from),
            to,
            subject,
            reply_to,
            correlation_id,
            content_type,
            content_encoding,
            absolute_expiry_time: expiry,
            creation_time,
            group_id,
            group_sequence,
            reply_to_group_id,
        }
    })
}

fn message() -> impl Strategy<Value = AmqpMessage> {
    let application_properties =
        vec((".{0,12}", scalar()), 0..4).prop_map(ApplicationProperties::from_iter);
    let sections = (
        header(),
        annotations(),
        annotations(),
        properties(),
        application_properties,
        body(),
        annotations(),
    );
    sections.prop_map(
        |(header, delivery, annotations, properties, application, body, footer)| {
            AmqpMessage::new(body)
                .with_header(header)
                .with_delivery_annotations(delivery)
                .with_message_annotations(annotations)
                .with_properties(properties)
                .with_application_properties(application)
                .with_footer(footer)
        },
    )
}

proptest! {
    #[test]
    fn any_message(amqp in message()) {
        let payload = encode(&Message::from(amqp.clone())).expect("the message can be sent");
        let received = decode_unlocked(&payload).expect("the message can be read");
        prop_assert_eq!(received.amqp(), &amqp);
        prop_assert_eq!(received.body(), &*amqp.body().to_bytes());
        prop_assert_eq!(received.to_string(), amqp.body().to_string());
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..300), tag in vec(any::<u8>(), 0..20)) {
        let entity = Entity::named("orders").expect("a name");
        decode_locked(&bytes.into(), lock_token(&tag), &entity, None).ok();
    }

    #[test]
    fn no_damage_panics(amqp in message(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut payload = encode(&Message::from(amqp)).expect("the message can be sent").to_vec();
        let place = place.index(payload.len());
        payload[place] = byte;
        decode_unlocked(&payload.into()).ok();
    }
}

#[test]
fn the_body_is_not_copied() {
    let payload = encode(&Message::new(vec![7; 10_000])).expect("the message can be sent");
    let received = decode_unlocked(&payload).expect("the message can be read");
    assert_eq!(received.body().len(), 10_000);
    let whole = payload.as_ptr_range();
    assert!(
        whole.contains(&received.body().as_ptr()),
        "the body was copied"
    );
}
