//! Instants as the service writes them.

use chrono::{DateTime, Utc};

use crate::broker::Timestamp;

/// .NET's ticks, of 100 ns, from the year 1 to the Unix epoch.
const TICKS_TO_EPOCH: i64 = 621_355_968_000_000_000;
const TICKS_PER_MILLISECOND: i64 = 10_000;

/// What stands where something has never happened.
pub(super) const NEVER: &str = "0001-01-01T00:00:00Z";

/// `2024-09-04T18:18:35Z`, as in Atom's elements.
pub(super) fn seconds(at: Timestamp) -> String {
    format!("{}Z", seconds_without_zone(at))
}

/// `2024-09-04T18:18:35`, as in error texts.
pub(super) fn seconds_without_zone(at: Timestamp) -> String {
    date(at).format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// `2024-09-04T18:18:35.52Z`, as in descriptions: the fraction without zeros at its end.
pub(super) fn exact(at: Timestamp) -> String {
    let text = date(at).format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
    format!("{}Z", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The entity tag of what was changed last at this instant.
pub(super) fn etag(at: Timestamp) -> String {
    at.millis()
        .saturating_mul(TICKS_PER_MILLISECOND)
        .saturating_add(TICKS_TO_EPOCH)
        .to_string()
}

fn date(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From an answer of the service.
    #[test]
    fn the_tag_is_the_instant_of_the_update_in_ticks() {
        let at = Timestamp::from_millis(1_725_473_915_520);
        assert_eq!(exact(at), "2024-09-04T18:18:35.52Z");
        assert_eq!(etag(at), "638610707155200000");
        assert_eq!(seconds(at), "2024-09-04T18:18:35Z");
    }

    #[test]
    fn a_whole_second_has_no_fraction() {
        let at = Timestamp::from_millis(1_725_473_910_000);
        assert_eq!(exact(at), "2024-09-04T18:18:30Z");
    }
}
