//! Delivery states: what a receiver decided, and what it is answered.

use bytes::BytesMut;
use serde_amqp::primitives::Binary;
use serde_amqp::Value;
use servicebus_amqp::types::definitions::{Error, Fields};
use servicebus_amqp::types::messaging::{
    Accepted, DeliveryState, Modified, Outcome, Rejected, Released,
};
use servicebus_amqp::types::transaction::TransactionalState;
use servicebus_amqp::value::write_value;
use servicebus_amqp::walker::Element;
use servicebus_amqp::writer::Writer;

use super::refusal::Refusal;
use crate::broker::Settlement;
use crate::message::PropertyChanges;

const REASON: &str = "DeadLetterReason";
const DESCRIPTION: &str = "DeadLetterErrorDescription";

/// What a delivery state asks for; `None` for a state that decides nothing yet.
pub(super) fn read(state: &DeliveryState) -> Option<Result<Settlement, Refusal>> {
    Some(Ok(match state {
        DeliveryState::Received(_) => return None,
        DeliveryState::Accepted(_) => Settlement::Complete,
        DeliveryState::Released(_) => Settlement::Release,
        DeliveryState::Modified(modified) if modified.undeliverable_here == Some(true) => {
            Settlement::Defer {
                changes: changes(modified.message_annotations.as_ref(), &[]),
            }
        }
        DeliveryState::Modified(modified) => Settlement::Abandon {
            changes: changes(modified.message_annotations.as_ref(), &[]),
        },
        DeliveryState::Rejected(rejected) => dead_letter(rejected),
        DeliveryState::Declared(_) | DeliveryState::TransactionalState(_) => {
            return Some(Err(Refusal::not_allowed(
                "This delivery state decides nothing about a message.",
            )));
        }
    }))
}

fn dead_letter(rejected: &Rejected) -> Settlement {
    let info = rejected
        .error
        .as_ref()
        .and_then(|error| error.info.as_deref());
    let text = |name: &str| {
        info?.iter().find_map(|(key, value)| match value {
            Value::String(text) if key.as_str() == name => Some(text.clone()),
            _ => None,
        })
    };
    Settlement::DeadLetter {
        reason: text(REASON),
        description: text(DESCRIPTION),
        changes: changes(info, &[REASON, DESCRIPTION]),
    }
}

fn changes(fields: Option<&Fields>, without: &[&str]) -> PropertyChanges {
    let mut changes = PropertyChanges::default();
    let mut encoded = BytesMut::new();
    for (key, value) in fields.into_iter().flat_map(|fields| fields.iter()) {
        encoded.clear();
        write_value(&mut Writer::new(&mut encoded), value);
        if let (false, Ok(value)) = (
            without.contains(&key.as_str()),
            Element::parse_whole(&encoded),
        ) {
            changes.set(key.as_str(), &value);
        }
    }
    changes
}

/// The answer to an applied verdict: the same outcome, without what the client said along with it.
///
/// An error in it would mean that the verdict was refused.
pub(super) fn confirmation(state: &DeliveryState) -> DeliveryState {
    match state {
        DeliveryState::Accepted(_) => accepted(),
        DeliveryState::Released(_) => DeliveryState::Released(Released {}),
        DeliveryState::Modified(modified) => DeliveryState::Modified(Modified {
            delivery_failed: modified.delivery_failed,
            undeliverable_here: modified.undeliverable_here,
            message_annotations: None,
        }),
        DeliveryState::Rejected(_) => DeliveryState::Rejected(Rejected { error: None }),
        other => other.clone(),
    }
}

/// The outcome that a state states, with the name of the transaction that it is provisional in, if
/// any; `None` for one of a transaction that states none.
pub(super) fn provisional(state: &DeliveryState) -> Option<(Option<Binary>, DeliveryState)> {
    match state {
        DeliveryState::TransactionalState(state) => {
            let outcome = state.outcome.clone()?;
            Some((Some(state.txn_id.clone()), outcome.into()))
        }
        other => Some((None, other.clone())),
    }
}

/// An answer as it is given in a transaction.
pub(super) fn in_transaction(txn_id: Binary, answer: DeliveryState) -> DeliveryState {
    let outcome = match answer {
        DeliveryState::Accepted(state) => Outcome::Accepted(state),
        DeliveryState::Released(state) => Outcome::Released(state),
        DeliveryState::Modified(state) => Outcome::Modified(state),
        DeliveryState::Rejected(state) => Outcome::Rejected(state),
        other => return other,
    };
    DeliveryState::TransactionalState(TransactionalState {
        txn_id,
        outcome: Some(outcome),
    })
}

/// The transaction that a client names in the state it sends along with a delivery.
pub(super) fn transaction_of(state: Option<&DeliveryState>) -> Result<Option<&Binary>, Refusal> {
    match state {
        None => Ok(None),
        Some(DeliveryState::TransactionalState(state)) => Ok(Some(&state.txn_id)),
        Some(_) => Err(Refusal::not_allowed(
            "Only the state of a transaction is sent along with a message.",
        )),
    }
}

pub(super) fn accepted() -> DeliveryState {
    DeliveryState::Accepted(Accepted {})
}

pub(super) fn rejected(error: Error) -> DeliveryState {
    DeliveryState::Rejected(Rejected { error: Some(error) })
}
