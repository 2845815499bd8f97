//! What goes wrong while connecting and attaching.

use std::time::Duration;

use servicebus::ErrorKind::{
    Authentication, Authorization, Communication, Connection, MessagingEntityNotFound,
    OperationTimeout, ServerBusy,
};
use servicebus_emulator::Fault;

use super::{FORCED, NEVER};
use crate::call::{AUTHORIZES, DIALS, SENDS};
use crate::fault_row::FaultRow;
use crate::fault_row::Outcome::{Fails, Heals};
use crate::scene::QUEUE;

pub(super) fn rows() -> Vec<FaultRow> {
    let rows = vec![
        FaultRow::new("refuse-sasl", DIALS, Fails(&[Communication]), || {
            vec![Fault::refuse_sasl()]
        }),
        FaultRow::new("refuse-sasl once", DIALS, Heals(&[Communication]), || {
            vec![Fault::refuse_sasl().times(1)]
        }),
        FaultRow::new("refuse-open", DIALS, Fails(&[Connection]), || {
            vec![Fault::refuse_open("amqp:connection:forced")]
        }),
        FaultRow::new(
            "refuse-open unknown host",
            DIALS,
            Fails(&[Communication]),
            || vec![Fault::refuse_open("amqp:not-found")],
        ),
        FaultRow::new("refuse-open once", DIALS, Heals(&[ServerBusy]), || {
            vec![Fault::refuse_open("com.microsoft:server-busy").times(1)]
        }),
        FaultRow::new(
            "refuse-attach not found",
            DIALS,
            Fails(&[MessagingEntityNotFound]),
            || vec![Fault::refuse_attach("amqp:not-found")],
        ),
        FaultRow::new("refuse-attach busy", DIALS, Fails(&[ServerBusy]), || {
            vec![Fault::refuse_attach("com.microsoft:server-busy")]
        }),
        FaultRow::new(
            "refuse-attach unauthorized",
            DIALS,
            Fails(&[Authorization]),
            || vec![Fault::refuse_attach("amqp:unauthorized-access")],
        ),
        FaultRow::new("refuse-attach once", DIALS, Heals(&[Connection]), || {
            vec![Fault::refuse_attach(FORCED).times(1)]
        }),
        FaultRow::new("delay-attach", DIALS, Fails(&[OperationTimeout]), || {
            vec![Fault::delay_attach(NEVER)]
        }),
        FaultRow::new("delay-attach a little", DIALS, Heals(&[]), || {
            vec![Fault::delay_attach(Duration::from_millis(10))]
        }),
        FaultRow::new("drop-attach", DIALS, Fails(&[OperationTimeout]), || {
            vec![Fault::drop_attach()]
        }),
        // The links to nodes have none either.
        FaultRow::new("withhold-credit", DIALS, Fails(&[OperationTimeout]), || {
            vec![Fault::withhold_credit()]
        }),
        FaultRow::new(
            "withhold-credit of the queue",
            SENDS,
            Fails(&[OperationTimeout]),
            || vec![Fault::withhold_credit().entity(QUEUE)],
        ),
        FaultRow::new("refuse-token", AUTHORIZES, Fails(&[Authentication]), || {
            vec![Fault::refuse_token(401)]
        }),
        FaultRow::new(
            "refuse-token internal",
            AUTHORIZES,
            Fails(&[Authentication]),
            || vec![Fault::refuse_token(500)],
        ),
        FaultRow::new(
            "refuse-token once",
            AUTHORIZES,
            Heals(&[Authentication]),
            || vec![Fault::refuse_token(500).times(1)],
        ),
        FaultRow::new(
            "delay-token",
            AUTHORIZES,
            Fails(&[OperationTimeout]),
            || vec![Fault::delay_token(NEVER)],
        ),
        FaultRow::new("drop-token", AUTHORIZES, Fails(&[OperationTimeout]), || {
            vec![Fault::drop_token()]
        }),
    ];
    rows.into_iter().map(FaultRow::reconnecting).collect()
}
