//! The sections an encoded message consists of (AMQP 1.0, 3.2), without decoding what is in them.

use bytes::{Bytes, BytesMut};

use crate::descriptor;
use crate::error::{DecodeError, EncodeError};
use crate::read::composite::{described_as, split_described, unknown_descriptor};
use crate::read::message;
use crate::types::messaging::{Header, Properties};
use crate::walker::{Element, Kind};
use crate::write;
use crate::writer::Writer;

/// The sections of one message. Each is a slice of the payload, descriptor included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections {
    /// Delivery details set by the sender and each hop.
    pub header: Option<Bytes>,
    /// Annotations for the next hop.
    pub delivery_annotations: Option<Bytes>,
    /// Annotations for the infrastructure on the whole way.
    pub message_annotations: Option<Bytes>,
    /// The standard properties of the bare message.
    pub properties: Option<Bytes>,
    /// The application's own properties.
    pub application_properties: Option<Bytes>,
    /// Each data, amqp-sequence or amqp-value section, in order. That they are of one kind is left
    /// to whoever reads them.
    pub body: Vec<Bytes>,
    /// What is computed over the message, such as checksums.
    pub footer: Option<Bytes>,
}

/// Splits the payload of a delivery into its sections, whatever their order.
///
/// # Errors
///
/// A value that is not a message section, a second section of a kind that is allowed once, bytes
/// that end inside a section.
pub fn split_sections(payload: &Bytes) -> Result<Sections, DecodeError> {
    const EXPECTED: &str = "message section";
    let mut sections = Sections::default();
    let mut rest: &[u8] = payload;
    while !rest.is_empty() {
        let (element, after) = Element::parse(rest)?;
        let (code, descriptor, _) = split_described(&element, EXPECTED)?;
        let (place, name) = match code {
            Some(descriptor::HEADER) => (&mut sections.header, "header"),
            Some(descriptor::DELIVERY_ANNOTATIONS) => {
                (&mut sections.delivery_annotations, "delivery-annotations")
            }
            Some(descriptor::MESSAGE_ANNOTATIONS) => {
                (&mut sections.message_annotations, "message-annotations")
            }
            Some(descriptor::PROPERTIES) => (&mut sections.properties, "properties"),
            Some(descriptor::APPLICATION_PROPERTIES) => (
                &mut sections.application_properties,
                "application-properties",
            ),
            Some(descriptor::DATA | descriptor::AMQP_SEQUENCE | descriptor::AMQP_VALUE) => {
                sections.body.push(extent(payload, rest, after));
                rest = after;
                continue;
            }
            Some(descriptor::FOOTER) => (&mut sections.footer, "footer"),
            _ => return Err(unknown_descriptor(&descriptor, EXPECTED)),
        };
        if place.replace(extent(payload, rest, after)).is_some() {
            return Err(DecodeError::DuplicateSection(name));
        }
        rest = after;
    }
    Ok(sections)
}

/// The part of `payload` that lies between two of its tails.
fn extent(payload: &Bytes, from: &[u8], to: &[u8]) -> Bytes {
    payload.slice(payload.len() - from.len()..payload.len() - to.len())
}

/// The value behind the descriptor of a section.
pub fn section_value(section: &[u8]) -> Result<Element<'_>, DecodeError> {
    match Element::parse_whole(section)?.kind()? {
        Kind::Described(_, value) => Ok(value),
        _ => Err(DecodeError::WrongType("message section")),
    }
}

/// Reads a header section; omitted fields get their defaults.
pub fn read_header(section: &[u8]) -> Result<Header, DecodeError> {
    let section = Element::parse_whole(section)?;
    message::read_header(described_as(&section, descriptor::HEADER, "header")?)
}

/// Reads a properties section.
pub fn read_properties(section: &[u8]) -> Result<Properties, DecodeError> {
    let section = Element::parse_whole(section)?;
    message::read_properties(described_as(
        &section,
        descriptor::PROPERTIES,
        "properties",
    )?)
}

/// Appends a header section.
///
/// # Errors
///
/// A value in it that AMQP cannot express; what was appended is then of no use.
pub fn write_header(header: &Header, out: &mut BytesMut) -> Result<(), EncodeError> {
    let mut writer = Writer::new(out);
    write::message::put_header(&mut writer, header);
    writer.finish()
}

/// Appends a properties section.
///
/// # Errors
///
/// A value in it that AMQP cannot express; what was appended is then of no use.
pub fn write_properties(properties: &Properties, out: &mut BytesMut) -> Result<(), EncodeError> {
    let mut writer = Writer::new(out);
    write::message::put_properties(&mut writer, properties);
    writer.finish()
}
