//! Bytes that general AMQP decoders are known to get wrong: by believing them, by refusing them,
//! or by reading something else.
#![expect(clippy::panic, reason = "what surprises a test ends it")]

use bytes::BytesMut;
use serde_amqp::primitives::Array;
use serde_amqp::Value;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::format_code;
use servicebus_amqp::performative::{read_performative, Performative};
use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::value::{read_value, write_value};
use servicebus_amqp::walker::{Element, Kind, MAX_DEPTH, MAX_ZERO_WIDTH_ELEMENTS};
use servicebus_amqp::writer::Writer;

mod hex;

use hex::{composite, compound, hex};

fn value_of(text: &str) -> Result<Value, DecodeError> {
    read_value(&Element::parse_whole(&hex(text))?)
}

fn performative_of(text: &str) -> Performative {
    let bytes = hex(text);
    match read_performative(&bytes) {
        Ok((performative, extent)) if extent == bytes.len() => performative,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_length_of_a_gigabyte_is_an_error_before_anything_is_allocated() {
    let parsed = Element::parse(&hex("b0 40000000 61")).map(drop);
    let error = DecodeError::SizeExceedsInput {
        needed: 0x4000_0000,
        left: 1,
    };
    assert_eq!(parsed, Err(error));
}

#[test]
fn a_count_of_four_billion_is_an_error_before_anything_is_read() {
    for text in [
        "d0 00000005 ffffffff 40",
        "d1 00000006 fffffffe 40 40",
        "f0 00000006 ffffffff 50 01",
    ] {
        let error = value_of(text).unwrap_err();
        let lying = matches!(error, DecodeError::CountExceedsInput { .. });
        assert!(lying, "{text}: {error:?}");
    }
}

#[test]
fn an_empty_array_with_constructor_does_not_shift_its_neighbours() {
    let list = value_of("c0 07 02 e0 02 00 43 50 07").unwrap();
    let expected = vec![Value::Array(Array(Vec::new())), Value::Ubyte(7)];
    assert_eq!(list, Value::List(expected));
}

#[test]
fn an_empty_array_without_constructor_is_read_as_well() {
    let list = value_of("c0 06 02 e0 01 00 50 07").unwrap();
    let expected = vec![Value::Array(Array(Vec::new())), Value::Ubyte(7)];
    assert_eq!(list, Value::List(expected));
}

#[test]
fn an_empty_array_is_written_with_a_constructor() {
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    writer.put_array(format_code::SYM32, |_| {});
    write_value(&mut writer, &Value::Array(Array(Vec::new())));
    writer.finish().unwrap();
    assert_eq!(out, hex("e0 02 00 b3  e0 02 00 40"));
}

#[test]
fn arrays_of_maps_are_read() {
    // Two map8 of one entry each: {1: 2}, {3: 4}.
    let array = value_of("e0 0e 02 c1 05 02 5001 5002 05 02 5003 5004").unwrap();
    let Value::Array(Array(maps)) = &array else {
        panic!("{array:?}");
    };
    let entries: Vec<_> = maps
        .iter()
        .map(|map| match map {
            Value::Map(map) => map.iter().next().unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        entries,
        [
            (&Value::Ubyte(1), &Value::Ubyte(2)),
            (&Value::Ubyte(3), &Value::Ubyte(4))
        ]
    );
}

#[test]
fn arrays_of_described_values_are_read_and_written() {
    let array = value_of("e0 07 02 00 53 77 56 01 00").unwrap();
    let Value::Array(Array(elements)) = &array else {
        panic!("{array:?}");
    };
    let values: Vec<_> = elements
        .iter()
        .map(|element| match element {
            Value::Described(described) => described.value.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(values, [Value::Bool(true), Value::Bool(false)]);
    assert!(
        value_of("e0 08 02 00 53 77 56 01 00 00").is_err(),
        "a byte after the last element"
    );

    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    write_value(&mut writer, &array);
    writer.finish().unwrap();
    assert_eq!(out, hex("e0 07 02 00 53 77 56 01 00"));
}

#[test]
fn both_entries_of_a_doubled_key_are_seen_and_never_one_dropped() {
    let bytes = hex(&compound(0xc1, 4, "a3 01 61 5001 a3 01 61 5002"));
    let map = Element::parse_whole(&bytes).unwrap();
    let Kind::Map(elements) = map.kind().unwrap() else {
        panic!("{map:?}");
    };
    let values: Vec<_> = elements
        .skip(1)
        .step_by(2)
        .map(|value| value.unwrap().as_u8())
        .collect();
    assert_eq!(values, [Some(1), Some(2)]);
    assert_eq!(read_value(&map), Err(DecodeError::DuplicateKey));
}

#[test]
fn text_must_be_utf8() {
    assert_eq!(value_of("a1 02 c3 28"), Err(DecodeError::NotUtf8));
    assert_eq!(value_of("a3 01 ff"), Err(DecodeError::NotUtf8));
    let open = read_performative(&hex("00 53 10 c0 05 01 a1 02 c3 28")).unwrap_err();
    assert_eq!(open.to_string(), "open.container-id: text is not utf-8");
}

#[test]
fn elements_without_width_are_bounded_in_number() {
    let array = |count: usize| {
        let mut bytes = hex("f0 00000005");
        bytes.extend(u32::try_from(count).unwrap().to_be_bytes());
        bytes.push(format_code::NULL);
        bytes
    };
    let bytes = array(MAX_ZERO_WIDTH_ELEMENTS);
    let allowed = Element::parse_whole(&bytes).unwrap();
    assert_eq!(allowed.check(), Ok(()));
    let Kind::Array(elements) = allowed.kind().unwrap() else {
        panic!("{allowed:?}");
    };
    assert_eq!(elements.count(), MAX_ZERO_WIDTH_ELEMENTS);

    let bytes = array(MAX_ZERO_WIDTH_ELEMENTS + 1);
    let refused = Element::parse_whole(&bytes).unwrap().kind().map(drop);
    let error = DecodeError::ZeroWidthArray(MAX_ZERO_WIDTH_ELEMENTS + 1);
    assert_eq!(refused, Err(error));
}

#[test]
fn nested_arrays_without_width_do_not_multiply() {
    // An array of a thousand arrays of 65,536 nulls each: nine kilobytes that mean 65 million nulls.
    let inner = hex("00000005 00010000 40");
    let mut items = hex("000003e8 f0");
    for _ in 0..1000 {
        items.extend(&inner);
    }
    let mut bytes = vec![format_code::ARRAY32];
    bytes.extend(u32::try_from(items.len()).unwrap().to_be_bytes());
    bytes.extend(items);
    let element = Element::parse_whole(&bytes).unwrap();
    assert_eq!(element.check(), Err(DecodeError::TooManyElements));
    assert_eq!(read_value(&element), Err(DecodeError::TooManyElements));
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| {
        let mut out = BytesMut::new();
        let mut writer = Writer::new(&mut out);
        put_nested(&mut writer, depth);
        writer.finish().unwrap();
        out
    };
    let bytes = nested(MAX_DEPTH);
    assert!(read_value(&Element::parse_whole(&bytes).unwrap()).is_ok());
    let bytes = nested(MAX_DEPTH + 1);
    let element = Element::parse_whole(&bytes).unwrap();
    assert_eq!(read_value(&element), Err(DecodeError::TooDeep));
    assert_eq!(element.check(), Err(DecodeError::TooDeep));
}

fn put_nested(writer: &mut Writer<'_>, depth: usize) {
    if depth == 0 {
        return writer.put_ubyte(7);
    }
    writer.put_list(|writer| put_nested(writer, depth - 1));
}

#[test]
fn descriptors_of_descriptors_do_not_exhaust_the_stack() {
    let bytes = vec![format_code::DESCRIBED; 1_000_000];
    assert_eq!(Element::parse(&bytes).map(drop), Err(DecodeError::TooDeep));
}

#[test]
fn the_extent_of_the_list_says_where_the_payload_begins() {
    // Handle 1, delivery-id 2, and two more fields than a transfer has; then a payload.
    let fields = "5201 5202 40 40 40 40 40 40 40 40 40 a1 01 78 53 09";
    let mut bytes = hex(&composite(0x14, 13, fields));
    let list_end = bytes.len();
    bytes.extend(hex("00 53 75 a0 01 61"));
    let (performative, extent) = read_performative(&bytes).unwrap();
    assert_eq!(extent, list_end);
    let Performative::Transfer(transfer) = performative else {
        panic!("{performative:?}");
    };
    assert_eq!((transfer.handle.0, transfer.delivery_id), (1, Some(2)));
}

#[test]
fn error_info_may_have_string_keys() {
    let info = compound(0xc1, 2, "a1 06 526561736f6e a1 06 62726f6b656e");
    let error = composite(0x1d, 3, &format!("a3 03 6f6f70 40 {info}"));
    let rejected = composite(0x25, 1, &error);
    let bytes = performative_of(&composite(0x15, 5, &format!("41 43 40 42 {rejected}")));
    let Performative::Disposition(disposition) = bytes else {
        panic!("{bytes:?}");
    };
    let Some(DeliveryState::Rejected(rejected)) = disposition.state else {
        panic!("{disposition:?}");
    };
    let info = rejected.error.unwrap().info.unwrap();
    assert_eq!(info.get("Reason"), Some(&Value::from("broken")));
}
