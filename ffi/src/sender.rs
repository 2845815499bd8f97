//! Sending to a queue.

use servicebus::{Message, Sender};

use crate::error::sb_error;
use crate::guard::{fallible, infallible};
use crate::handle::{self, Out};
use crate::message::sb_message;
use crate::status::{sb_status, SB_OK};
use crate::timeout;

/// Sends messages to one queue; opened by `sb_client_queue_sender`. Threads may share it. A link that was lost is
/// attached anew by the next call.
///
/// Methods: `sb_sender_send_messages`, `sb_sender_close`, `sb_sender_free`.
pub struct sb_sender(pub(crate) Sender);

impl sb_sender {
    fn within(&self, timeout_ms: i64) -> Result<Sender, sb_error> {
        let timeout = timeout::of_call(timeout_ms)?;
        Ok(timeout.map_or_else(|| self.0.clone(), |timeout| self.0.with_timeout(timeout)))
    }
}

/// Sends `count` messages and waits until the service has stored them. Several are sent as one batch, of which the
/// service stores all or none; with a count of 0 nothing is sent. The messages stay the caller's.
///
/// Fails with `SB_MESSAGE_SIZE_EXCEEDED` where they are larger than the entity takes; nothing was sent then. After
/// `SB_OPERATION_TIMEOUT`, `SB_CONNECTION` or `SB_CLOSED`, `sb_error_is_outcome_unknown` tells whether they may be
/// stored.
#[no_mangle]
pub unsafe extern "C" fn sb_sender_send_messages(
    sender: *mut sb_sender,
    messages: *const *mut sb_message,
    count: usize,
    timeout_ms: i64,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a sender that is not freed, says the caller.
        let sender = unsafe { handle::lend(sender, "sender") }?;
        // SAFETY: NULL or `count` messages that nothing changes, says the caller.
        let messages = unsafe { handle::lend_all(messages, count, "messages") }?;
        let sender = sender.within(timeout_ms)?;
        match messages.as_slice() {
            [message] => sender.send_messages(&message.0)?,
            several => {
                let list: Vec<Message> = several.iter().map(|message| message.0.clone()).collect();
                sender.send_messages(list)?;
            }
        }
        Ok(SB_OK)
    })
}

/// Closes a sender. Calls that wait on it in other threads end at once with `SB_CLOSED`. Blocks until the service has
/// answered, at most for the client's close time-out. A second close does nothing.
///
/// Fails with `SB_OPERATION_TIMEOUT` where the service did not answer; the sender is closed all the same.
#[no_mangle]
pub unsafe extern "C" fn sb_sender_close(
    sender: *mut sb_sender,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a sender that is not freed, says the caller.
        let sender = unsafe { handle::lend(sender, "sender") }?;
        sender.0.close()?;
        Ok(SB_OK)
    })
}

/// Frees a sender, which closes it first where it is open. NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn sb_sender_free(sender: *mut sb_sender) {
    infallible((), || {
        // SAFETY: NULL or a sender that nothing uses any more, says the caller.
        unsafe { handle::free(sender) };
    });
}
