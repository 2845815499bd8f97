//! Time-outs as C gives them.

use std::time::Duration;

use crate::error::sb_error;

/// A span of whole milliseconds.
pub(crate) fn duration(timeout_ms: i64) -> Result<Duration, sb_error> {
    match u64::try_from(timeout_ms) {
        Ok(millis) => Ok(Duration::from_millis(millis)),
        Err(_negative) => Err(sb_error::invalid_argument(format!(
            "time-out of {timeout_ms} ms"
        ))),
    }
}

/// The time-out of one call; `None` for -1, which leaves it to the handle.
pub(crate) fn of_call(timeout_ms: i64) -> Result<Option<Duration>, sb_error> {
    match timeout_ms {
        -1 => Ok(None),
        _ => duration(timeout_ms).map(Some),
    }
}
