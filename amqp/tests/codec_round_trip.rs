//! Whatever is written is read back as it was, and in the encoding the specification gives it.

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use servicebus_amqp::error::EncodeError;
use servicebus_amqp::format_code;
use servicebus_amqp::performative::{read_performative, write_performative, Performative};
use servicebus_amqp::types::definitions::{AmqpError, Error};
use servicebus_amqp::types::performatives::{Close, Transfer};
use servicebus_amqp::value::{read_value, write_value};
use servicebus_amqp::walker::Element;
use servicebus_amqp::writer::Writer;

mod arbitrary;

use arbitrary::{any_performative, any_value};

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x0a3d_9b11),
        ..ProptestConfig::default()
    })]

    #[test]
    fn values(value in any_value()) {
        let bytes = written(|writer| write_value(writer, &value)).unwrap();
        let element = Element::parse_whole(&bytes).unwrap();
        prop_assert_eq!(element.check(), Ok(()));
        prop_assert_eq!(read_value(&element), Ok(value));
        let copied = written(|writer| writer.put_element(&element)).unwrap();
        prop_assert_eq!(copied, bytes);
    }

    #[test]
    fn performatives(performative in any_performative(), payload in vec(any::<u8>(), 0..40)) {
        let mut bytes = BytesMut::new();
        write_performative(&performative, &mut bytes).unwrap();
        let end = bytes.len();
        bytes.extend_from_slice(&payload);
        let (read, extent) = read_performative(&bytes).unwrap();
        prop_assert_eq!(extent, end);
        prop_assert_eq!(read, performative);
    }
}

fn written(put: impl FnOnce(&mut Writer<'_>)) -> Result<BytesMut, EncodeError> {
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    put(&mut writer);
    writer.finish()?;
    Ok(out)
}

#[test]
fn lists_grow_wide_when_a_size_or_count_field_would_overflow() {
    let list = |length: usize| written(|w| w.put_list(|w| w.put_binary(&vec![0; length]))).unwrap();
    assert_eq!(list(252)[..3], *b"\xc0\xff\x01");
    assert_eq!(list(253)[..9], *b"\xd0\x00\x00\x01\x03\x00\x00\x00\x01");
    let nulls = |count: usize| {
        written(|writer| writer.put_list(|writer| (0..count).for_each(|_| writer.put_null())))
            .unwrap()
    };
    assert_eq!(nulls(254)[..3], *b"\xc0\xff\xfe");
    assert_eq!(nulls(255)[..9], *b"\xd0\x00\x00\x01\x03\x00\x00\x00\xff");
}

#[test]
fn elements_of_an_array_must_be_of_its_type() {
    let mixed = written(|writer| {
        writer.put_array(format_code::UINT, |writer| {
            writer.put_uint(1);
            writer.put_ulong(2);
        });
    });
    let error = EncodeError::MixedArray {
        array: format_code::UINT,
        element: format_code::ULONG,
    };
    assert_eq!(mixed, Err(error));
    let narrow = written(|writer| writer.put_array(format_code::SMALLUINT, |_| {}));
    let error = EncodeError::ArrayConstructor(format_code::SMALLUINT);
    assert_eq!(narrow, Err(error));
}

#[test]
fn a_text_too_long_for_the_narrow_elements_of_its_array_is_refused() {
    let array = written(|writer| {
        writer.put_array(format_code::SYM8, |writer| {
            writer.put_symbol("a");
            writer.put_symbol(&"b".repeat(256));
        });
    });
    let error = EncodeError::MixedArray {
        array: format_code::SYM8,
        element: format_code::SYM32,
    };
    assert_eq!(array, Err(error));
}

#[test]
fn trailing_nulls_are_not_written() {
    let transfer = Transfer {
        handle: 0.into(),
        delivery_id: None,
        delivery_tag: None,
        message_format: None,
        settled: None,
        more: true,
        rcv_settle_mode: None,
        state: None,
        resume: false,
        aborted: false,
        batchable: false,
    };
    let mut out = BytesMut::new();
    write_performative(&Performative::Transfer(transfer), &mut out).unwrap();
    assert_eq!(
        out[..],
        *b"\x00\x53\x14\xc0\x07\x06\x43\x40\x40\x40\x40\x41"
    );
}

/// The Python SDK takes the third field of an error without looking whether there is one.
#[test]
fn an_error_is_written_with_all_its_fields() {
    let error = Error::from(AmqpError::NotFound);
    let close = Performative::Close(Close { error: Some(error) });
    let mut bytes = BytesMut::new();
    write_performative(&close, &mut bytes).unwrap();
    let end = bytes.split_off(bytes.len() - 18);
    assert_eq!(end[..], *b"\xa3\x0eamqp:not-found\x40\x40");
}
