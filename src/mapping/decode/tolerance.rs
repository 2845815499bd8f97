//! Messages as peers really send them.

use bytes::BytesMut;
use servicebus_amqp::writer::Writer;

use super::*;
use crate::MessageState;

fn payload(write: impl FnOnce(&mut Writer<'_>)) -> Bytes {
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    write(&mut writer);
    writer.finish().expect("the payload can be written");
    out.freeze()
}

fn with_annotations(fill: impl FnOnce(&mut Writer<'_>)) -> ReceivedMessage {
    let payload = payload(|writer| {
        writer.put_described(descriptor::MESSAGE_ANNOTATIONS, |writer| {
            writer.put_map(fill)
        });
        writer.put_described(descriptor::DATA, |writer| writer.put_binary(b"body"));
    });
    let entity = Entity::named("orders").expect("a name");
    decode_locked(&payload, Some(Uuid::from_u128(1)), &entity, None).expect("a message")
}

#[test]
fn the_lock_token_is_the_tag_in_dotnet_order() {
    let tag = [
        0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
        0xff,
    ];
    let token = lock_token(&tag).map(|token| token.to_string());
    assert_eq!(
        token.as_deref(),
        Some("00112233-4455-6677-8899-aabbccddeeff")
    );
    assert_eq!(lock_token(&tag[..15]), None);
}

#[test]
fn a_tag_of_another_length_leaves_the_delivery_annotation() {
    let token = Uuid::from_u128(7);
    let bytes = payload(|writer| {
        writer.put_described(descriptor::DELIVERY_ANNOTATIONS, |writer| {
            writer.put_map(|writer| {
                writer.put_symbol("x-opt-lock-token");
                writer.put_uuid(*token.as_bytes());
            });
        });
    });
    let entity = Entity::named("orders").expect("a name");
    let tag = lock_token(&[0, 0, 0, 1]);
    let message = decode_locked(&bytes, tag, &entity, None).expect("a message");
    assert_eq!(message.lock_token(), Some(token));
    let unlocked = decode_unlocked(&bytes).expect("a message");
    assert_eq!(unlocked.lock_token(), None, "a peeked message has no lock");
}

#[test]
fn times_may_be_longs() {
    let message = with_annotations(|writer| {
        writer.put_symbol("x-opt-locked-until");
        writer.put_long(1_700_000_000_000);
        writer.put_symbol("x-opt-enqueued-time");
        writer.put_long(1_600_000_000_000);
    });
    assert_eq!(
        message.locked_until(),
        DateTime::from_timestamp_millis(1_700_000_000_000)
    );
    assert_eq!(
        message.enqueued_time(),
        DateTime::from_timestamp_millis(1_600_000_000_000)
    );
}

#[test]
fn the_sentinels_of_dotnet_are_understood() {
    let message = with_annotations(|writer| {
        writer.put_symbol("x-opt-locked-until");
        writer.put_timestamp(253_402_300_800_000);
        writer.put_symbol("x-opt-enqueued-time");
        writer.put_timestamp(-62_135_596_800_000);
    });
    assert!(
        message.locked_until().is_some(),
        "the largest date is a date"
    );
    assert_eq!(message.enqueued_time(), None, "the smallest is none");
}

#[test]
fn numbers_come_in_any_width() {
    let message = with_annotations(|writer| {
        writer.put_symbol("x-opt-sequence-number");
        writer.put_uint(5);
        writer.put_string("x-opt-message-state");
        writer.put_long(2);
    });
    assert_eq!(message.sequence_number(), Some(5));
    assert_eq!(message.state(), MessageState::Scheduled);
}

#[test]
fn an_unknown_state_is_passed_through() {
    let message = with_annotations(|writer| {
        writer.put_symbol("x-opt-message-state");
        writer.put_int(9);
    });
    assert_eq!(message.state(), MessageState::Other(9));
}

#[test]
fn fields_of_a_wrong_type_are_lost_but_the_message_is_not() {
    let bytes = payload(|writer| {
        writer.put_composite(descriptor::HEADER, |writer| {
            writer.put_string("durable?");
            writer.put_uint(9);
        });
        writer.put_composite(descriptor::PROPERTIES, |writer| {
            writer.put_symbol("id");
            writer.put_bool(true);
            writer.put_symbol("to");
        });
    });
    let message = decode_unlocked(&bytes).expect("a message");
    assert_eq!(message.amqp().header().durable(), None);
    assert_eq!(message.amqp().header().priority(), Some(9));
    assert_eq!(message.message_id(), Some("id"));
    assert_eq!(message.to(), Some("to"));
}

#[test]
fn fields_not_known_yet_are_skipped() {
    let bytes = payload(|writer| {
        writer.put_composite(descriptor::HEADER, |writer| {
            for _ in 0..5 {
                writer.put_null();
            }
            writer.put_string("from the future");
        });
    });
    decode_unlocked(&bytes).expect("a message");
}

#[test]
fn a_message_without_a_body_has_an_empty_one() {
    let message = decode_unlocked(&Bytes::new()).expect("a message");
    assert_eq!(message.body(), b"");
    assert_eq!(*message.amqp().body(), AmqpBody::Data(vec![]));
    assert_eq!(message.to_string(), "");
}

#[test]
fn repeated_application_properties_survive() {
    let bytes = payload(|writer| {
        writer.put_described(descriptor::APPLICATION_PROPERTIES, |writer| {
            writer.put_map(|writer| {
                for value in [1, 2] {
                    writer.put_string("p");
                    writer.put_int(value);
                }
            });
        });
    });
    let message = decode_unlocked(&bytes).expect("a message");
    let properties: Vec<_> = message.application_properties().iter().collect();
    assert_eq!(
        properties,
        [("p", &AmqpValue::Int(1)), ("p", &AmqpValue::Int(2))]
    );
}

#[test]
fn several_data_sections_are_one_body() {
    let bytes = payload(|writer| {
        writer.put_described(descriptor::DATA, |writer| writer.put_binary(b"ab"));
        writer.put_described(descriptor::DATA, |writer| writer.put_binary(b"cd"));
    });
    let message = decode_unlocked(&bytes).expect("a message");
    assert_eq!(message.body(), b"abcd");
    let sections = [Bytes::from_static(b"ab"), Bytes::from_static(b"cd")];
    assert_eq!(*message.amqp().body(), AmqpBody::Data(sections.to_vec()));
}

#[test]
fn a_body_of_two_kinds_is_an_error() {
    let bytes = payload(|writer| {
        writer.put_described(descriptor::DATA, |writer| writer.put_binary(b"ab"));
        writer.put_described(descriptor::AMQP_VALUE, Writer::put_null);
    });
    let error = decode_unlocked(&bytes).expect_err("it is neither");
    assert_eq!(error.kind(), ErrorKind::Other);
}

#[test]
fn nested_arrays_without_width_are_no_bomb() {
    // 60 arrays of 65,536 arrays each would be more values than memory can hold.
    let mut bytes = vec![0x00, 0x53, 0x77];
    let inner = [0xf0, 0, 0, 0, 5, 0, 1, 0, 0, 0x40];
    let count = 1_000u32;
    let data = inner[1..].repeat(count as usize);
    bytes.push(0xf0);
    bytes.extend((data.len() as u32 + 5).to_be_bytes());
    bytes.extend(count.to_be_bytes());
    bytes.push(0xf0);
    bytes.extend(data);
    decode_unlocked(&bytes.into()).expect_err("65 million nulls in 10 kB are refused");
}
