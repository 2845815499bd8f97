//! What may be done to the broker at random.

use proptest::prelude::*;

use super::{CONSUMERS, IDS};

#[derive(Clone, Debug)]
pub(super) enum Operation {
    Send {
        count: usize,
    },
    SendMortal {
        seconds: u64,
    },
    SendIdentified {
        id: usize,
    },
    SetCredit {
        consumer: usize,
        credit: u32,
    },
    Take {
        consumer: usize,
    },
    Drain {
        consumer: usize,
    },
    Reattach {
        consumer: usize,
        receive_and_delete: bool,
        dead: bool,
    },
    Settle {
        token: prop::sample::Index,
        how: usize,
    },
    Schedule {
        seconds: u64,
    },
    Cancel {
        message: prop::sample::Index,
    },
    Delete {
        count: usize,
        dead: bool,
    },
    ReceiveDeferred {
        message: prop::sample::Index,
        receive_and_delete: bool,
    },
    Renew {
        token: prop::sample::Index,
    },
    Advance {
        seconds: u64,
    },
}

pub(super) fn operation() -> impl Strategy<Value = Operation> {
    let consumer = || 0..CONSUMERS;
    prop_oneof![
        4 => (1..4usize).prop_map(|count| Operation::Send { count }),
        2 => (0..90u64).prop_map(|seconds| Operation::SendMortal { seconds }),
        2 => (0..IDS.len()).prop_map(|id| Operation::SendIdentified { id }),
        4 => (consumer(), 0..6u32)
            .prop_map(|(consumer, credit)| Operation::SetCredit { consumer, credit }),
        8 => consumer().prop_map(|consumer| Operation::Take { consumer }),
        1 => consumer().prop_map(|consumer| Operation::Drain { consumer }),
        1 => (consumer(), any::<bool>(), any::<bool>()).prop_map(
            |(consumer, receive_and_delete, dead)| Operation::Reattach {
                consumer,
                receive_and_delete,
                dead,
            }
        ),
        6 => (any::<prop::sample::Index>(), 0..5usize)
            .prop_map(|(token, how)| Operation::Settle { token, how }),
        2 => (1..90u64).prop_map(|seconds| Operation::Schedule { seconds }),
        1 => any::<prop::sample::Index>().prop_map(|message| Operation::Cancel { message }),
        1 => (1..4usize, any::<bool>())
            .prop_map(|(count, dead)| Operation::Delete { count, dead }),
        3 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(
            |(message, receive_and_delete)| Operation::ReceiveDeferred {
                message,
                receive_and_delete,
            }
        ),
        1 => any::<prop::sample::Index>().prop_map(|token| Operation::Renew { token }),
        2 => (1..45u64).prop_map(|seconds| Operation::Advance { seconds }),
    ]
}
