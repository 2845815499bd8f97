//! What a fuzzer runs: plain functions that take any bytes and fail only if this crate is wrong.

mod endpoint;

pub use endpoint::endpoint;

use bytes::{Bytes, BytesMut};

use crate::error::{DecodeError, EncodeError};
use crate::framing::{take_frame, FrameKind};
use crate::performative::{read_performative, write_performative, Performative};
use crate::protocol_header::ProtocolHeader;
use crate::sasl::{read_sasl, write_sasl};
use crate::sections::{read_header, read_properties, section_value, split_sections};
use crate::value::{read_value, write_value};
use crate::walker::Element;
use crate::writer::Writer;

const MAX_FRAME_SIZE: u32 = 65_536;

/// Takes `data` for what a peer sent: perhaps a protocol header, then frames until one is refused.
/// What is read must be written again and then read as the same.
pub fn inbound_frames(data: &[u8]) {
    let mut input = BytesMut::from(data);
    let opening = ProtocolHeader::take(&mut input);
    assert_eq!(
        opening.is_ok_and(|header| header.is_some()),
        input.len() < data.len()
    );
    while let Ok(Some(frame)) = take_frame(&mut input, MAX_FRAME_SIZE) {
        match frame.kind {
            FrameKind::Amqp => amqp_body(&frame.body),
            FrameKind::Sasl => sasl_body(&frame.body),
        }
    }
}

fn amqp_body(body: &Bytes) {
    let Ok((performative, extent)) = read_performative(body) else {
        return;
    };
    assert!(extent <= body.len(), "payload begins behind the frame");
    let mut written = BytesMut::new();
    if is_written(write_performative(&performative, &mut written)) {
        match read_performative(&written) {
            Ok((again, end)) => assert_eq!((again, end), (performative.clone(), written.len())),
            Err(error) => assert!(is_too_dense(&error), "{error}"),
        }
    }
    if matches!(performative, Performative::Transfer(_)) {
        message_sections(&body.slice(extent..));
    }
}

fn sasl_body(body: &[u8]) {
    if let Ok(frame) = read_sasl(body) {
        let mut written = BytesMut::new();
        assert_eq!(write_sasl(&frame, &mut written), Ok(()));
        assert_eq!(read_sasl(&written), Ok(frame));
    }
}

/// Takes `data` for an encoded message, and reads everything in it.
pub fn message_sections(data: &[u8]) {
    let payload = Bytes::copy_from_slice(data);
    let Ok(sections) = split_sections(&payload) else {
        return;
    };
    let single = [
        &sections.header,
        &sections.delivery_annotations,
        &sections.message_annotations,
        &sections.properties,
        &sections.application_properties,
        &sections.footer,
    ];
    let all = || single.into_iter().flatten().chain(&sections.body);
    let length: usize = all().map(Bytes::len).sum();
    assert_eq!(
        length,
        payload.len(),
        "the sections do not fill the message"
    );
    for section in all() {
        let value = section_value(section);
        assert!(value.is_ok(), "{value:?}");
        if let Ok(value) = value {
            whole_value(&value);
        }
    }
    // They may well be refused; the walk through them is what counts.
    drop(sections.header.as_deref().map(read_header));
    drop(sections.properties.as_deref().map(read_properties));
}

fn whole_value(element: &Element<'_>) {
    let checked = element.check();
    let value = match read_value(element) {
        Ok(value) => value,
        Err(DecodeError::DuplicateKey | DecodeError::WrongType(_)) => return,
        Err(error) => return assert!(checked.is_err(), "passed the check, but {error}"),
    };
    assert_eq!(checked, Ok(()));
    let mut written = BytesMut::new();
    let mut writer = Writer::new(&mut written);
    write_value(&mut writer, &value);
    if is_written(writer.finish()) {
        match Element::parse_whole(&written).and_then(|again| read_value(&again)) {
            Ok(again) => assert_eq!(again, value),
            Err(error) => assert!(is_too_dense(&error), "{error}"),
        }
    }
}

/// Arrays of elements with several descriptors each are read, but never written.
fn is_written(result: Result<(), EncodeError>) -> bool {
    match result {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error, EncodeError::ArrayConstructor(0), "{error}");
            false
        }
    }
}

/// A value within the bounds for its size may be beyond them when written shorter.
fn is_too_dense(error: &DecodeError) -> bool {
    match error {
        DecodeError::Field { cause, .. } => is_too_dense(cause),
        other => *other == DecodeError::TooManyElements,
    }
}
