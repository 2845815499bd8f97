use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_amqp::primitives::{Array, Symbol};
use serde_bytes::ByteBuf;
use servicebus_amqp::types::definitions::{AmqpError, Error, ErrorCondition, Fields};
use servicebus_amqp::types::messaging::{
    Accepted, DeliveryState, Modified, Outcome, Received, Rejected, Released,
};
use servicebus_amqp::types::transaction::TransactionalState;

use super::any_value;

pub(super) fn any_fields() -> BoxedStrategy<Fields> {
    vec((any_symbol(), any_value()), 0..4)
        .prop_map(|entries| entries.into_iter().collect())
        .boxed()
}

pub(super) fn any_symbol() -> impl Strategy<Value = Symbol> {
    "[a-z:-]{0,20}".prop_map(Symbol::from)
}

pub(super) fn any_symbols() -> impl Strategy<Value = Option<Array<Symbol>>> {
    option::of(vec(any_symbol(), 0..4).prop_map(Array))
}

pub(super) fn any_bytes() -> impl Strategy<Value = ByteBuf> {
    vec(any::<u8>(), 0..20).prop_map(ByteBuf::from)
}

pub(super) fn any_error() -> BoxedStrategy<Error> {
    let condition = prop_oneof![
        Just(ErrorCondition::AmqpError(AmqpError::NotFound)),
        Just(ErrorCondition::Custom(Symbol::from(
            "com.microsoft:timeout"
        ))),
    ];
    (condition, option::of(".{0,40}"), option::of(any_fields()))
        .prop_map(|(condition, description, info)| Error::new(condition, description, info))
        .boxed()
}

pub(super) fn any_outcome() -> BoxedStrategy<Outcome> {
    prop_oneof![
        Just(Outcome::Accepted(Accepted {})),
        Just(Outcome::Released(Released {})),
        option::of(any_error()).prop_map(|error| Outcome::Rejected(Rejected { error })),
        (
            any::<Option<bool>>(),
            any::<Option<bool>>(),
            option::of(any_fields())
        )
            .prop_map(
                |(delivery_failed, undeliverable_here, message_annotations)| {
                    Outcome::Modified(Modified {
                        delivery_failed,
                        undeliverable_here,
                        message_annotations,
                    })
                }
            ),
    ]
    .boxed()
}

pub(super) fn any_state() -> BoxedStrategy<DeliveryState> {
    prop_oneof![
        any_outcome().prop_map(DeliveryState::from),
        (any::<u32>(), any::<u64>()).prop_map(|(section_number, section_offset)| {
            DeliveryState::Received(Received {
                section_number,
                section_offset,
            })
        }),
        (any_bytes(), option::of(any_outcome())).prop_map(|(txn_id, outcome)| {
            DeliveryState::TransactionalState(TransactionalState { txn_id, outcome })
        }),
    ]
    .boxed()
}
