//! A message as the emulator keeps it: its encoded sections, unchanged but for what a broker owns.

mod annotations;
mod batch;
mod changes;
mod header;
mod identity;
mod properties;
mod revision;
mod time_to_live;

use bytes::{Bytes, BytesMut};
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::{section_value, split_sections};
use servicebus_amqp::walker::Kind;

pub(crate) use self::annotations::{PARTITION_KEY, SCHEDULED_ENQUEUE_TIME, VIA_PARTITION_KEY};
pub(crate) use self::batch::{unpack_batch, BATCH_FORMAT};
pub(crate) use self::changes::PropertyChanges;
pub(crate) use self::header::Header;
pub(crate) use self::properties::PropertyField;

/// One message, owning its bytes and no others.
///
/// A section that the sender left out is empty. Sections are whole, their descriptors included.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) header: Header,
    /// The sender's own; a broker's are added to each delivery.
    pub(crate) delivery_annotations: Bytes,
    /// The sender's own; a broker's are added to each delivery.
    pub(crate) message_annotations: Bytes,
    /// Always with a message-id.
    pub(crate) properties: Bytes,
    pub(crate) application_properties: Bytes,
    /// Every body section, one after the other.
    pub(crate) body: Bytes,
    pub(crate) footer: Bytes,
    size: u64,
}

impl Message {
    /// Reads an encoded message, copying it out of the buffer it came in.
    pub(crate) fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let sections = split_sections(&Bytes::copy_from_slice(payload))?;
        let header = match &sections.header {
            Some(section) => Header::read(section)?,
            None => Header::default(),
        };
        let maps = [
            &sections.delivery_annotations,
            &sections.message_annotations,
            &sections.application_properties,
        ];
        for section in maps.into_iter().flatten() {
            check_map(section)?;
        }
        Ok(Self {
            header,
            delivery_annotations: sections.delivery_annotations.unwrap_or_default(),
            message_annotations: sections.message_annotations.unwrap_or_default(),
            properties: properties::with_message_id(sections.properties)?,
            application_properties: sections.application_properties.unwrap_or_default(),
            body: join(sections.body),
            footer: sections.footer.unwrap_or_default(),
            size: u64::try_from(payload.len()).unwrap_or(u64::MAX),
        })
    }

    /// The length of the encoding in which the message was sent, and of what was added since, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The bytes of everything before the body.
    pub(crate) fn header_size(&self) -> usize {
        let sections = [
            &self.delivery_annotations,
            &self.message_annotations,
            &self.properties,
            &self.application_properties,
        ];
        sections.into_iter().map(Bytes::len).sum()
    }

    /// The bytes of the largest value of an application property; 0 if there is none.
    pub(crate) fn largest_property(&self) -> usize {
        let value = section_value(&self.application_properties).and_then(|value| value.kind());
        let Ok(Kind::Map(entries)) = value else {
            return 0;
        };
        let values = entries.skip(1).step_by(2).map_while(Result::ok);
        values.map(|value| value.encoded_len()).max().unwrap_or(0)
    }

    /// The session that the sender put the message in; the empty id is one as well.
    pub(crate) fn session_id(&self) -> Option<&str> {
        properties::group_id(&self.properties)
    }
}

/// Checks that a section holds a map whose keys and values can all be read.
fn check_map(section: &[u8]) -> Result<(), DecodeError> {
    let value = section_value(section)?;
    match value.kind()? {
        Kind::Map(_) => value.check(),
        _ => Err(DecodeError::WrongType("map")),
    }
}

fn join(mut sections: Vec<Bytes>) -> Bytes {
    if sections.len() > 1 {
        let mut joined = BytesMut::with_capacity(sections.iter().map(Bytes::len).sum());
        for section in &sections {
            joined.extend_from_slice(section);
        }
        return joined.freeze();
    }
    sections.pop().unwrap_or_default()
}
