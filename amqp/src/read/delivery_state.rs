use crate::descriptor;
use crate::error::DecodeError;
use crate::types::messaging::{
    Accepted, DeliveryState, Modified, Outcome, Received, Rejected, Released,
};
use crate::types::transaction::{Declared, TransactionalState};
use crate::walker::Element;

use super::composite::{split_described, unknown_descriptor, Composite};
use super::fields::read_error;

const STATE: &str = "delivery state";
const OUTCOME: &str = "outcome";

/// A delivery state; one of an unknown type is an error, as its meaning for the delivery is
/// not known.
pub(crate) fn read_delivery_state(element: Element<'_>) -> Result<DeliveryState, DecodeError> {
    let (code, descriptor, list) = split_described(&element, STATE)?;
    match code {
        Some(descriptor::RECEIVED) => read_received(list).map(DeliveryState::Received),
        Some(descriptor::TRANSACTIONAL_STATE) => {
            read_transactional_state(list).map(DeliveryState::TransactionalState)
        }
        _ => match read_known_outcome(code, list)? {
            Some(Outcome::Accepted(state)) => Ok(DeliveryState::Accepted(state)),
            Some(Outcome::Rejected(state)) => Ok(DeliveryState::Rejected(state)),
            Some(Outcome::Released(state)) => Ok(DeliveryState::Released(state)),
            Some(Outcome::Modified(state)) => Ok(DeliveryState::Modified(state)),
            Some(Outcome::Declared(state)) => Ok(DeliveryState::Declared(state)),
            None => Err(unknown_descriptor(&descriptor, STATE)),
        },
    }
}

/// A source's default outcome; one of an unknown type counts as none, so that the link can be
/// attached all the same.
pub(crate) fn read_default_outcome(element: Element<'_>) -> Result<Option<Outcome>, DecodeError> {
    let (code, _, list) = split_described(&element, OUTCOME)?;
    read_known_outcome(code, list)
}

fn read_outcome(element: Element<'_>) -> Result<Outcome, DecodeError> {
    let (code, descriptor, list) = split_described(&element, OUTCOME)?;
    read_known_outcome(code, list)?.ok_or_else(|| unknown_descriptor(&descriptor, OUTCOME))
}

fn read_known_outcome(
    code: Option<u64>,
    list: Element<'_>,
) -> Result<Option<Outcome>, DecodeError> {
    Ok(Some(match code {
        Some(descriptor::ACCEPTED) => {
            Composite::open("accepted", list)?.finish()?;
            Outcome::Accepted(Accepted {})
        }
        Some(descriptor::REJECTED) => {
            let mut rejected = Composite::open("rejected", list)?;
            let error = rejected.read("error", read_error)?;
            rejected.finish()?;
            Outcome::Rejected(Rejected { error })
        }
        Some(descriptor::RELEASED) => {
            Composite::open("released", list)?.finish()?;
            Outcome::Released(Released {})
        }
        Some(descriptor::MODIFIED) => Outcome::Modified(read_modified(list)?),
        Some(descriptor::DECLARED) => {
            let mut declared = Composite::open("declared", list)?;
            let txn_id = declared.binary("txn-id")?;
            let txn_id = declared.required("txn-id", txn_id)?;
            declared.finish()?;
            Outcome::Declared(Declared { txn_id })
        }
        _ => return Ok(None),
    }))
}

fn read_modified(list: Element<'_>) -> Result<Modified, DecodeError> {
    let mut modified = Composite::open("modified", list)?;
    let read = Modified {
        delivery_failed: modified.bool("delivery-failed")?,
        undeliverable_here: modified.bool("undeliverable-here")?,
        message_annotations: modified.fields("message-annotations")?,
    };
    modified.finish()?;
    Ok(read)
}

fn read_received(list: Element<'_>) -> Result<Received, DecodeError> {
    let mut received = Composite::open("received", list)?;
    let section_number = received.u32("section-number")?;
    let section_offset = received.u64("section-offset")?;
    let read = Received {
        section_number: received.required("section-number", section_number)?,
        section_offset: received.required("section-offset", section_offset)?,
    };
    received.finish()?;
    Ok(read)
}

fn read_transactional_state(list: Element<'_>) -> Result<TransactionalState, DecodeError> {
    let mut state = Composite::open("transactional-state", list)?;
    let txn_id = state.binary("txn-id")?;
    let read = TransactionalState {
        txn_id: state.required("txn-id", txn_id)?,
        outcome: state.read("outcome", read_outcome)?,
    };
    state.finish()?;
    Ok(read)
}
