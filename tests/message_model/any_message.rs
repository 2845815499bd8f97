//! Messages of every shape that can be sent.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use servicebus::{
    AmqpBody, AmqpDescribed, AmqpHeader, AmqpMap, AmqpMessage, AmqpMessageId, AmqpProperties,
    AmqpValue, ApplicationProperties,
};
use uuid::Uuid;

/// A value that an application property may hold. NaN is left out, because it is equal to nothing.
fn scalar() -> impl Strategy<Value = AmqpValue> + Clone {
    prop_oneof![
        Just(AmqpValue::Null),
        any::<bool>().prop_map(AmqpValue::Bool),
        any::<u8>().prop_map(AmqpValue::Ubyte),
        any::<u16>().prop_map(AmqpValue::Ushort),
        prop_oneof![0..300u32, any::<u32>()].prop_map(AmqpValue::Uint),
        prop_oneof![0..300u64, any::<u64>()].prop_map(AmqpValue::Ulong),
        any::<i8>().prop_map(AmqpValue::Byte),
        any::<i16>().prop_map(AmqpValue::Short),
        prop_oneof![-300..300i32, any::<i32>()].prop_map(AmqpValue::Int),
        prop_oneof![-300..300i64, any::<i64>()].prop_map(AmqpValue::Long),
        any::<f32>()
            .prop_filter("not NaN", |value| !value.is_nan())
            .prop_map(AmqpValue::Float),
        any::<f64>()
            .prop_filter("not NaN", |value| !value.is_nan())
            .prop_map(AmqpValue::Double),
        any::<[u8; 4]>().prop_map(AmqpValue::Decimal32),
        any::<[u8; 8]>().prop_map(AmqpValue::Decimal64),
        any::<[u8; 16]>().prop_map(AmqpValue::Decimal128),
        any::<char>().prop_map(AmqpValue::Char),
        any::<i64>().prop_map(AmqpValue::Timestamp),
        any::<[u8; 16]>().prop_map(|bytes| AmqpValue::Uuid(Uuid::from_bytes(bytes))),
        vec(any::<u8>(), 0..300).prop_map(AmqpValue::from),
        ".{0,90}".prop_map(AmqpValue::String),
        "[ -~]{0,300}".prop_map(AmqpValue::Symbol),
    ]
}

/// A value of any type, with others in it.
pub(crate) fn value() -> impl Strategy<Value = AmqpValue> + Clone {
    scalar().prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(AmqpValue::List),
            vec((inner.clone(), inner.clone()), 0..5)
                .prop_map(|pairs| AmqpMap::from_iter(pairs).into()),
            (scalar(), inner.clone())
                .prop_map(|(descriptor, value)| AmqpDescribed::new(descriptor, value).into()),
            // Copies of one value are of one type. That has one descriptor at most.
            (inner, 0..4usize)
                .prop_filter("described twice", |(value, _)| value
                    .as_described()
                    .is_none_or(|it| it.value().as_described().is_none()))
                .prop_map(|(value, count)| AmqpValue::Array(vec![value; count])),
        ]
    })
}

/// Names begin unlike those that the service gives a meaning to.
fn annotations() -> impl Strategy<Value = AmqpMap> {
    let key = prop_oneof![
        4 => "[a-w][ -~]{0,12}".prop_map(AmqpValue::symbol),
        1 => any::<u64>().prop_map(AmqpValue::Ulong),
    ];
    vec((key, value()), 0..4).prop_map(AmqpMap::from_iter)
}

fn text() -> impl Strategy<Value = Option<String>> {
    of(".{0,128}")
}

fn id() -> impl Strategy<Value = Option<AmqpMessageId>> {
    of(prop_oneof![
        ".{0,128}".prop_map(AmqpMessageId::from),
        any::<u64>().prop_map(AmqpMessageId::from),
        any::<[u8; 16]>().prop_map(|bytes| Uuid::from_bytes(bytes).into()),
        vec(any::<u8>(), 0..64).prop_map(|bytes| Bytes::from(bytes).into()),
    ])
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0..253_402_300_000_000i64)
        .prop_map(|millis| DateTime::from_timestamp_millis(millis).expect("within the calendar"))
}

/// Sets a field where the option holds something.
fn with<T, V>(section: T, value: Option<V>, set: impl FnOnce(T, V) -> T) -> T {
    match value {
        Some(value) => set(section, value),
        None => section,
    }
}

/// A header whose time to live is not over at once.
fn header() -> impl Strategy<Value = AmqpHeader> {
    let fields = (
        of(any::<bool>()),
        of(any::<u8>()),
        of(1..=u32::MAX),
        of(any::<bool>()),
        of(any::<u32>()),
    );
    fields.prop_map(|(durable, priority, millis, first_acquirer, count)| {
        let time_to_live = millis.map(|millis| Duration::from_millis(millis.into()));
        let header = with(AmqpHeader::new(), durable, AmqpHeader::with_durable);
        let header = with(header, priority, AmqpHeader::with_priority);
        let header = with(header, time_to_live, AmqpHeader::with_time_to_live);
        let header = with(header, first_acquirer, AmqpHeader::with_first_acquirer);
        with(header, count, AmqpHeader::with_delivery_count)
    })
}

fn properties() -> impl Strategy<Value = AmqpProperties> {
    type P = AmqpProperties;
    let ids = (id(), id(), of(vec(any::<u8>(), 0..40)), of(any::<u32>()));
    let texts = (text(), text(), text(), text(), text());
    let names = (of("[ -~]{0,40}"), of("[ -~]{0,40}"));
    let times = (of(instant()), of(instant()));
    (ids, texts, names, times).prop_map(|(ids, texts, names, times)| {
        let properties = with(P::new(), ids.0, P::with_message_id);
        let properties = with(properties, ids.1, P::with_correlation_id);
        let properties = with(properties, ids.2, P::with_user_id);
        let properties = with(properties, ids.3, P::with_group_sequence);
        let properties = with(properties, texts.0, P::with_to);
        let properties = with(properties, texts.1, P::with_subject);
        let properties = with(properties, texts.2, P::with_reply_to);
        let properties = with(properties, texts.3, P::with_group_id);
        let properties = with(properties, texts.4, P::with_reply_to_group_id);
        let properties = with(properties, names.0, P::with_content_type);
        let properties = with(properties, names.1, P::with_content_encoding);
        let properties = with(properties, times.0, P::with_absolute_expiry_time);
        with(properties, times.1, P::with_creation_time)
    })
}

fn body() -> impl Strategy<Value = AmqpBody> {
    prop_oneof![
        vec(vec(any::<u8>(), 0..300).prop_map(Bytes::from), 1..4).prop_map(AmqpBody::Data),
        value().prop_map(AmqpBody::Value),
        vec(vec(value(), 0..4), 1..4).prop_map(AmqpBody::Sequence),
    ]
}

pub(crate) fn message() -> impl Strategy<Value = AmqpMessage> {
    let application = vec((".{0,12}", scalar()), 0..4).prop_map(ApplicationProperties::from_iter);
    let sections = (
        header(),
        annotations(),
        annotations(),
        properties(),
        application,
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
