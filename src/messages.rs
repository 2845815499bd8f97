//! Iterating over the messages of a receiver.

use std::borrow::Cow;

use crate::error::{ErrorKind, Result};
use crate::model::received::ReceivedMessage;
use crate::receiver::Receiver;

/// The messages of a receiver as they arrive; made by [`Receiver::messages`], `for message in &receiver` and
/// `for message in receiver`.
///
/// Each step waits for a message up to the receiver's [`max_wait_time`](crate::ReceiverBuilder::max_wait_time). The
/// iterator ends after that time without a message, and when the receiver is closed. An error that a later call heals is
/// an item like others, and the iterator may be asked again; one that none can heal is the last item.
#[derive(Debug)]
pub struct Messages<'a> {
    receiver: Cow<'a, Receiver>,
    ended: bool,
}

impl<'a> Messages<'a> {
    pub(crate) fn borrowed(receiver: &'a Receiver) -> Self {
        Messages {
            receiver: Cow::Borrowed(receiver),
            ended: false,
        }
    }
}

impl Iterator for Messages<'_> {
    type Item = Result<ReceivedMessage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.receiver.next_message(self.receiver.max_wait_time()) {
            Ok(None) => {
                self.ended = true;
                None
            }
            Ok(Some(message)) => Some(Ok(message)),
            Err(error) if error.kind() == ErrorKind::Closed => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = !error.is_retryable();
                Some(Err(error))
            }
        }
    }
}

impl std::iter::FusedIterator for Messages<'_> {}

impl<'a> IntoIterator for &'a Receiver {
    type Item = Result<ReceivedMessage>;
    type IntoIter = Messages<'a>;

    fn into_iter(self) -> Messages<'a> {
        self.messages()
    }
}

impl IntoIterator for Receiver {
    type Item = Result<ReceivedMessage>;
    type IntoIter = Messages<'static>;

    fn into_iter(self) -> Messages<'static> {
        Messages {
            receiver: Cow::Owned(self),
            ended: false,
        }
    }
}
