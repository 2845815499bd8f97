//! Instants as the service writes them.

use chrono::{DateTime, Utc};

use crate::broker::Timestamp;

/// `2024-09-04T18:18:35Z`, as in Atom's elements.
pub(super) fn seconds(at: Timestamp) -> String {
    format!("{}Z", seconds_without_zone(at))
}

/// `2024-09-04T18:18:35`, as in error texts.
pub(super) fn seconds_without_zone(at: Timestamp) -> String {
    date(at).format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn date(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.millis()).unwrap_or_default()
}
