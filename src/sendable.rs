//! What can be sent in one call.

use crate::batch::MessageBatch;
use crate::error::Result;
use crate::mapping::attach::Limits;
use crate::mapping::batch::{BatchPayload, Payload};
use crate::mapping::encode::encode;
use crate::model::message::Message;
use crate::trace_source::TraceSource;

/// What [`Sender::send_messages`](crate::Sender::send_messages) takes: one message, a list of
/// messages that is sent as one atomic batch, or a [`MessageBatch`]; owned or borrowed, so that a
/// failed send never eats a message.
///
/// Sealed: it is implemented for [`Message`], `Vec<Message>`, `[Message]`, `[Message; N]`,
/// [`MessageBatch`] and references to them, and for no other type.
pub trait Sendable: sealed::Lend {}

impl<T: sealed::Lend + ?Sized> Sendable for T {}

/// What [`Sender::schedule_messages`](crate::Sender::schedule_messages) takes: one message or a list of messages, owned
/// or borrowed. A [`MessageBatch`] is encoded already and cannot be given another time.
///
/// Sealed: it is implemented for [`Message`], `Vec<Message>`, `[Message]`, `[Message; N]` and references to them, and
/// for no other type.
pub trait Schedulable: sealed::LendMessages {}

impl<T: sealed::LendMessages + ?Sized> Schedulable for T {}

mod sealed {
    use super::{Message, MessageBatch};

    /// Messages lent for one call.
    pub enum Lent<'a> {
        Messages(&'a [Message]),
        Batch(&'a MessageBatch),
    }

    pub trait Lend {
        fn lend(&self) -> Lent<'_>;
    }

    pub trait LendMessages {
        fn lend_messages(&self) -> &[Message];
    }
}

use sealed::{Lend, LendMessages, Lent};

/// What to transfer; `None` where there is nothing.
pub(crate) fn payload(
    messages: &impl Sendable,
    limits: Limits,
    traces: &TraceSource,
) -> Result<Option<Payload>> {
    match messages.lend() {
        Lent::Messages([message]) => {
            let identified = message.amqp().properties.message_id.is_some();
            let payload = Payload::message(encode(&traces.traced(message))?).identified(identified);
            Ok(Some(payload))
        }
        Lent::Messages(messages) => {
            let limit = usize::try_from(limits.batch).unwrap_or(usize::MAX);
            let mut batch = BatchPayload::default();
            for message in messages {
                batch.add(&traces.traced(message), limit)?;
            }
            Ok(batch.into_payload())
        }
        Lent::Batch(batch) => Ok(batch.payload()),
    }
}

/// The messages to schedule.
pub(crate) fn messages(messages: &impl Schedulable) -> &[Message] {
    messages.lend_messages()
}

impl<T: LendMessages + ?Sized> Lend for T {
    fn lend(&self) -> Lent<'_> {
        Lent::Messages(self.lend_messages())
    }
}

impl Lend for MessageBatch {
    fn lend(&self) -> Lent<'_> {
        Lent::Batch(self)
    }
}

impl Lend for &MessageBatch {
    fn lend(&self) -> Lent<'_> {
        Lent::Batch(self)
    }
}

impl LendMessages for Message {
    fn lend_messages(&self) -> &[Message] {
        std::slice::from_ref(self)
    }
}

impl LendMessages for [Message] {
    fn lend_messages(&self) -> &[Message] {
        self
    }
}

impl<const N: usize> LendMessages for [Message; N] {
    fn lend_messages(&self) -> &[Message] {
        self
    }
}

impl LendMessages for Vec<Message> {
    fn lend_messages(&self) -> &[Message] {
        self
    }
}

impl<T: LendMessages + ?Sized> LendMessages for &T {
    fn lend_messages(&self) -> &[Message] {
        (**self).lend_messages()
    }
}
