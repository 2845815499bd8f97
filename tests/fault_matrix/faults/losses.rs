//! Links, sessions, connections and tokens that are lost.

use servicebus::ErrorKind::{Authorization, Connection};
use servicebus_emulator::Fault;

use super::FORCED;
use crate::call::Uses;
use crate::fault_row::FaultRow;
use crate::fault_row::Outcome::Heals;

/// Everyone who has something to lose.
const ALL: Uses = Uses::MAX;

pub(super) fn rows() -> Vec<FaultRow> {
    let lost = Heals(&[Connection]);
    let rows = vec![
        FaultRow::new("detach-link", ALL, lost, || {
            vec![Fault::detach_link(FORCED)]
        }),
        FaultRow::new("detach-link at a delivery", ALL, lost, || {
            vec![Fault::detach_link(FORCED).after_deliveries(1).times(1)]
        }),
        FaultRow::new("end-session", ALL, lost, || {
            vec![Fault::end_session(FORCED)]
        }),
        FaultRow::new("end-session at a delivery", ALL, lost, || {
            vec![Fault::end_session(FORCED).after_deliveries(1).times(1)]
        }),
        FaultRow::new("close-connection", ALL, lost, || {
            vec![Fault::close_connection("amqp:connection:forced")]
        }),
        FaultRow::new("close-connection at a delivery", ALL, lost, || {
            let fault = Fault::close_connection("amqp:connection:forced");
            vec![fault.after_deliveries(1).times(1)]
        }),
        FaultRow::new("expire-tokens", ALL, Heals(&[Authorization]), || {
            vec![Fault::expire_tokens()]
        }),
        FaultRow::new("cut-stream", ALL, lost, || vec![Fault::cut_stream()]),
    ];
    rows.into_iter().map(FaultRow::severing).collect()
}
