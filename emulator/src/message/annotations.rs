//! What a sender, or the action of a rule, asks of the broker by annotations.

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor::MESSAGE_ANNOTATIONS;
use servicebus_amqp::sections::section_value;
use servicebus_amqp::walker::{Element, Elements, Kind};
use servicebus_amqp::writer::Writer;

use super::Message;

/// A timestamp.
pub(crate) const SCHEDULED_ENQUEUE_TIME: &str = "x-opt-scheduled-enqueue-time";
/// A string.
pub(crate) const PARTITION_KEY: &str = "x-opt-partition-key";
/// A string.
pub(crate) const VIA_PARTITION_KEY: &str = "x-opt-via-partition-key";

impl Message {
    /// When the message is to be enqueued, in milliseconds since the Unix epoch.
    ///
    /// .NET writes an instant of the year 1 for "not set", which is as good as now.
    pub(crate) fn scheduled_enqueue_time(&self) -> Option<i64> {
        self.annotation(SCHEDULED_ENQUEUE_TIME)?.as_timestamp()
    }

    pub(crate) fn annotation(&self, name: &str) -> Option<Element<'_>> {
        let mut entries = entries(&self.message_annotations)?;
        loop {
            let key = entries.next()?.ok()?;
            let value = entries.next()?.ok()?;
            if key.as_text() == Some(name) {
                return Some(value);
            }
        }
    }
}

/// The section with an annotation set to the one value that `value` writes, or without it.
pub(super) fn with_annotation(
    section: &[u8],
    name: &str,
    value: Option<&dyn Fn(&mut Writer<'_>)>,
) -> Bytes {
    let mut out = BytesMut::with_capacity(section.len() + 64);
    Writer::new(&mut out).put_described(MESSAGE_ANNOTATIONS, |writer| {
        writer.put_map(|writer| {
            let mut others = entries(section);
            let mut next = || others.as_mut()?.next()?.ok();
            while let (Some(key), Some(value)) = (next(), next()) {
                if key.as_text() != Some(name) {
                    writer.put_element(&key);
                    writer.put_element(&value);
                }
            }
            if let Some(value) = value {
                writer.put_symbol(name);
                value(writer);
            }
        });
    });
    out.freeze()
}

/// Keys and values; none of a section that was not sent.
fn entries(section: &[u8]) -> Option<Elements<'_>> {
    if section.is_empty() {
        return None;
    }
    match section_value(section).ok()?.kind().ok()? {
        Kind::Map(entries) => Some(entries),
        _ => None,
    }
}
