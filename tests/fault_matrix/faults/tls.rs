//! What goes wrong with certificates, and in the handshake over TLS.

use servicebus::ErrorKind::{Authentication, Communication, OperationTimeout};
use servicebus_emulator::Fault;

use crate::call::DIALS;
use crate::fault_row::FaultRow;
use crate::fault_row::Outcome::{Fails, Heals};

pub(super) fn rows() -> Vec<FaultRow> {
    let refused = Fails(&[Communication]);
    let rows = vec![
        FaultRow::new("expired-certificate", DIALS, refused, || {
            vec![Fault::expired_certificate()]
        }),
        FaultRow::new("not-yet-valid-certificate", DIALS, refused, || {
            vec![Fault::not_yet_valid_certificate()]
        }),
        FaultRow::new("wrong-host-certificate", DIALS, refused, || {
            vec![Fault::wrong_host_certificate()]
        }),
        FaultRow::new("untrusted-certificate", DIALS, refused, || {
            vec![Fault::untrusted_certificate()]
        }),
        FaultRow::new(
            "demand-client-certificate",
            DIALS,
            Fails(&[Authentication]),
            || vec![Fault::demand_client_certificate()],
        ),
        FaultRow::new("cut-handshake", DIALS, refused, || {
            vec![Fault::cut_handshake()]
        }),
        FaultRow::new("cut-handshake once", DIALS, Heals(&[Communication]), || {
            vec![Fault::cut_handshake().times(1)]
        }),
        FaultRow::new("stall-handshake", DIALS, Fails(&[OperationTimeout]), || {
            vec![Fault::stall_handshake()]
        }),
    ];
    rows.into_iter().map(FaultRow::of_tls).collect()
}
