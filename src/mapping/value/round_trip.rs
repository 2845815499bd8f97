//! Whatever can be sent is read back as it was.

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;
use servicebus_amqp::walker::Element;
use servicebus_amqp::writer::Writer;
use uuid::Uuid;

use super::{check_value, read_value, write_value};
use crate::model::map::AmqpMap;
use crate::model::value::{AmqpDescribed, AmqpValue};

fn encode(value: &AmqpValue) -> Bytes {
    check_value(value).expect("the value can be sent");
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    write_value(&mut writer, value);
    writer.finish().expect("the value can be written");
    out.freeze()
}

fn decode(bytes: &Bytes) -> AmqpValue {
    let element = Element::parse_whole(bytes).expect("one value");
    read_value(&element, bytes).expect("a value that can be read")
}

/// The debug form tells everything apart that matters, and takes NaN for equal to itself.
#[track_caller]
fn check_round_trip(value: &AmqpValue) {
    let read = decode(&encode(value));
    assert_eq!(format!("{read:?}"), format!("{value:?}"));
}

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
        any::<f32>().prop_map(AmqpValue::Float),
        any::<f64>().prop_map(AmqpValue::Double),
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

fn value() -> impl Strategy<Value = AmqpValue> {
    scalar().prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(AmqpValue::List),
            vec((inner.clone(), inner.clone()), 0..6)
                .prop_map(|pairs| AmqpValue::Map(AmqpMap::from_iter(pairs))),
            (scalar(), inner.clone())
                .prop_map(|(descriptor, value)| AmqpDescribed::new(descriptor, value).into()),
            // Copies of one value are of one type, whatever it is.
            (inner, 0..4usize)
                .prop_map(|(value, count)| AmqpValue::Array(vec![value; count]))
                .prop_filter("an array that cannot be sent", |array| check_value(array)
                    .is_ok()),
        ]
    })
}

proptest! {
    #[test]
    fn any_value(value in value()) {
        check_round_trip(&value);
    }

    #[test]
    fn arrays_of_texts_of_mixed_length(texts in vec("[a-z]{0,300}", 0..5)) {
        check_round_trip(&AmqpValue::Array(texts.into_iter().map(AmqpValue::String).collect()));
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
        let bytes = Bytes::from(bytes);
        if let Ok((element, _)) = Element::parse(&bytes) {
            read_value(&element, &bytes).ok();
        }
    }
}

#[test]
fn repeated_and_nan_keys_survive() {
    let pairs = [
        (AmqpValue::Double(f64::NAN), 1),
        (AmqpValue::Double(f64::NAN), 2),
        (5.into(), 3),
        (5.into(), 4),
    ];
    check_round_trip(&AmqpValue::Map(AmqpMap::from_iter(pairs)));
}

#[test]
fn arrays_of_described_values() {
    let described = |value: i32| AmqpDescribed::new(AmqpValue::symbol("x:y"), value).into();
    check_round_trip(&AmqpValue::Array(vec![described(1), described(1_000)]));
}

#[test]
fn an_empty_array_is_followed_by_its_neighbour() {
    check_round_trip(&AmqpValue::List(vec![
        AmqpValue::Array(vec![]),
        AmqpValue::Int(7),
    ]));
}

#[test]
fn binaries_share_the_bytes_they_came_in() {
    let bytes = encode(&AmqpValue::from(vec![1u8; 1_000]));
    let AmqpValue::Binary(binary) = decode(&bytes) else {
        panic!("a binary")
    };
    assert!(
        bytes.as_ptr_range().contains(&binary.as_ptr()),
        "the bytes were copied"
    );
}

#[test]
fn what_has_no_encoding_is_refused() {
    let described = |descriptor: u64| AmqpDescribed::new(descriptor, 1).into();
    let twice = AmqpDescribed::new(1u64, AmqpDescribed::new(2u64, 3)).into();
    let mut deep = AmqpValue::Null;
    for _ in 0..65 {
        deep = AmqpValue::List(vec![deep]);
    }
    let refused = [
        AmqpValue::symbol("größe"),
        AmqpValue::Array(vec![1.into(), "one".into()]),
        AmqpValue::Array(vec![described(1), described(2)]),
        AmqpValue::Array(vec![described(1), 1.into()]),
        AmqpValue::Array(vec![twice]),
        AmqpValue::Array(vec![AmqpValue::Null; 65_537]),
        AmqpValue::List(vec![AmqpValue::symbol("größe")]),
        deep,
    ];
    for value in refused {
        let error = check_value(&value).expect_err("it has no encoding");
        assert_eq!(error.kind(), crate::ErrorKind::InvalidArgument, "{error}");
    }
}
