//! Messages to send, and what arrives.

use bytes::{Bytes, BytesMut};
use serde_amqp::Value;
use servicebus_amqp::descriptor::{DATA, MESSAGE_ANNOTATIONS};
use servicebus_amqp::sections::{section_value, split_sections, Sections};
use servicebus_amqp::value::read_value;
use servicebus_amqp::walker::{Element, Kind};
use servicebus_amqp::writer::Writer;
use servicebus_amqp::Delivery;

/// The message-format of a batch.
pub(crate) const BATCH: u32 = 0x8001_3700;

/// Writes a section whose value `fill` writes.
pub(crate) fn section(descriptor: u64, fill: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut out = BytesMut::new();
    Writer::new(&mut out).put_described(descriptor, fill);
    out.to_vec()
}

/// Writes a section that is a list of the fields that `fill` writes.
pub(crate) fn composite(descriptor: u64, fill: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut out = BytesMut::new();
    Writer::new(&mut out).put_composite(descriptor, fill);
    out.to_vec()
}

/// A message with one data section and nothing else.
pub(crate) fn text(text: &str) -> Vec<u8> {
    section(DATA, |writer| writer.put_binary(text.as_bytes()))
}

pub(crate) fn annotations(fill: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    section(MESSAGE_ANNOTATIONS, |writer| writer.put_map(fill))
}

/// A message that is enqueued at an instant, in milliseconds.
pub(crate) fn scheduled(body: &str, at: i64) -> Vec<u8> {
    let mut message = annotations(|writer| {
        writer.put_symbol("x-opt-scheduled-enqueue-time");
        writer.put_timestamp(at);
    });
    message.extend(text(body));
    message
}

pub(crate) fn batch(messages: &[Vec<u8>]) -> Vec<u8> {
    messages
        .iter()
        .flat_map(|message| section(DATA, |writer| writer.put_binary(message)))
        .collect()
}

/// A message as it arrived.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) sections: Sections,
}

impl Arrived {
    pub(crate) fn new(delivery: &Delivery) -> Self {
        Self::parse(&delivery.payload)
    }

    pub(crate) fn parse(payload: &Bytes) -> Self {
        let sections = split_sections(payload).unwrap();
        Self { sections }
    }

    /// The body as text, if it is one data section.
    pub(crate) fn text(&self) -> String {
        let [body] = self.sections.body.as_slice() else {
            panic!("no single body section: {self:?}");
        };
        let bytes = section_value(body).unwrap().as_binary().expect("data");
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// The header's fields; a trailing null is left out on the wire.
    pub(crate) fn header(&self) -> Vec<Value> {
        list(self.sections.header.as_ref().expect("a header"))
    }

    pub(crate) fn delivery_count(&self) -> u32 {
        match self.header().get(4) {
            Some(Value::Uint(count)) => *count,
            other => panic!("delivery count {other:?}"),
        }
    }

    pub(crate) fn properties(&self) -> Vec<Value> {
        list(self.sections.properties.as_ref().expect("properties"))
    }

    pub(crate) fn message_annotations(&self) -> Vec<(String, Value)> {
        map(self.sections.message_annotations.as_ref())
    }

    pub(crate) fn delivery_annotations(&self) -> Vec<(String, Value)> {
        map(self.sections.delivery_annotations.as_ref())
    }

    pub(crate) fn application_properties(&self) -> Vec<(String, Value)> {
        map(self.sections.application_properties.as_ref())
    }

    pub(crate) fn sequence_number(&self) -> i64 {
        match entry(&self.message_annotations(), "x-opt-sequence-number") {
            Value::Long(number) => number,
            other => panic!("sequence number {other:?}"),
        }
    }
}

pub(crate) fn entry(entries: &[(String, Value)], name: &str) -> Value {
    let found = entries.iter().find(|(key, _)| key == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {entries:?}"))
        .1
        .clone()
}

fn list(section: &Bytes) -> Vec<Value> {
    let Kind::List(fields) = section_value(section).unwrap().kind().unwrap() else {
        panic!("no list: {section:?}");
    };
    fields
        .map(|field| read_value(&field.unwrap()).unwrap())
        .collect()
}

fn map(section: Option<&Bytes>) -> Vec<(String, Value)> {
    let section = section.expect("the section is there");
    let Kind::Map(entries) = section_value(section).unwrap().kind().unwrap() else {
        panic!("no map: {section:?}");
    };
    let entries: Vec<Element<'_>> = entries.map(Result::unwrap).collect();
    entries
        .chunks(2)
        .map(|pair| {
            let key = pair[0].as_text().expect("a text").to_owned();
            (key, read_value(&pair[1]).unwrap())
        })
        .collect()
}
