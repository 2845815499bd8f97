//! What links ask of the service when they attach, and what its answer grants.

use servicebus_amqp::types::definitions::{Fields, ReceiverSettleMode, Role, SenderSettleMode};
use servicebus_amqp::types::messaging::{Source, Target};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::types::primitives::{Symbol, Value};

use crate::model::options::ReceiveMode;

const RECEIVER_NAME: &str = "com.microsoft:receiver-name";
const MAX_BATCH_SIZE: &str = "com.microsoft:max-message-batch-size";

/// The largest message a link that receives takes: what the service allows at most, and its annotations.
const MAX_RECEIVED: u64 = 104_857_600 + 1024 * 1024;

/// Message sizes on links whose limit the service does not tell.
const DEFAULT_LIMIT: u64 = 1024 * 1024;
/// The batch limit of the Standard tier, which links without a limit of their own may be in.
const STANDARD_LIMIT: u64 = 256 * 1024;

/// What the service takes on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The largest message in bytes.
    pub(crate) message: u64,
    /// The largest batch in bytes.
    pub(crate) batch: u64,
}

/// A link that sends to an entity.
pub(crate) fn sender(identifier: &str, name: &str, address: &str) -> Attach {
    Attach {
        rcv_settle_mode: ReceiverSettleMode::First,
        ..link(name, Role::Sender, identifier, address)
    }
}

/// A link that receives from an entity.
pub(crate) fn receiver(identifier: &str, name: &str, address: &str, mode: ReceiveMode) -> Attach {
    let (snd_settle_mode, rcv_settle_mode) = match mode {
        // The service answers each settlement only in mode second (Service Bus, AMQP protocol guide).
        ReceiveMode::PeekLock => (SenderSettleMode::Unsettled, ReceiverSettleMode::Second),
        ReceiveMode::ReceiveAndDelete => (SenderSettleMode::Settled, ReceiverSettleMode::First),
    };
    let mut properties = Fields::new();
    properties.insert(
        Symbol::from(RECEIVER_NAME),
        Value::from(identifier.to_owned()),
    );
    Attach {
        snd_settle_mode,
        rcv_settle_mode,
        max_message_size: Some(MAX_RECEIVED),
        properties: Some(properties),
        ..link(name, Role::Receiver, address, identifier)
    }
}

/// One of a pair of links with a node that answers requests; answers come to `reply_to`.
pub(crate) fn request_link(role: Role, node: &str, reply_to: &str) -> Attach {
    let max_message_size = (role == Role::Receiver).then_some(MAX_RECEIVED);
    let (source, target) = match role {
        Role::Sender => (reply_to, node),
        Role::Receiver => (node, reply_to),
    };
    Attach {
        rcv_settle_mode: ReceiverSettleMode::First,
        max_message_size,
        ..link(reply_to, role, source, target)
    }
}

fn link(name: &str, role: Role, source: &str, target: &str) -> Attach {
    Attach {
        source: Some(Box::new(Source::from(source))),
        target: Some(Box::new(Target::from(target).into())),
        ..servicebus_amqp::attach(name, role)
    }
}

/// The limits that the service's answer states, by the rules of Microsoft's own clients.
pub(crate) fn limits(answer: &Attach) -> Limits {
    let stated = answer.max_message_size.filter(|size| *size > 0);
    let message = stated.unwrap_or(DEFAULT_LIMIT);
    let batch = answer
        .properties
        .as_ref()
        .and_then(|properties| properties.get(&Symbol::from(MAX_BATCH_SIZE)))
        .and_then(size);
    let by_tier = if message >= DEFAULT_LIMIT {
        DEFAULT_LIMIT
    } else {
        STANDARD_LIMIT
    };
    Limits {
        message,
        batch: batch.unwrap_or(by_tier).min(message),
    }
}

fn size(value: &Value) -> Option<u64> {
    let size = match value {
        Value::Ulong(size) => *size,
        Value::Uint(size) => u64::from(*size),
        Value::Long(size) => u64::try_from(*size).ok()?,
        Value::Int(size) => u64::try_from(*size).ok()?,
        _ => return None,
    };
    (size > 0).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(max_message_size: Option<u64>, batch: Option<Value>) -> Attach {
        let properties = batch.map(|size| {
            let mut properties = Fields::new();
            properties.insert(Symbol::from(MAX_BATCH_SIZE), size);
            properties
        });
        Attach {
            max_message_size,
            properties,
            ..link("l", Role::Receiver, "a", "b")
        }
    }

    #[test]
    fn limits_follow_the_answer_and_else_the_tier() {
        let cases = [
            (answer(Some(262_144), None), 262_144, 262_144),
            (answer(Some(1_048_576), None), 1_048_576, 1_048_576),
            (
                answer(Some(104_857_600), Some(Value::Long(1_048_576))),
                104_857_600,
                1_048_576,
            ),
            (answer(None, None), 1_048_576, 1_048_576),
            (answer(Some(0), Some(Value::Int(0))), 1_048_576, 1_048_576),
        ];
        for (answer, message, batch) in cases {
            assert_eq!(limits(&answer), Limits { message, batch }, "{answer:?}");
        }
    }
}
