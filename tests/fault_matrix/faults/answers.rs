//! Answers that are refusals, come late or never.

use std::time::Duration;

use servicebus::ErrorKind::{MessageLockLost, OperationTimeout, Other, QuotaExceeded, ServerBusy};
use servicebus_emulator::Fault;

use super::NEVER;
use crate::call::{ASKS, COORDINATES, SENDS, SETTLES};
use crate::fault_row::FaultRow;
use crate::fault_row::Outcome::{Fails, Heals};

const BUSY: &str = "com.microsoft:server-busy";
const INTERNAL: &str = "amqp:internal-error";
const FULL: &str = "amqp:resource-limit-exceeded";
const LOCK_LOST: &str = "com.microsoft:message-lock-lost";
const BOTH: u16 = SENDS | COORDINATES;
const LITTLE: Duration = Duration::from_millis(10);

pub(super) fn rows() -> Vec<FaultRow> {
    vec![
        FaultRow::new("reject-message", BOTH, Fails(&[QuotaExceeded]), || {
            vec![Fault::reject_message(FULL)]
        }),
        FaultRow::new("reject-message busy", BOTH, Fails(&[ServerBusy]), || {
            vec![Fault::reject_message(BUSY)]
        }),
        FaultRow::new("reject-message once", BOTH, Heals(&[ServerBusy]), || {
            vec![Fault::reject_message(BUSY).times(1)]
        }),
        FaultRow::new("delay-outcome", BOTH, Fails(&[OperationTimeout]), || {
            vec![Fault::delay_outcome(NEVER)]
        }),
        FaultRow::new("delay-outcome a little", BOTH, Heals(&[]), || {
            vec![Fault::delay_outcome(LITTLE)]
        }),
        FaultRow::new("drop-outcome", BOTH, Fails(&[OperationTimeout]), || {
            vec![Fault::drop_outcome()]
        }),
        FaultRow::new(
            "refuse-settlement",
            SETTLES,
            Fails(&[MessageLockLost]),
            || vec![Fault::refuse_settlement(LOCK_LOST)],
        ),
        FaultRow::new(
            "refuse-settlement internal",
            // Tried again, it goes around the link.
            SETTLES,
            Heals(&[Other]),
            || vec![Fault::refuse_settlement(INTERNAL)],
        ),
        FaultRow::new("refuse-settlement once", SETTLES, Heals(&[Other]), || {
            vec![Fault::refuse_settlement(INTERNAL).times(1)]
        }),
        FaultRow::new(
            "delay-settlement",
            SETTLES,
            Fails(&[OperationTimeout]),
            || vec![Fault::delay_settlement(NEVER)],
        ),
        FaultRow::new("delay-settlement a little", SETTLES, Heals(&[]), || {
            vec![Fault::delay_settlement(LITTLE)]
        }),
        FaultRow::new(
            "drop-settlement",
            SETTLES,
            Fails(&[OperationTimeout]),
            || vec![Fault::drop_settlement()],
        ),
        FaultRow::new("refuse-request", ASKS, Fails(&[QuotaExceeded]), || {
            vec![Fault::refuse_request(FULL)]
        }),
        FaultRow::new("refuse-request busy", ASKS, Fails(&[ServerBusy]), || {
            vec![Fault::refuse_request(BUSY)]
        }),
        FaultRow::new("refuse-request once", ASKS, Heals(&[ServerBusy]), || {
            vec![Fault::refuse_request(BUSY).times(1)]
        }),
        FaultRow::new("refuse-request-with-status", ASKS, Fails(&[Other]), || {
            vec![Fault::refuse_request_with_status(500)]
        }),
        FaultRow::new(
            "refuse-request-with-status once",
            ASKS,
            Heals(&[Other]),
            || vec![Fault::refuse_request_with_status(500).times(1)],
        ),
        FaultRow::new("delay-request", ASKS, Fails(&[OperationTimeout]), || {
            vec![Fault::delay_request(NEVER)]
        }),
        FaultRow::new("delay-request a little", ASKS, Heals(&[]), || {
            vec![Fault::delay_request(LITTLE)]
        }),
        FaultRow::new("drop-request", ASKS, Fails(&[OperationTimeout]), || {
            vec![Fault::drop_request()]
        }),
    ]
}
