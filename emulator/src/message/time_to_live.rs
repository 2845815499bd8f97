//! How long a message lives.

use std::time::Duration;

use bytes::Bytes;

use super::properties::{field, with_field, PropertyField};
use super::Message;

impl Message {
    /// The life that the sender asks for; `None` for as long as the entity lets it live.
    ///
    /// An absolute expiry time in the properties says nothing about it.
    pub(crate) fn time_to_live(&self) -> Option<Duration> {
        let millis = self.header.ttl?;
        Some(Duration::from_millis(millis.into()))
    }

    /// Whether the sender has stated an absolute expiry time.
    pub(crate) fn says_when_it_expires(&self) -> bool {
        let stated = field(&self.properties, PropertyField::AbsoluteExpiryTime);
        stated.is_some_and(|stated| !stated.is_null())
    }

    /// The properties section with an instant of expiry, in milliseconds since the Unix epoch.
    pub(crate) fn properties_expiring(&self, at: i64) -> Bytes {
        with_field(
            &self.properties,
            PropertyField::AbsoluteExpiryTime,
            |writer| writer.put_timestamp(at),
        )
    }
}
