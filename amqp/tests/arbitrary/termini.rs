use proptest::option;
use proptest::prelude::*;
use servicebus_amqp::types::messaging::{
    DistributionMode, Source, Target, TargetArchetype, TerminusDurability, TerminusExpiryPolicy,
};
use servicebus_amqp::types::transaction::{Coordinator, TxnCapability};

use super::states::{any_fields, any_outcome, any_symbols};

pub(super) fn any_source() -> BoxedStrategy<Source> {
    let node = (
        option::of(".{0,40}"),
        any_durability(),
        any_expiry_policy(),
        any::<u32>(),
        any::<bool>(),
        option::of(any_fields()),
    );
    let mode = prop_oneof![
        Just(None),
        Just(Some(DistributionMode::Move)),
        Just(Some(DistributionMode::Copy)),
    ];
    let rest = (
        mode,
        option::of(any_fields()),
        option::of(any_outcome()),
        any_symbols(),
        any_symbols(),
    );
    (node, rest)
        .prop_map(|(node, rest)| Source {
            address: node.0,
            durable: node.1,
            expiry_policy: node.2,
            timeout: node.3,
            dynamic: node.4,
            dynamic_node_properties: node.5,
            distribution_mode: rest.0,
            filter: rest.1,
            default_outcome: rest.2,
            outcomes: rest.3,
            capabilities: rest.4,
        })
        .boxed()
}

pub(super) fn any_target() -> BoxedStrategy<TargetArchetype> {
    let target = (
        option::of(".{0,40}"),
        any_durability(),
        any_expiry_policy(),
        any::<u32>(),
        any::<bool>(),
        option::of(any_fields()),
        any_symbols(),
    );
    prop_oneof![
        target.prop_map(|target| TargetArchetype::Target(Target {
            address: target.0,
            durable: target.1,
            expiry_policy: target.2,
            timeout: target.3,
            dynamic: target.4,
            dynamic_node_properties: target.5,
            capabilities: target.6,
        })),
        prop_oneof![
            Just(None),
            Just(Some(vec![])),
            Just(Some(vec![
                TxnCapability::LocalTransactions,
                TxnCapability::MultiSsnsPerTxn
            ])),
        ]
        .prop_map(|capabilities| TargetArchetype::Coordinator(Coordinator {
            capabilities: capabilities.map(Into::into),
        })),
    ]
    .boxed()
}

fn any_durability() -> impl Strategy<Value = TerminusDurability> {
    prop_oneof![
        Just(TerminusDurability::None),
        Just(TerminusDurability::Configuration),
        Just(TerminusDurability::UnsettledState),
    ]
}

fn any_expiry_policy() -> impl Strategy<Value = TerminusExpiryPolicy> {
    prop_oneof![
        Just(TerminusExpiryPolicy::LinkDetach),
        Just(TerminusExpiryPolicy::SessionEnd),
        Just(TerminusExpiryPolicy::ConnectionClose),
        Just(TerminusExpiryPolicy::Never),
    ]
}
