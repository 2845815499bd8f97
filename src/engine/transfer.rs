//! One transfer on a link, and the wait for the service's verdict on it.

use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::{LinkId, SendError};

use super::closing::Closing;
use super::connection::Connection;
use super::failure::error_of_end;
use super::limit::before;
use super::outbound::{Ticket, Verdict};
use super::sender::too_large;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::batch::Payload;
use crate::model::deadline::Deadline;

/// Transfers a payload and waits for the verdict, which may be that the service settled without one.
///
/// # Errors
/// Where no verdict came, marked as an unknown outcome once the payload had left.
pub(super) async fn transfer(
    connection: &Connection,
    link: LinkId,
    payload: Payload,
    closing: &Closing,
    deadline: Deadline,
) -> Result<Option<DeliveryState>> {
    let queued = connection.with(|state| {
        let (outbound, endpoint) = state.outbound(link)?;
        Some(outbound.send(link, payload, endpoint))
    });
    let Some((ticket, mut verdict)) = queued else {
        return Err(Error::new(ErrorKind::Connection, "the link is gone"));
    };
    let decided = async { Ok((&mut verdict).await) };
    let answer = before(deadline, "the service did not answer in time", decided);
    match closing.unless_closed(answer).await {
        Ok(Ok(verdict)) => decision(verdict),
        Ok(Err(_dropped)) => {
            Err(Error::new(ErrorKind::Connection, "the link is gone").with_outcome_unknown())
        }
        Err(gave_up) if withdraw(connection, link, ticket) => Err(match gave_up.kind() {
            ErrorKind::OperationTimeout => Error::new(
                ErrorKind::OperationTimeout,
                "the service granted no credit in time; nothing was sent",
            ),
            _ => gave_up,
        }),
        // It had left, or the verdict came at the same time.
        Err(gave_up) => match verdict.try_recv() {
            Ok(Verdict::Ended { sent: false, .. }) => Err(gave_up),
            Ok(Verdict::Ended { sent: true, .. }) | Err(_) => Err(gave_up.with_outcome_unknown()),
            Ok(decided) => decision(decided),
        },
    }
}

/// Takes a message back; false where it is not waiting any more.
fn withdraw(connection: &Connection, link: LinkId, ticket: Ticket) -> bool {
    connection.with(|state| {
        state
            .outbound(link)
            .is_some_and(|(outbound, _)| outbound.withdraw(ticket))
    })
}

fn decision(verdict: Verdict) -> Result<Option<DeliveryState>> {
    match verdict {
        Verdict::Decided(state) => Ok(state),
        Verdict::Refused(SendError::TooLarge { size, limit }) => Err(too_large(size, limit)),
        Verdict::Refused(error) => {
            Err(Error::new(ErrorKind::Connection, error.to_string()).with_source(error))
        }
        Verdict::Ended { cause, sent: true } => Err(error_of_end(&cause).with_outcome_unknown()),
        Verdict::Ended { cause, sent: false } => Err(error_of_end(&cause)),
    }
}
