//! Instants as AMQP has them, milliseconds since the Unix epoch, to and from `DateTime<Utc>`.

use chrono::{DateTime, Utc};

/// 0001-01-01T00:00:00Z, which .NET peers send for "not set".
const NOT_SET: i64 = -62_135_596_800_000;

/// The instant for a timestamp read from the wire; `None` for the sentinel that means "not set".
///
/// Beyond the calendar (.NET's largest date arrives as the year 10000, others may be anything) the
/// nearest end is taken, because a far limit is still a limit.
pub(crate) fn from_millis(millis: i64) -> Option<DateTime<Utc>> {
    if millis == NOT_SET {
        return None;
    }
    let end = if millis < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    };
    Some(DateTime::from_timestamp_millis(millis).unwrap_or(end))
}

/// The milliseconds to write for an instant.
pub(crate) fn to_millis(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentinel_is_absence() {
        assert_eq!(from_millis(NOT_SET), None);
        assert_eq!(from_millis(0), Some(DateTime::UNIX_EPOCH));
    }

    #[test]
    fn out_of_range_is_clamped() {
        assert_eq!(from_millis(i64::MAX), Some(DateTime::<Utc>::MAX_UTC));
        assert_eq!(from_millis(i64::MIN), Some(DateTime::<Utc>::MIN_UTC));
        let year_10000 = from_millis(253_402_300_800_000).expect("a date");
        assert_eq!(to_millis(year_10000), 253_402_300_800_000);
    }
}
