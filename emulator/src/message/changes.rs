//! Changes to the application properties of a stored message.

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor::APPLICATION_PROPERTIES;
use servicebus_amqp::sections::section_value;
use servicebus_amqp::walker::{Element, Elements, Kind};
use servicebus_amqp::writer::Writer;

/// Application properties to set, each with its encoded value, and to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PropertyChanges {
    entries: Vec<(String, Option<Bytes>)>,
}

impl PropertyChanges {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Sets a property to a value as it was received.
    pub(crate) fn set(&mut self, name: &str, value: &Element<'_>) {
        self.set_with(name, |writer| writer.put_element(value));
    }

    /// Sets a property to a string.
    pub(crate) fn set_text(&mut self, name: &str, text: &str) {
        self.set_with(name, |writer| writer.put_string(text));
    }

    /// Sets a property to the one value that `write` writes.
    pub(crate) fn set_with(&mut self, name: &str, write: impl FnOnce(&mut Writer<'_>)) {
        let mut value = BytesMut::new();
        write(&mut Writer::new(&mut value));
        self.change(name, Some(value.freeze()));
    }

    /// Removes a property, if it is there.
    pub(crate) fn remove(&mut self, name: &str) {
        self.change(name, None);
    }

    fn change(&mut self, name: &str, value: Option<Bytes>) {
        match self.entries.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.entries.push((name.to_owned(), value)),
        }
    }

    /// The section with the changes made. A section that is no map, which [`super::Message::decode`]
    /// lets nobody send, counts as empty.
    pub(super) fn apply(&self, section: &[u8]) -> Bytes {
        let mut changed = BytesMut::with_capacity(section.len() + 64);
        Writer::new(&mut changed).put_described(APPLICATION_PROPERTIES, |writer| {
            writer.put_map(|writer| {
                if let Some(entries) = entries(section) {
                    self.copy_unchanged(entries, writer);
                }
                for (name, value) in &self.entries {
                    if let Some(Ok(value)) = value.as_deref().map(Element::parse_whole) {
                        writer.put_string(name);
                        writer.put_element(&value);
                    }
                }
            });
        });
        changed.freeze()
    }

    fn copy_unchanged(&self, mut entries: Elements<'_>, writer: &mut Writer<'_>) {
        while let (Some(Ok(key)), Some(Ok(value))) = (entries.next(), entries.next()) {
            let changed = key
                .as_text()
                .is_some_and(|key| self.entries.iter().any(|(name, _)| name == key));
            if !changed {
                writer.put_element(&key);
                writer.put_element(&value);
            }
        }
    }
}

fn entries(section: &[u8]) -> Option<Elements<'_>> {
    match section_value(section).ok()?.kind().ok()? {
        Kind::Map(entries) => Some(entries),
        _ => None,
    }
}
