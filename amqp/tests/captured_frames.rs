//! Frames that official SDKs sent are read without loss: written again they mean the same.
//!
//! One frame a line, in hexadecimal, as sent by the clients to a local server.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what surprises a test ends it"
)]

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor;
use servicebus_amqp::framing::{take_frame, write_frame, Frame, FrameKind};
use servicebus_amqp::performative::{read_performative, write_performative, Performative};
use servicebus_amqp::sasl::{read_sasl, write_sasl};
use servicebus_amqp::sections::{
    read_header, read_properties, split_sections, write_header, write_properties,
};
use servicebus_amqp::walker::{Element, Kind};

#[test]
fn python_frames_keep_their_meaning() {
    let seen = check_all(include_str!("data/python-7.15.0.hex"));
    assert_eq!(seen.frames, 325, "{seen:?}");
    assert!(seen.transfers > 0 && seen.sasl > 0, "{seen:?}");
}

#[test]
fn javascript_frames_keep_their_meaning() {
    let seen = check_all(include_str!("data/javascript-7.9.5.hex"));
    assert_eq!(seen.frames, 91, "{seen:?}");
    assert!(seen.transfers > 0 && seen.sasl > 0, "{seen:?}");
}

#[derive(Debug, Default)]
struct Seen {
    frames: usize,
    transfers: usize,
    sasl: usize,
}

fn check_all(capture: &str) -> Seen {
    let mut seen = Seen::default();
    let mut unfinished = HashMap::new();
    for (index, line) in capture.lines().enumerate() {
        let number = index + 1;
        let mut bytes = unhex(line);
        let frame = take_frame(&mut bytes, u32::MAX)
            .unwrap_or_else(|error| panic!("frame {number}: {error}"))
            .unwrap_or_else(|| panic!("frame {number} is cut off"));
        assert!(
            bytes.is_empty(),
            "frame {number} leaves {} bytes",
            bytes.len()
        );
        seen.frames += 1;
        match frame.kind {
            FrameKind::Sasl => {
                seen.sasl += 1;
                check_sasl(number, &frame);
            }
            FrameKind::Amqp if frame.body.is_empty() => {}
            FrameKind::Amqp => {
                let (performative, payload) = check_performative(number, &frame);
                if let Performative::Transfer(transfer) = performative {
                    seen.transfers += 1;
                    let link = (frame.channel, transfer.handle.0);
                    let whole: &mut BytesMut = unfinished.entry(link).or_default();
                    whole.extend_from_slice(&payload);
                    if !transfer.more {
                        check_message(number, &whole.split().freeze());
                    }
                } else {
                    assert!(payload.is_empty(), "frame {number} has a payload");
                }
            }
        }
    }
    assert!(
        unfinished.values().all(BytesMut::is_empty),
        "a delivery never ends"
    );
    seen
}

fn check_sasl(number: usize, frame: &Frame) {
    let read = read_sasl(&frame.body).unwrap_or_else(|error| panic!("frame {number}: {error}"));
    let mut written = BytesMut::new();
    write_sasl(&read, &mut written).unwrap();
    assert_same_value(number, &frame.body, &written);
}

/// The performative and its payload.
fn check_performative(number: usize, frame: &Frame) -> (Performative, Bytes) {
    let (read, extent) =
        read_performative(&frame.body).unwrap_or_else(|error| panic!("frame {number}: {error}"));
    let mut output = BytesMut::new();
    write_frame(&mut output, FrameKind::Amqp, frame.channel, |out| {
        write_performative(&read, out)
    })
    .unwrap();
    let written = take_frame(&mut output, u32::MAX).unwrap().unwrap();
    assert_eq!(written.channel, frame.channel, "frame {number}");
    assert_same_value(number, &frame.body[..extent], &written.body);
    (read, frame.body.slice(extent..))
}

fn check_message(number: usize, payload: &Bytes) {
    let sections =
        split_sections(payload).unwrap_or_else(|error| panic!("frame {number}, message: {error}"));
    assert!(
        !sections.body.is_empty(),
        "frame {number}: message without body"
    );
    if let Some(section) = &sections.header {
        let header = read_header(section).unwrap_or_else(|error| panic!("frame {number}: {error}"));
        let mut written = BytesMut::new();
        write_header(&header, &mut written).unwrap();
        assert_same_value(number, section, &written);
    }
    if let Some(section) = &sections.properties {
        let properties =
            read_properties(section).unwrap_or_else(|error| panic!("frame {number}: {error}"));
        let mut written = BytesMut::new();
        write_properties(&properties, &mut written).unwrap();
        assert_same_value(number, section, &written);
    }
}

fn unhex(line: &str) -> BytesMut {
    line.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn assert_same_value(number: usize, sent: &[u8], written: &[u8]) {
    let sent = Tree::of(&Element::parse_whole(sent).unwrap());
    let written = Tree::of(&Element::parse_whole(written).unwrap());
    assert_eq!(sent, written, "frame {number}");
}

/// A value without what makes no difference: encoding widths, omitted against default fields,
/// string against symbol as key of a map.
#[derive(Debug, PartialEq)]
enum Tree {
    Scalar(String),
    List(Vec<Tree>),
    Map(Vec<Tree>),
    Array(Vec<Tree>),
    Composite(u64, Vec<Tree>),
    Described(Box<Tree>, Box<Tree>),
}

impl Tree {
    fn of(element: &Element<'_>) -> Self {
        let inner = |elements: servicebus_amqp::walker::Elements<'_>| {
            elements
                .map(|element| Tree::of(&element.unwrap()))
                .collect()
        };
        match element.kind().unwrap() {
            Kind::List(elements) => Tree::List(inner(elements)),
            Kind::Array(elements) => Tree::Array(inner(elements)),
            Kind::Map(elements) => Tree::Map(
                inner(elements)
                    .into_iter()
                    .enumerate()
                    .map(|(index, tree)| {
                        if index % 2 == 0 {
                            tree.into_key()
                        } else {
                            tree
                        }
                    })
                    .collect(),
            ),
            Kind::Described(by, value) => match (descriptor::code_of(&by), Tree::of(&value)) {
                (Some(code), Tree::List(fields)) => {
                    Tree::Composite(code, without_defaults(code, fields))
                }
                (_, value) => Tree::Described(Box::new(Tree::of(&by)), Box::new(value)),
            },
            scalar => Tree::Scalar(format!("{scalar:?}")),
        }
    }

    fn into_key(self) -> Self {
        match self {
            Tree::Scalar(text) => Tree::Scalar(text.replacen("String(", "Symbol(", 1)),
            other => other,
        }
    }
}

fn without_defaults(code: u64, mut fields: Vec<Tree>) -> Vec<Tree> {
    let null = || Tree::Scalar("Null".to_owned());
    for (place, default) in defaults(code) {
        if let Some(field) = fields.get_mut(*place) {
            if *field == Tree::Scalar((*default).to_owned()) {
                *field = null();
            }
        }
    }
    while fields.last() == Some(&null()) {
        fields.pop();
    }
    fields
}

/// Places of fields that have a default value, and that value.
fn defaults(code: u64) -> &'static [(usize, &'static str)] {
    const NO: &str = "Bool(false)";
    match code {
        descriptor::OPEN => &[(2, "Uint(4294967295)"), (3, "Ushort(65535)")],
        descriptor::BEGIN => &[(4, "Uint(4294967295)")],
        descriptor::ATTACH => &[(3, "Ubyte(2)"), (4, "Ubyte(0)"), (8, NO)],
        descriptor::FLOW => &[(8, NO), (9, NO)],
        descriptor::TRANSFER => &[(5, NO), (8, NO), (9, NO), (10, NO)],
        descriptor::DISPOSITION => &[(3, NO), (5, NO)],
        descriptor::DETACH => &[(1, NO)],
        descriptor::HEADER => &[(0, NO), (1, "Ubyte(4)"), (3, NO), (4, "Uint(0)")],
        descriptor::SOURCE | descriptor::TARGET => &[
            (1, "Uint(0)"),
            (2, "Symbol(\"session-end\")"),
            (3, "Uint(0)"),
            (4, NO),
        ],
        _ => &[],
    }
}
