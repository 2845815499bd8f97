//! A byte stream is cut into frames, or refused as soon as it is clear that it has none.
#![expect(clippy::unwrap_used, reason = "what surprises a test ends it")]

use bytes::{Bytes, BytesMut};
use servicebus_amqp::error::{EncodeError, FramingError};
use servicebus_amqp::framing::{
    take_frame, write_frame, write_transfer, FrameKind, MIN_MAX_FRAME_SIZE,
};
use servicebus_amqp::performative::{read_performative, Performative};
use servicebus_amqp::protocol_header::ProtocolHeader;
use servicebus_amqp::types::performatives::Transfer;

fn take(bytes: &[u8]) -> Result<Option<(FrameKind, u16, Bytes)>, FramingError> {
    let frame = take_frame(&mut BytesMut::from(bytes), MIN_MAX_FRAME_SIZE)?;
    Ok(frame.map(|frame| (frame.kind, frame.channel, frame.body)))
}

#[test]
fn frames_follow_each_other_in_one_buffer() {
    let mut stream = BytesMut::new();
    write_frame(&mut stream, FrameKind::Amqp, 0x0102, |out| {
        out.extend_from_slice(b"first");
        Ok(())
    })
    .unwrap();
    write_frame(&mut stream, FrameKind::Sasl, 0, |_| Ok(())).unwrap();
    assert_eq!(stream[..8], [0, 0, 0, 13, 2, 0, 1, 2]);

    let first = take_frame(&mut stream, 512).unwrap().unwrap();
    assert_eq!(first.kind, FrameKind::Amqp);
    assert_eq!((first.channel, &first.body[..]), (0x0102, &b"first"[..]));
    let second = take_frame(&mut stream, 512).unwrap().unwrap();
    assert_eq!(second.kind, FrameKind::Sasl);
    assert!(second.body.is_empty(), "{second:?}");
    assert_eq!(take_frame(&mut stream, 512), Ok(None));
}

#[test]
fn a_frame_is_awaited_byte_by_byte() {
    let frame = [0, 0, 0, 10, 2, 0, 0, 7, b'o', b'k'];
    for there in 0..frame.len() {
        assert_eq!(take(&frame[..there]), Ok(None), "{there} bytes");
    }
    let body = Bytes::from_static(b"ok");
    assert_eq!(take(&frame), Ok(Some((FrameKind::Amqp, 7, body))));
}

#[test]
fn an_extended_header_is_passed_over() {
    let frame = [0, 0, 0, 13, 3, 0, 0, 0, 1, 2, 3, 4, b'x'];
    let body = Bytes::from_static(b"x");
    assert_eq!(take(&frame), Ok(Some((FrameKind::Amqp, 0, body))));
}

#[test]
fn a_size_that_cannot_be_is_refused_before_the_frame_is_there() {
    assert_eq!(take(&[0, 0, 0, 7]), Err(FramingError::TooShort(7)));
    assert_eq!(take(&[0, 0, 0, 0]), Err(FramingError::TooShort(0)));
    let size = u32::MAX;
    let limit = MIN_MAX_FRAME_SIZE;
    assert_eq!(take(&[255; 4]), Err(FramingError::TooLarge { size, limit }));
    assert_eq!(take(&[0, 0, 2, 0]), Ok(None), "exactly the limit");
}

#[test]
fn a_header_that_makes_no_sense_is_refused() {
    for doff in [0, 1, 3] {
        let refused = take(&[0, 0, 0, 9, doff, 0, 0, 0]);
        assert_eq!(refused, Err(FramingError::DataOffset { doff, size: 9 }));
    }
    let refused = take(&[0, 0, 0, 9, 2, 2, 0, 0]);
    assert_eq!(refused, Err(FramingError::UnknownType(2)));
}

#[test]
fn a_frame_that_cannot_be_written_leaves_nothing_behind() {
    let mut out = BytesMut::from(&b"before"[..]);
    let failed = write_frame(&mut out, FrameKind::Amqp, 0, |out| {
        out.extend_from_slice(b"half");
        Err(EncodeError::TooLong(4))
    });
    assert_eq!(failed, Err(EncodeError::TooLong(4)));
    assert_eq!(out, b"before"[..]);
}

fn transfer() -> Transfer {
    Transfer {
        handle: 3.into(),
        delivery_id: Some(70_000),
        delivery_tag: Some(vec![7; 16].into()),
        message_format: Some(0),
        settled: Some(false),
        more: false,
        rcv_settle_mode: None,
        state: None,
        resume: false,
        aborted: false,
        batchable: true,
    }
}

/// Sends `length` bytes in frames of at most `limit`; what each frame said and carried.
fn send_in_frames(length: usize, limit: u32) -> Vec<(bool, usize)> {
    let payload: Bytes = (0..length).map(|index| index.to_le_bytes()[0]).collect();
    let mut rest = payload.clone();
    let mut received = BytesMut::new();
    let mut frames = Vec::new();
    loop {
        let mut out = BytesMut::new();
        write_transfer(&mut out, 9, &mut transfer(), &mut rest, limit).unwrap();
        let frame = take_frame(&mut out, limit).unwrap().unwrap();
        assert_eq!(frame.channel, 9);
        let (performative, extent) = read_performative(&frame.body).unwrap();
        received.extend_from_slice(&frame.body[extent..]);
        let more = performative != Performative::Transfer(transfer());
        frames.push((more, frame.body.len() - extent));
        if !more {
            break;
        }
    }
    assert_eq!(received, payload);
    frames
}

#[test]
fn a_payload_is_spread_over_as_many_frames_as_it_needs() {
    assert_eq!(send_in_frames(0, 512), [(false, 0)]);
    // Eight octets of frame header, 39 of transfer.
    assert_eq!(send_in_frames(465, 512), [(false, 465)]);
    assert_eq!(send_in_frames(466, 512), [(true, 465), (false, 1)]);
    assert_eq!(
        send_in_frames(1000, 512),
        [(true, 465), (true, 465), (false, 70)]
    );
}

#[test]
fn a_frame_without_room_for_payload_is_refused() {
    let mut out = BytesMut::new();
    let mut payload = Bytes::from_static(b"payload");
    let refused = write_transfer(&mut out, 0, &mut transfer(), &mut payload, 47);
    assert_eq!(refused, Err(EncodeError::FrameTooSmall(47)));
    assert!(out.is_empty() && payload.len() == 7, "{out:?} {payload:?}");
}

#[test]
fn protocol_headers_are_told_apart() {
    for header in [
        ProtocolHeader::Amqp,
        ProtocolHeader::Tls,
        ProtocolHeader::Sasl,
    ] {
        let octets = header.octets();
        for there in 0..octets.len() {
            let mut input = BytesMut::from(&octets[..there]);
            assert_eq!(ProtocolHeader::take(&mut input), Ok(None), "{there} bytes");
            assert_eq!(input.len(), there);
        }
        let mut input = BytesMut::from(&octets[..]);
        input.extend_from_slice(b"rest");
        assert_eq!(ProtocolHeader::take(&mut input), Ok(Some(header)));
        assert_eq!(input, b"rest"[..]);
    }
}

#[test]
fn another_protocol_is_recognised_at_its_first_octets() {
    let take = |bytes: &[u8]| ProtocolHeader::take(&mut BytesMut::from(bytes));
    let http = take(b"HTTP/1.1 400 Bad Request");
    assert_eq!(http, Err(FramingError::NotAmqp(*b"HTTP/1.1")));
    assert_eq!(take(b"GE"), Err(FramingError::NotAmqp(*b"GE\0\0\0\0\0\0")));
    let version = [b'A', b'M', b'Q', b'P', 0, 0, 9, 1];
    assert_eq!(take(&version), Err(FramingError::NotAmqp(version)));
}
