//! What the model of sessions does at random.

use proptest::prelude::*;

use super::{CONSUMERS, SESSIONS};

#[derive(Clone, Debug)]
pub(super) enum Operation {
    Send {
        session: usize,
        count: usize,
    },
    /// The consumer leaves whatever it had and asks for a session, or for any.
    Accept {
        consumer: usize,
        session: Option<usize>,
        receive_and_delete: bool,
    },
    Leave {
        consumer: usize,
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
    Settle {
        token: prop::sample::Index,
        how: usize,
    },
    ReceiveDeferred {
        message: prop::sample::Index,
        receive_and_delete: bool,
    },
    Renew {
        consumer: usize,
    },
    SetState {
        consumer: usize,
        state: Option<u8>,
    },
    Advance {
        seconds: u64,
    },
}

pub(super) fn operation() -> impl Strategy<Value = Operation> {
    let consumer = || 0..CONSUMERS;
    let session = || 0..SESSIONS.len();
    prop_oneof![
        4 => (session(), 1..4usize)
            .prop_map(|(session, count)| Operation::Send { session, count }),
        4 => (consumer(), prop::option::of(session()), prop::bool::weighted(0.2)).prop_map(
            |(consumer, session, receive_and_delete)| Operation::Accept {
                consumer,
                session,
                receive_and_delete,
            }
        ),
        1 => consumer().prop_map(|consumer| Operation::Leave { consumer }),
        4 => (consumer(), 0..6u32)
            .prop_map(|(consumer, credit)| Operation::SetCredit { consumer, credit }),
        8 => consumer().prop_map(|consumer| Operation::Take { consumer }),
        1 => consumer().prop_map(|consumer| Operation::Drain { consumer }),
        6 => (any::<prop::sample::Index>(), 0..5usize)
            .prop_map(|(token, how)| Operation::Settle { token, how }),
        2 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(
            |(message, receive_and_delete)| Operation::ReceiveDeferred {
                message,
                receive_and_delete,
            }
        ),
        1 => consumer().prop_map(|consumer| Operation::Renew { consumer }),
        1 => (consumer(), any::<Option<u8>>())
            .prop_map(|(consumer, state)| Operation::SetState { consumer, state }),
        2 => (1..45u64).prop_map(|seconds| Operation::Advance { seconds }),
    ]
}
