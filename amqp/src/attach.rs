//! The attach performative before a link's own terms are put in.

use crate::types::definitions::{ReceiverSettleMode, Role, SenderSettleMode};
use crate::types::performatives::Attach;

/// An attach that states name and role alone: no terminus, unsettled deliveries whose settlement is awaited (sender
/// mode `unsettled`, receiver mode `second`). The connection fills in the handle, and a sender's first delivery count.
///
/// ```
/// use servicebus_amqp::attach;
/// use servicebus_amqp::types::definitions::Role;
/// use servicebus_amqp::types::messaging::Source;
/// use servicebus_amqp::types::performatives::Attach;
///
/// let receiver = Attach {
///     source: Some(Box::new(Source::from("orders"))),
///     ..attach("link of orders", Role::Receiver)
/// };
/// assert!(receiver.target.is_none());
/// ```
pub fn attach(name: impl Into<String>, role: Role) -> Attach {
    Attach {
        name: name.into(),
        handle: 0.into(),
        role,
        snd_settle_mode: SenderSettleMode::Unsettled,
        rcv_settle_mode: ReceiverSettleMode::Second,
        source: None,
        target: None,
        unsettled: None,
        incomplete_unsettled: false,
        initial_delivery_count: None,
        max_message_size: None,
        offered_capabilities: None,
        desired_capabilities: None,
        properties: None,
    }
}
