//! The encoding byte by byte, and what has none.

use std::time::Duration;

use chrono::DateTime;

use super::*;
use crate::error::ErrorKind;
use crate::{AmqpHeader, AmqpProperties};

#[track_caller]
fn encodes_as(message: Message, expected: &[&[u8]]) {
    let bytes = encode(&message).expect("the message can be sent");
    let expected = expected.concat();
    assert_eq!(
        &bytes[..],
        expected,
        "{bytes:02x?}\nexpected {expected:02x?}"
    );
}

#[track_caller]
fn refused(message: Message, expected: &str) {
    let error = encode(&message).expect_err("the message must be refused");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(
        error.to_string().contains(expected),
        "{error} does not say {expected:?}"
    );
}

#[test]
fn a_body_alone() {
    encodes_as(Message::new("hi"), &[b"\x00\x53\x75\xa0\x02hi"]);
    encodes_as(Message::default(), &[b"\x00\x53\x75\xa0\x00"]);
    encodes_as(
        AmqpMessage::new(AmqpBody::Data(vec![])).into(),
        &[b"\x00\x53\x75\xa0\x00"],
    );
    encodes_as(
        AmqpMessage::new(AmqpValue::Null).into(),
        &[b"\x00\x53\x77\x40"],
    );
    encodes_as(
        AmqpMessage::new(AmqpBody::Sequence(vec![vec![]])).into(),
        &[b"\x00\x53\x76\x45"],
    );
}

#[test]
fn a_body_of_256_bytes_has_a_wide_length() {
    let body = [0x2a; 256];
    encodes_as(
        Message::new(&body),
        &[b"\x00\x53\x75\xb0\x00\x00\x01\x00", &body],
    );
}

#[test]
fn the_sections_of_a_full_message() {
    let message = Message::new("hi")
        .with_message_id("id")
        .with_session_id("s")
        .with_content_type("ct")
        .with_time_to_live(Duration::from_millis(5))
        .with_partition_key("s")
        .with_scheduled_enqueue_time(DateTime::from_timestamp_millis(1).expect("a date"))
        .with_application_property("p", 300);
    encodes_as(
        message,
        &[
            // header: two nulls, ttl
            b"\x00\x53\x70\xc0\x05\x03\x40\x40\x52\x05",
            // message annotations
            b"\x00\x53\x72\xc1\x40\x04",
            b"\xa3\x13x-opt-partition-key\xa1\x01s",
            b"\xa3\x1cx-opt-scheduled-enqueue-time\x83\0\0\0\0\0\0\0\x01",
            // properties: message id, five nulls, content type, three nulls, group id
            b"\x00\x53\x73\xc0\x14\x0b\xa1\x02id\x40\x40\x40\x40\x40\xa3\x02ct\x40\x40\x40\xa1\x01s",
            // application properties
            b"\x00\x53\x74\xc1\x09\x02\xa1\x01p\x71\x00\x00\x01\x2c",
            b"\x00\x53\x75\xa0\x02hi",
        ],
    );
}

#[test]
fn a_time_to_live_beyond_the_field_is_sent_as_its_largest() {
    let header = b"\x00\x53\x70\xc0\x08\x03\x40\x40\x70\xff\xff\xff\xff\x00\x53\x75\xa0\x00";
    encodes_as(Message::new("").with_time_to_live(Duration::MAX), &[header]);
    encodes_as(
        Message::new("").with_time_to_live(AmqpHeader::MAX_TIME_TO_LIVE),
        &[header],
    );
}

#[test]
fn annotation_keys_become_symbols() {
    let annotations = AmqpMap::from_iter([("k", true)]);
    encodes_as(
        AmqpMessage::new("")
            .with_message_annotations(annotations)
            .into(),
        &[b"\x00\x53\x72\xc1\x05\x02\xa3\x01k\x41\x00\x53\x75\xa0\x00"],
    );
}

#[test]
fn ids_are_limited() {
    let just = "ä".repeat(128);
    let long = "ä".repeat(129);
    encode(&Message::new("").with_message_id(just.as_str())).expect("128 characters can be sent");
    refused(
        Message::new("").with_message_id(long.as_str()),
        "message id is longer",
    );
    refused(
        Message::new("").with_session_id(long.as_str()),
        "session id is longer",
    );
    refused(
        Message::new("").with_reply_to_session_id(long.as_str()),
        "reply-to session id",
    );
    refused(
        Message::new("").with_partition_key(long.as_str()),
        "partition key is longer",
    );
}

#[test]
fn the_partition_of_a_session_is_the_sessions() {
    let message = Message::new("")
        .with_session_id("a")
        .with_partition_key("b");
    refused(message, "partition key and session id differ");
}

#[test]
fn what_a_section_cannot_hold_is_named() {
    let list = AmqpValue::List(vec![]);
    refused(
        Message::new("").with_application_property("items", list),
        "\"items\" is a list",
    );
    let named_by_number = AmqpMap::from_iter([(7, 1)]);
    refused(
        AmqpMessage::new("").with_footer(named_by_number).into(),
        "annotation key Int(7)",
    );
    refused(
        Message::new("").with_content_type("größe"),
        "content type is not ascii",
    );
    let properties = AmqpProperties::new().with_content_encoding("größe");
    refused(
        AmqpMessage::new("").with_properties(properties).into(),
        "content encoding",
    );
}
