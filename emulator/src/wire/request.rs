//! A request to a `$management` or `$cbs` node.

use bytes::Bytes;
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::{section_value, split_sections, Sections};
use servicebus_amqp::walker::{Element, Elements, Kind};

/// The places of fields in the properties section (AMQP 1.0, 3.2.4).
const MESSAGE_ID: usize = 0;
const REPLY_TO: usize = 4;

/// An encoded request; its parts are read when they are asked for.
#[derive(Debug)]
pub(super) struct Request {
    sections: Sections,
}

impl Request {
    pub(super) fn read(payload: &Bytes) -> Result<Self, DecodeError> {
        let sections = split_sections(payload)?;
        Ok(Self { sections })
    }

    /// The message-id, in the type that the client chose.
    pub(super) fn message_id(&self) -> Option<Element<'_>> {
        self.message_property(MESSAGE_ID)
    }

    pub(super) fn reply_to(&self) -> Option<&str> {
        self.message_property(REPLY_TO)?.as_text()
    }

    /// An application property.
    pub(super) fn property(&self, name: &str) -> Option<Element<'_>> {
        let section = self.sections.application_properties.as_ref()?;
        member(section_value(section).ok()?, name)
    }

    /// The value that is the body.
    pub(super) fn body(&self) -> Option<Element<'_>> {
        section_value(self.sections.body.first()?).ok()
    }

    /// An entry of the map that is the body; `None` for one that is null as well.
    pub(super) fn argument(&self, name: &str) -> Option<Element<'_>> {
        member(self.body()?, name).filter(|value| !value.is_null())
    }

    fn message_property(&self, place: usize) -> Option<Element<'_>> {
        let section = self.sections.properties.as_ref()?;
        match section_value(section).ok()?.kind().ok()? {
            Kind::List(mut fields) => fields.nth(place)?.ok(),
            _ => None,
        }
    }
}

/// The elements of a list or an array: SDKs use either.
pub(super) fn items<'a>(value: &Element<'a>) -> Option<Elements<'a>> {
    match value.kind().ok()? {
        Kind::List(items) | Kind::Array(items) => Some(items),
        _ => None,
    }
}

/// The keys and values of a map.
pub(super) fn entries(value: Element<'_>) -> Option<Elements<'_>> {
    match value.kind().ok()? {
        Kind::Map(entries) => Some(entries),
        _ => None,
    }
}

/// The value of a key of a map.
pub(super) fn member<'a>(map: Element<'a>, name: &str) -> Option<Element<'a>> {
    let mut entries = entries(map)?;
    loop {
        let key = entries.next()?.ok()?;
        let value = entries.next()?.ok()?;
        if key.as_text() == Some(name) {
            return Some(value);
        }
    }
}
