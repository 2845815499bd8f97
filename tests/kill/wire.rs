//! The few messages that the broker of this test reads and writes.

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor::{AMQP_VALUE, APPLICATION_PROPERTIES, DATA};
use servicebus_amqp::sections::{read_properties, section_value, split_sections, write_properties};
use servicebus_amqp::types::messaging::{MessageId, Properties};
use servicebus_amqp::walker::{Element, Kind};
use servicebus_amqp::writer::Writer;

/// The body of a message with one data section.
pub(crate) fn text(payload: &Bytes) -> String {
    let sections = split_sections(payload).expect("a message");
    let body = sections.body.first().expect("a body");
    let element = section_value(body).expect("a section");
    String::from_utf8_lossy(element.as_binary().expect("data")).into_owned()
}

pub(crate) fn message(text: &str) -> Bytes {
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    writer.put_described(DATA, |writer| writer.put_binary(text.as_bytes()));
    writer.finish().expect("it can be encoded");
    out.freeze()
}

/// A request as far as an answer needs it.
pub(crate) struct Request {
    id: Option<MessageId>,
    /// The first lock token in the body; the tests have one.
    pub(crate) token: Option<u8>,
}

impl Request {
    pub(crate) fn read(payload: &Bytes) -> Self {
        let sections = split_sections(payload).expect("a request");
        let properties = sections.properties.expect("properties");
        let id = read_properties(&properties).expect("properties").message_id;
        let body = sections.body.first().expect("a body");
        let value = section_value(body).expect("a section");
        Request {
            id,
            token: lock_token(&value),
        }
    }

    /// An answer; `names` spells the status as the node does.
    pub(crate) fn answer(&self, status_name: &str, status: i32) -> Bytes {
        let properties = Properties {
            correlation_id: self.id.clone(),
            ..Properties::default()
        };
        let mut out = BytesMut::new();
        write_properties(&properties, &mut out).expect("it can be encoded");
        let mut writer = Writer::new(&mut out);
        writer.put_described(APPLICATION_PROPERTIES, |writer| {
            writer.put_map(|writer| {
                writer.put_string(status_name);
                writer.put_int(status);
            });
        });
        writer.put_described(AMQP_VALUE, |writer| writer.put_map(|_| {}));
        writer.finish().expect("it can be encoded");
        out.freeze()
    }
}

/// Tokens of this test are one byte sixteen times, so that the order of bytes does not matter.
fn lock_token(body: &Element<'_>) -> Option<u8> {
    let Ok(Kind::Map(entries)) = body.kind() else {
        return None;
    };
    let entries: Vec<_> = entries.map_while(Result::ok).collect();
    let tokens = entries
        .chunks(2)
        .find(|pair| pair[0].as_text() == Some("lock-tokens"))?;
    let Ok(Kind::Array(mut tokens) | Kind::List(mut tokens)) = tokens[1].kind() else {
        return None;
    };
    match tokens.next()?.ok()?.kind() {
        Ok(Kind::Uuid(bytes)) => Some(bytes[0]),
        _ => None,
    }
}
