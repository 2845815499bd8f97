//! Messages to send, with what they ask of the broker.

use bytes::BytesMut;
use servicebus_amqp::descriptor::{DATA, HEADER, MESSAGE_ANNOTATIONS, PROPERTIES};
use servicebus_amqp::writer::Writer;

use super::*;

/// A message with one data section.
#[derive(Clone, Copy)]
pub(super) struct Draft<'a> {
    body: &'a str,
    id: Option<&'a str>,
    session: Option<&'a str>,
    partition: Option<&'a str>,
    at: Option<Timestamp>,
    life: Option<Duration>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(body: &'a str) -> Self {
        Self {
            body,
            id: None,
            session: None,
            partition: None,
            at: None,
            life: None,
        }
    }

    pub(super) fn with_id(self, id: &'a str) -> Self {
        let id = Some(id);
        Self { id, ..self }
    }

    pub(super) fn of_partition(self, key: &'a str) -> Self {
        let partition = Some(key);
        Self { partition, ..self }
    }

    pub(super) fn of_session(self, session: &'a str) -> Self {
        let session = Some(session);
        Self { session, ..self }
    }

    /// To be enqueued then.
    pub(super) fn at(self, at: Timestamp) -> Self {
        let at = Some(at);
        Self { at, ..self }
    }

    /// Of use for so long.
    pub(super) fn living(self, life: Duration) -> Self {
        let life = Some(life);
        Self { life, ..self }
    }

    pub(super) fn message(self) -> Message {
        let mut payload = BytesMut::new();
        let mut writer = Writer::new(&mut payload);
        if let Some(life) = self.life {
            writer.put_composite(HEADER, |writer| {
                writer.put_null();
                writer.put_null();
                writer.put_uint(u32::try_from(life.as_millis()).unwrap());
            });
        }
        writer.put_described(MESSAGE_ANNOTATIONS, |writer| {
            writer.put_map(|writer| {
                if let Some(at) = self.at {
                    writer.put_symbol("x-opt-scheduled-enqueue-time");
                    writer.put_timestamp(at.millis());
                }
                if let Some(key) = self.partition {
                    writer.put_symbol("x-opt-partition-key");
                    writer.put_string(key);
                }
            });
        });
        writer.put_composite(PROPERTIES, |writer| {
            writer.put_optional(self.id, |writer, id| writer.put_string(id));
            for _ in 1..10 {
                writer.put_null();
            }
            writer.put_optional(self.session, |writer, id| writer.put_string(id));
        });
        writer.put_described(DATA, |writer| writer.put_binary(self.body.as_bytes()));
        Message::decode(&payload).unwrap()
    }
}
