//! What goes wrong, a row each.

mod answers;
mod handshake;
mod losses;
mod streams;
mod tls;

use crate::fault_row::FaultRow;

pub(crate) fn all() -> Vec<FaultRow> {
    let mut rows = Vec::new();
    rows.extend(tls::rows());
    rows.extend(handshake::rows());
    rows.extend(answers::rows());
    rows.extend(losses::rows());
    rows.extend(streams::rows());
    rows
}

/// Longer than any call waits.
const NEVER: std::time::Duration = std::time::Duration::from_secs(3_600);
/// Passes by itself.
const FORCED: &str = "amqp:link:detach-forced";
