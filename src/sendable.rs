//! What can be sent in one call.

use crate::batch::MessageBatch;
use crate::error::Result;
use crate::mapping::attach::Limits;
use crate::mapping::batch::{BatchPayload, Payload};
use crate::mapping::encode::encode;
use crate::model::message::Message;

/// What [`Sender::send_messages`](crate::Sender::send_messages) takes: one message, a list of
/// messages that is sent as one atomic batch, or a [`MessageBatch`]; owned or borrowed, so that a
/// failed send never eats a message.
///
/// Sealed: it is implemented for [`Message`], `Vec<Message>`, `[Message]`, `[Message; N]`,
/// [`MessageBatch`] and references to them, and for no other type.
pub trait Sendable: sealed::Lend {}

impl<T: sealed::Lend + ?Sized> Sendable for T {}

mod sealed {
    use super::{Message, MessageBatch};

    /// Messages lent for one call.
    pub enum Lent<'a> {
        One(&'a Message),
        List(&'a [Message]),
        Batch(&'a MessageBatch),
    }

    pub trait Lend {
        fn lend(&self) -> Lent<'_>;
    }
}

use sealed::{Lend, Lent};

/// What to transfer; `None` where there is nothing.
pub(crate) fn payload(messages: &impl Sendable, limits: Limits) -> Result<Option<Payload>> {
    match messages.lend() {
        Lent::One(message) => {
            let identified = message.amqp().properties.message_id.is_some();
            let payload = Payload::message(encode(message)?).identified(identified);
            Ok(Some(payload))
        }
        Lent::List(messages) => {
            let limit = usize::try_from(limits.batch).unwrap_or(usize::MAX);
            let mut batch = BatchPayload::default();
            for message in messages {
                batch.add(message, limit)?;
            }
            Ok(batch.into_payload())
        }
        Lent::Batch(batch) => Ok(batch.payload()),
    }
}

impl Lend for Message {
    fn lend(&self) -> Lent<'_> {
        Lent::One(self)
    }
}

impl Lend for [Message] {
    fn lend(&self) -> Lent<'_> {
        Lent::List(self)
    }
}

impl<const N: usize> Lend for [Message; N] {
    fn lend(&self) -> Lent<'_> {
        Lent::List(self)
    }
}

impl Lend for Vec<Message> {
    fn lend(&self) -> Lent<'_> {
        Lent::List(self)
    }
}

impl Lend for MessageBatch {
    fn lend(&self) -> Lent<'_> {
        Lent::Batch(self)
    }
}

impl<T: Lend + ?Sized> Lend for &T {
    fn lend(&self) -> Lent<'_> {
        (**self).lend()
    }
}
