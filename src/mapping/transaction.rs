//! What goes to the transaction coordinator, and the state that work in a transaction carries (AMQP 1.0, part 4).

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor::{AMQP_VALUE, DECLARE, DISCHARGE};
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::types::messaging::{
    DeliveryState, Outcome, Rejected, Source, TargetArchetype,
};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::types::primitives::Binary;
use servicebus_amqp::types::transaction::{Coordinator, TransactionalState};
use servicebus_amqp::writer::Writer;

use super::conditions;
use crate::error::{Error, ErrorKind, Result};

/// Names a transaction to the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TransactionId(Binary);

/// A link on which transactions are declared and discharged.
pub(crate) fn coordinator(name: &str) -> Attach {
    let coordinator = Coordinator { capabilities: None };
    Attach {
        source: Some(Box::new(Source::from(name))),
        target: Some(Box::new(TargetArchetype::Coordinator(coordinator))),
        ..servicebus_amqp::attach(name, Role::Sender)
    }
}

/// The message that begins a transaction.
pub(crate) fn declare() -> Result<Bytes> {
    value(|writer| writer.put_composite(DECLARE, |writer| writer.put_null()))
}

/// The message that ends a transaction: commits it, or rolls it back.
pub(crate) fn discharge(id: &TransactionId, roll_back: bool) -> Result<Bytes> {
    value(|writer| {
        writer.put_composite(DISCHARGE, |writer| {
            writer.put_binary(&id.0);
            writer.put_bool(roll_back);
        });
    })
}

fn value(body: impl FnOnce(&mut Writer<'_>)) -> Result<Bytes> {
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    writer.put_described(AMQP_VALUE, body);
    writer.finish().map_err(|error| {
        Error::invalid_argument("the transaction cannot be named").with_source(error)
    })?;
    Ok(out.freeze())
}

/// The transaction that the coordinator has declared.
pub(crate) fn declared(answer: Option<DeliveryState>) -> Result<TransactionId> {
    match answer {
        Some(DeliveryState::Declared(declared)) => Ok(TransactionId(declared.txn_id)),
        other => Err(refused(other)),
    }
}

/// Whether the coordinator has discharged a transaction.
pub(crate) fn discharged(answer: Option<DeliveryState>) -> Result<()> {
    match answer {
        Some(DeliveryState::Accepted(_)) => Ok(()),
        other => Err(refused(other)),
    }
}

fn refused(answer: Option<DeliveryState>) -> Error {
    match answer {
        Some(DeliveryState::Rejected(Rejected { error: Some(error) })) => {
            conditions::from_outcome(&error)
        }
        _ => Error::new(ErrorKind::Other, "the coordinator gave no verdict").with_outcome_unknown(),
    }
}

/// The state of a transfer in a transaction.
pub(crate) fn transfer_state(id: &TransactionId) -> DeliveryState {
    DeliveryState::TransactionalState(TransactionalState {
        txn_id: id.0.clone(),
        outcome: None,
    })
}

/// The state of a settlement in a transaction.
pub(crate) fn settlement_state(id: &TransactionId, state: DeliveryState) -> DeliveryState {
    let outcome = match state {
        DeliveryState::Accepted(accepted) => Outcome::Accepted(accepted),
        DeliveryState::Rejected(rejected) => Outcome::Rejected(rejected),
        DeliveryState::Released(released) => Outcome::Released(released),
        DeliveryState::Modified(modified) => Outcome::Modified(modified),
        other => return other,
    };
    DeliveryState::TransactionalState(TransactionalState {
        txn_id: id.0.clone(),
        outcome: Some(outcome),
    })
}

/// The verdict that the service will keep to if the transaction is committed, as it gives it outside of one.
pub(crate) fn provisional(answer: Option<DeliveryState>) -> Option<DeliveryState> {
    match answer {
        Some(DeliveryState::TransactionalState(TransactionalState { outcome, .. })) => outcome
            .and_then(|outcome| match outcome {
                Outcome::Accepted(accepted) => Some(DeliveryState::Accepted(accepted)),
                Outcome::Rejected(rejected) => Some(DeliveryState::Rejected(rejected)),
                Outcome::Released(released) => Some(DeliveryState::Released(released)),
                Outcome::Modified(modified) => Some(DeliveryState::Modified(modified)),
                Outcome::Declared(_) => None,
            }),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use servicebus_amqp::types::messaging::Accepted;
    use servicebus_amqp::types::transaction::Declared;

    use super::*;

    fn id() -> TransactionId {
        let declared = DeliveryState::Declared(Declared {
            txn_id: Binary::from(vec![1, 2, 3]),
        });
        super::declared(Some(declared)).expect("a transaction")
    }

    #[test]
    fn the_coordinator_is_told_in_described_lists() {
        // amqp-value (0x77) of declare (0x31): an empty list.
        assert_eq!(
            &declare().expect("encoded")[..],
            [0x00, 0x53, 0x77, 0x00, 0x53, 0x31, 0x45]
        );
        // Of discharge (0x32): the id and true.
        assert_eq!(
            &discharge(&id(), true).expect("encoded")[..],
            [0x00, 0x53, 0x77, 0x00, 0x53, 0x32, 0xc0, 0x07, 0x02, 0xa0, 0x03, 1, 2, 3, 0x41]
        );
    }

    #[test]
    fn an_outcome_is_wrapped_and_unwrapped() {
        let accepted = DeliveryState::Accepted(Accepted {});
        let within = settlement_state(&id(), accepted.clone());
        assert!(matches!(within, DeliveryState::TransactionalState(_)));
        assert_eq!(provisional(Some(within)), Some(accepted.clone()));
        assert_eq!(provisional(Some(accepted.clone())), Some(accepted));
        assert_eq!(provisional(Some(transfer_state(&id()))), None);
    }

    #[test]
    fn an_answer_without_a_verdict_is_unknown() {
        let error = discharged(None).expect_err("nothing was said");
        assert!(error.is_outcome_unknown(), "{error:?}");
        declared(Some(DeliveryState::Accepted(Accepted {}))).expect_err("no transaction");
    }
}
