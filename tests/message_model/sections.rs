//! Every AMQP section and type survives the way through the broker.

use std::time::Duration;

use bytes::Bytes;
use chrono::DateTime;
use servicebus::{
    AmqpBody, AmqpHeader, AmqpMap, AmqpMessage, AmqpProperties, AmqpValue, ApplicationProperties,
};
use uuid::Uuid;

use crate::desk::Desk;

/// One value of each primitive type.
fn scalars() -> Vec<(&'static str, AmqpValue)> {
    let id = Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    vec![
        ("null", AmqpValue::Null),
        ("true", true.into()),
        ("false", false.into()),
        ("ubyte", AmqpValue::Ubyte(u8::MAX)),
        ("ushort", AmqpValue::Ushort(u16::MAX)),
        ("uint", AmqpValue::Uint(u32::MAX)),
        ("ulong", AmqpValue::Ulong(u64::MAX)),
        ("byte", AmqpValue::Byte(i8::MIN)),
        ("short", AmqpValue::Short(i16::MIN)),
        ("int", AmqpValue::Int(i32::MIN)),
        ("long", AmqpValue::Long(i64::MIN)),
        ("float", AmqpValue::Float(1.5)),
        ("double", AmqpValue::Double(-2.25)),
        ("char", AmqpValue::Char('ß')),
        ("timestamp", AmqpValue::Timestamp(1_700_000_000_123)),
        ("uuid", id.into()),
        ("binary", AmqpValue::Binary(Bytes::from_static(&[0, 255]))),
        ("string", "grüße".into()),
        ("symbol", AmqpValue::symbol("x-symbol")),
        ("decimal32", AmqpValue::Decimal32([0x22, 0x50, 0, 1])),
        ("decimal64", AmqpValue::Decimal64([0x22; 8])),
        ("decimal128", AmqpValue::Decimal128([0x22; 16])),
    ]
}

#[test]
fn application_properties_of_every_type() {
    let desk = Desk::new();
    let properties = ApplicationProperties::from_iter(scalars());
    let message = AmqpMessage::new("a").with_application_properties(properties.clone());
    let received = desk.through(message);
    assert_eq!(received.application_properties(), &properties);
}

#[test]
fn all_properties() {
    let desk = Desk::new();
    let time = DateTime::from_timestamp_millis(1_700_000_000_123).expect("within the calendar");
    let properties = AmqpProperties::new()
        .with_message_id("id")
        .with_user_id(Bytes::from_static(b"user"))
        .with_to("to")
        .with_subject("subject")
        .with_reply_to("reply-to")
        .with_correlation_id("correlation")
        .with_content_type("text/plain")
        .with_content_encoding("gzip")
        .with_absolute_expiry_time(time)
        .with_creation_time(time)
        .with_group_id("group")
        .with_group_sequence(7)
        .with_reply_to_group_id("reply-group");
    let received = desk.through(AmqpMessage::new("a").with_properties(properties.clone()));
    assert_eq!(received.amqp().properties(), &properties);
    assert_eq!(received.session_id(), Some("group"));
}

#[test]
fn message_ids_of_every_type() {
    let desk = Desk::new();
    let properties = [
        AmqpProperties::new()
            .with_message_id(7u64)
            .with_correlation_id(8u64),
        AmqpProperties::new()
            .with_message_id(Uuid::from_u128(1))
            .with_correlation_id(Uuid::from_u128(2)),
        AmqpProperties::new()
            .with_message_id(Bytes::from_static(&[1, 2]))
            .with_correlation_id(Bytes::from_static(&[3])),
    ];
    for properties in properties {
        let received = desk.through(AmqpMessage::new("a").with_properties(properties.clone()));
        assert_eq!(received.amqp().properties(), &properties);
    }
}

#[test]
fn the_header() {
    let desk = Desk::new();
    let header = AmqpHeader::new()
        .with_durable(true)
        .with_priority(9)
        .with_time_to_live(Duration::from_secs(3_600))
        .with_first_acquirer(true);
    let received = desk.through(AmqpMessage::new("a").with_header(header.clone()));
    // The count is the broker's own.
    let received_header = received.amqp().header();
    assert_eq!(received_header, &header.with_delivery_count(0));
    assert_eq!(received.time_to_live(), Some(Duration::from_secs(3_600)));
}

#[test]
fn annotations_and_footer() {
    let desk = Desk::new();
    let annotations = || {
        scalars()
            .into_iter()
            .map(|(name, value)| (AmqpValue::symbol(format!("x-{name}")), value))
    };
    let message = AmqpMessage::new("a")
        .with_delivery_annotations(AmqpMap::from_iter(annotations()))
        .with_message_annotations(AmqpMap::from_iter(annotations()))
        .with_footer(AmqpMap::from_iter(annotations()));
    let received = desk.through(message);
    let received = received.amqp();
    for (name, value) in annotations() {
        let name = name.as_str().expect("a symbol").to_owned();
        for (section, map) in [
            ("delivery annotations", received.delivery_annotations()),
            ("message annotations", received.message_annotations()),
            ("footer", received.footer()),
        ] {
            assert_eq!(map.get(&name), Some(&value), "{name} in {section}: {map:?}");
        }
    }
    // A footer is the sender's alone.
    assert_eq!(received.footer().len(), annotations().count());
}

#[test]
fn bodies_of_every_kind() {
    let desk = Desk::new();
    let mut bodies: Vec<AmqpBody> = scalars()
        .into_iter()
        .map(|(_, value)| AmqpBody::Value(value))
        .collect();
    bodies.push(AmqpBody::Data(vec![Bytes::new()]));
    bodies.push(AmqpBody::Data(vec![
        Bytes::from_static(b"ab"),
        Bytes::from_static(b"cd"),
    ]));
    bodies.push(AmqpBody::Sequence(vec![
        vec![1i32.into(), "two".into()],
        vec![AmqpValue::Null],
    ]));
    for body in bodies {
        let received = desk.through(AmqpMessage::new(body.clone()));
        assert_eq!(received.amqp().body(), &body);
    }
}
