use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_amqp::described::Described;
use serde_amqp::descriptor::Descriptor;
use serde_amqp::primitives::{Array, OrderedMap, Symbol, Timestamp, Uuid};
use serde_amqp::Value;
use serde_bytes::ByteBuf;

pub(crate) fn any_value() -> BoxedStrategy<Value> {
    any_scalar()
        .prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..6).prop_map(Value::List),
                vec((any_scalar(), inner.clone()), 0..6).prop_map(|entries| {
                    Value::Map(entries.into_iter().collect::<OrderedMap<_, _>>())
                }),
                (any_descriptor(), inner)
                    .prop_map(|(descriptor, value)| described(descriptor, value)),
                any_array(),
            ]
        })
        .boxed()
}

fn described(descriptor: Descriptor, value: Value) -> Value {
    Value::Described(Box::new(Described { descriptor, value }))
}

fn any_descriptor() -> impl Strategy<Value = Descriptor> {
    prop_oneof![
        any::<u64>().prop_map(Descriptor::Code),
        ".{0,12}".prop_map(|name| Descriptor::Name(Symbol::from(name))),
    ]
}

fn any_array() -> BoxedStrategy<Value> {
    let plain = prop_oneof![
        vec(any::<u32>().prop_map(Value::Uint), 0..6),
        vec(any::<bool>().prop_map(Value::Bool), 0..6),
        vec(".{0,300}".prop_map(Value::String), 0..3),
        vec(vec(any_scalar(), 0..4).prop_map(Value::List), 0..4),
        vec(
            vec(any::<i64>().prop_map(Value::Long), 1..4).prop_map(|v| Value::Array(Array(v))),
            0..4
        ),
    ];
    (plain, option::of(any_descriptor()))
        .prop_map(|(values, descriptor)| {
            let element = |value| match &descriptor {
                None => value,
                Some(descriptor) => described(descriptor.clone(), value),
            };
            Value::Array(values.into_iter().map(element).collect())
        })
        .boxed()
}

fn any_scalar() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<u8>().prop_map(Value::Ubyte),
        any::<u16>().prop_map(Value::Ushort),
        prop_oneof![any::<u32>(), 0..300_u32].prop_map(Value::Uint),
        prop_oneof![any::<u64>(), 0..300_u64].prop_map(Value::Ulong),
        any::<i8>().prop_map(Value::Byte),
        any::<i16>().prop_map(Value::Short),
        prop_oneof![any::<i32>(), -200..200_i32].prop_map(Value::Int),
        prop_oneof![any::<i64>(), -200..200_i64].prop_map(Value::Long),
        any::<f32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<[u8; 4]>().prop_map(|bytes| Value::Decimal32(bytes.into())),
        any::<[u8; 8]>().prop_map(|bytes| Value::Decimal64(bytes.into())),
        any::<[u8; 16]>().prop_map(|bytes| Value::Decimal128(bytes.into())),
        any::<char>().prop_map(Value::Char),
        any::<i64>().prop_map(|at| Value::Timestamp(Timestamp::from(at))),
        any::<[u8; 16]>().prop_map(|bytes| Value::Uuid(Uuid::from(bytes))),
        vec(any::<u8>(), 0..300).prop_map(|bytes| Value::Binary(ByteBuf::from(bytes))),
        ".{0,100}".prop_map(Value::String),
        ".{0,100}".prop_map(|text| Value::Symbol(Symbol::from(text))),
    ]
    .boxed()
}
