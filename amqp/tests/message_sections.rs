//! A message is split into its sections without a copy and without decoding what is in them.

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::{
    read_header, read_properties, section_value, split_sections, write_header, write_properties,
};
use servicebus_amqp::types::messaging::{Header, MessageId, Properties};
use servicebus_amqp::writer::Writer;

mod hex;

use hex::{composite, hex};

fn data(bytes: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    Writer::new(&mut out).put_described(descriptor::DATA, |writer| writer.put_binary(bytes));
    out.freeze()
}

fn map(code: u64) -> Bytes {
    let mut out = BytesMut::new();
    Writer::new(&mut out).put_described(code, |writer| {
        writer.put_map(|writer| {
            writer.put_symbol("key");
            writer.put_null();
        });
    });
    out.freeze()
}

#[test]
fn every_section_is_found_with_its_descriptor() {
    let header = Bytes::from(hex("00 53 70 45"));
    let delivery_annotations = map(descriptor::DELIVERY_ANNOTATIONS);
    let message_annotations = map(descriptor::MESSAGE_ANNOTATIONS);
    let properties = Bytes::from(hex("00 53 73 45"));
    let application_properties = map(descriptor::APPLICATION_PROPERTIES);
    let footer = map(descriptor::FOOTER);
    let body = vec![data(b"one"), data(&[2; 300]), data(b"")];
    let payload: Bytes = [
        &[
            header.clone(),
            delivery_annotations.clone(),
            message_annotations.clone(),
            properties.clone(),
            application_properties.clone(),
        ][..],
        &body,
        std::slice::from_ref(&footer),
    ]
    .concat()
    .concat()
    .into();

    let sections = split_sections(&payload).unwrap();
    assert_eq!(sections.header, Some(header));
    assert_eq!(sections.delivery_annotations, Some(delivery_annotations));
    assert_eq!(sections.message_annotations, Some(message_annotations));
    assert_eq!(sections.properties, Some(properties));
    let found = sections.application_properties;
    assert_eq!(found, Some(application_properties));
    assert_eq!(sections.footer, Some(footer));
    assert_eq!(sections.body, body);
    let value = section_value(&sections.body[0]).unwrap();
    assert_eq!(value.as_binary(), Some(&b"one"[..]));
    let shared = payload.as_ptr_range().contains(&sections.body[1].as_ptr());
    assert!(shared, "a body section was copied");
}

#[test]
fn a_message_may_be_empty() {
    let sections = split_sections(&Bytes::new()).unwrap();
    assert!(
        sections.body.is_empty() && sections.header.is_none(),
        "{sections:?}"
    );
}

#[test]
fn a_section_may_stand_only_once() {
    let twice = split_sections(&Bytes::from(hex("00 53 70 45 00 53 70 45")));
    assert_eq!(twice, Err(DecodeError::DuplicateSection("header")));
}

#[test]
fn what_is_no_section_is_refused() {
    let error = split_sections(&Bytes::from(hex("00 53 10 45"))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "descriptor 0x10 is not a message section"
    );
    assert!(split_sections(&Bytes::from(hex("a1 01 78"))).is_err());
    let cut = data(&[1; 300]);
    let cut = split_sections(&cut.slice(..cut.len() - 1)).unwrap_err();
    assert!(
        matches!(cut, DecodeError::SizeExceedsInput { .. }),
        "{cut:?}"
    );
}

#[test]
fn a_header_has_defaults_and_is_written_without_them() {
    let read = read_header(&hex("00 53 70 45")).unwrap();
    assert_eq!(read, Header::default());
    assert_eq!(read.priority.0, 4);
    let header = Header::builder().ttl(5_000).delivery_count(2).build();
    let mut out = BytesMut::new();
    write_header(&header, &mut out).unwrap();
    assert_eq!(out, hex(&composite(0x70, 5, "40 40 70 00001388 40 52 02")));
    assert_eq!(read_header(&out), Ok(header));
}

#[test]
fn properties_are_read_as_written() {
    let properties = Properties {
        message_id: Some(MessageId::Uuid([9; 16].into())),
        user_id: Some(b"me".to_vec().into()),
        to: Some("there".into()),
        subject: Some("label".into()),
        reply_to: Some("here".into()),
        correlation_id: Some(MessageId::Ulong(3)),
        content_type: Some("text/plain".into()),
        content_encoding: Some("gzip".into()),
        absolute_expiry_time: Some(1_700_000_000_000.into()),
        creation_time: Some((-1).into()),
        group_id: Some("session".into()),
        group_sequence: Some(u32::MAX),
        reply_to_group_id: Some("other".into()),
    };
    let mut out = BytesMut::new();
    write_properties(&properties, &mut out).unwrap();
    assert_eq!(read_properties(&out), Ok(properties));
}

#[test]
fn properties_take_symbols_for_strings_and_the_reverse() {
    let read = read_properties(&hex(&composite(
        0x73,
        7,
        "a3 02 6964 40 a3 01 71 40 40 40 a1 01 74",
    )))
    .unwrap();
    assert_eq!(read.message_id, Some(MessageId::String("id".into())));
    assert_eq!(read.to.as_deref(), Some("q"));
    assert_eq!(read.content_type, Some("t".into()));
    let wrong = read_properties(&hex("00 53 70 45")).unwrap_err();
    assert_eq!(wrong.to_string(), "descriptor 0x70 is not a properties");
}
