//! Messages to send at once, as many as the entity takes in one transfer.

use std::error::Error as StdError;
use std::fmt;

use crate::error::Error;
use crate::mapping::batch::{BatchPayload, Payload};
use crate::model::message::Message;
use crate::trace_source::TraceSource;

/// Messages that are sent together: all of them are enqueued, or none.
///
/// Made by a sender, which knows how large a batch its entity accepts. The size is exact, because
/// messages are encoded as they are added.
pub struct MessageBatch {
    payload: BatchPayload,
    max_size: usize,
    traces: TraceSource,
}

impl MessageBatch {
    pub(crate) fn new(max_size: usize, traces: TraceSource) -> Self {
        Self {
            payload: BatchPayload::default(),
            max_size,
            traces,
        }
    }

    /// What to send, unless the batch is empty; a copy, so that a failed send leaves the batch.
    pub(crate) fn payload(&self) -> Option<Payload> {
        self.payload.clone().into_payload()
    }

    /// Adds a message.
    ///
    /// # Errors
    ///
    /// `MessageSizeExceeded` when the batch would become too large, `InvalidArgument` when the
    /// message cannot be sent at all. The batch is as before, and the error holds the message, so
    /// that it can go into the next batch.
    pub fn try_add(&mut self, message: impl Into<Message>) -> Result<(), TryAddError> {
        let message = message.into();
        self.payload
            .add(&self.traces.traced(&message), self.max_size)
            .map_err(|error| TryAddError(Box::new((error, message))))
    }

    /// How many messages the batch holds.
    pub fn len(&self) -> usize {
        self.payload.len()
    }

    /// Whether the batch holds no messages. Sending it then does nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes the batch takes when it is sent.
    pub fn size_in_bytes(&self) -> usize {
        self.payload.size()
    }

    /// The most bytes the batch may take.
    pub fn max_size_in_bytes(&self) -> usize {
        self.max_size
    }
}

impl fmt::Debug for MessageBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageBatch")
            .field("len", &self.len())
            .field("size_in_bytes", &self.size_in_bytes())
            .field("max_size_in_bytes", &self.max_size)
            .finish()
    }
}

/// Why a message was not added to a batch, with the message.
#[derive(Debug)]
pub struct TryAddError(Box<(Error, Message)>);

impl TryAddError {
    /// Why the message was not added.
    pub fn error(&self) -> &Error {
        &self.0 .0
    }

    /// The message, to be added to another batch.
    pub fn into_message(self) -> Message {
        self.0 .1
    }
}

impl fmt::Display for TryAddError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "add to batch: {}", self.error())
    }
}

impl StdError for TryAddError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error().source()
    }
}

/// Drops the message.
impl From<TryAddError> for Error {
    fn from(error: TryAddError) -> Self {
        error.0 .0.in_operation("add to batch")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_full_batch_gives_the_message_back() {
        let mut batch = MessageBatch::new(100, TraceSource::default());
        batch.try_add("fits").expect("it fits");
        let refused = batch.try_add(vec![0; 200]).expect_err("it is too large");
        assert_eq!(refused.error().kind(), ErrorKind::MessageSizeExceeded);
        assert_eq!(refused.into_message().body().len(), 200);
        assert_eq!(batch.len(), 1);
        batch.try_add("as well").expect("the batch is still good");
    }

    #[test]
    fn the_error_converts_for_the_question_mark() {
        let refused = MessageBatch::new(1, TraceSource::default())
            .try_add("too large")
            .expect_err("it is too large");
        let text = refused.to_string();
        let error = Error::from(refused);
        assert_eq!(error.kind(), ErrorKind::MessageSizeExceeded);
        assert_eq!(error.to_string(), text);
        assert!(
            text.starts_with("add to batch: 14 bytes with this message, at most 1"),
            "{text}"
        );
    }
}
