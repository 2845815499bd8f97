//! An attach and a delivery like any other.

use bytes::Bytes;
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::types::messaging::{Source, Target};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::OutgoingDelivery;

/// An attach for a link of this name, unsettled and settled second.
pub(crate) fn attach(name: &str, role: Role) -> Attach {
    Attach {
        source: Some(Box::new(Source::from("node"))),
        target: Some(Box::new(Target::from("node").into())),
        ..servicebus_amqp::attach(name, role)
    }
}

/// An unsettled delivery with this tag and payload.
pub(crate) fn delivery(tag: u32, payload: impl Into<Bytes>) -> OutgoingDelivery {
    OutgoingDelivery {
        tag: Bytes::copy_from_slice(&tag.to_be_bytes()),
        payload: payload.into(),
        message_format: 0,
        settled: false,
        state: None,
    }
}
