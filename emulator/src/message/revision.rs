//! Copies of a message that differ in one thing.

use bytes::Bytes;
use servicebus_amqp::writer::Writer;

use super::annotations::with_annotation;
use super::properties::{with_field, PropertyField};
use super::{Message, PropertyChanges};

impl Message {
    /// The same message with changed application properties.
    pub(crate) fn with_changes(&self, changes: &PropertyChanges) -> Self {
        let section = changes.apply(&self.application_properties);
        self.revised(|message| &mut message.application_properties, section)
    }

    /// The same message with a field of its properties set to the one value that `value` writes.
    ///
    /// The message-id must not be set to null.
    pub(crate) fn with_property(
        &self,
        field: PropertyField,
        value: impl FnOnce(&mut Writer<'_>),
    ) -> Self {
        let section = with_field(&self.properties, field, value);
        self.revised(|message| &mut message.properties, section)
    }

    /// The same message with an annotation set to the one value that `value` writes, or without it.
    pub(crate) fn with_annotation(
        &self,
        key: &str,
        value: Option<&dyn Fn(&mut Writer<'_>)>,
    ) -> Self {
        let section = with_annotation(&self.message_annotations, key, value);
        self.revised(|message| &mut message.message_annotations, section)
    }

    /// The same message with another time to live, in milliseconds, or without one.
    pub(crate) fn with_ttl(&self, ttl: Option<u32>) -> Self {
        let mut revised = self.clone();
        revised.header.ttl = ttl;
        revised
    }

    /// The same message with one section exchanged; its size follows.
    fn revised(&self, of: impl FnOnce(&mut Self) -> &mut Bytes, section: Bytes) -> Self {
        let length = |bytes: &Bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let mut revised = self.clone();
        let added = length(&section);
        let removed = length(&std::mem::replace(of(&mut revised), section));
        revised.size = self.size.saturating_add(added).saturating_sub(removed);
        revised
    }
}
