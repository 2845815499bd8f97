//! Receiving from a queue, and settling what was received.

use std::time::Duration;

use servicebus::{ReceivedMessage, Receiver};

use crate::error::sb_error;
use crate::guard::{fallible, infallible};
use crate::handle::{self, Out};
use crate::received::sb_received;
use crate::status::{sb_status, SB_NO_MESSAGE, SB_OK};
use crate::timeout;

/// Receives messages from one queue, and settles them; opened by `sb_client_queue_receiver`. Threads may share it. A
/// link that was lost is attached anew by the next call.
///
/// Methods: `sb_receiver_next_message`, `sb_receiver_complete_message`, `sb_receiver_abandon_message`,
/// `sb_receiver_close`, `sb_receiver_free`.
pub struct sb_receiver {
    pub(crate) receiver: Receiver,
    /// How long a wait for a message lasts that gives no time of its own.
    pub(crate) max_wait_time: Option<Duration>,
}

impl sb_receiver {
    fn within(&self, timeout_ms: i64) -> Result<Receiver, sb_error> {
        let timeout = timeout::of_call(timeout_ms)?;
        Ok(timeout.map_or_else(
            || self.receiver.clone(),
            |timeout| self.receiver.with_timeout(timeout),
        ))
    }
}

/// Waits for a message: for `timeout_ms`; with -1 for the receiver's `max_wait_time`, and where that is not set until
/// one comes; with 0 it takes what the service has at the moment. Returns `SB_NO_MESSAGE` where none came in time,
/// which is no failure: `out` is NULL then, and so is `error`.
///
/// Fails with `SB_CLOSED` once the receiver is closed, by another thread too, and with `SB_CONNECTION` where the link
/// was lost while the call waited, which the next call heals.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_next_message(
    receiver: *mut sb_receiver,
    timeout_ms: i64,
    out: *mut *mut sb_received,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a place to write to, says the caller.
        let out = unsafe { Out::required(out, "out") }?;
        // SAFETY: NULL or a receiver that is not freed, says the caller.
        let receiver = unsafe { handle::lend(receiver, "receiver") }?;
        let wait = timeout::of_call(timeout_ms)?.or(receiver.max_wait_time);
        match receiver.receiver.next_message(wait)? {
            None => Ok(SB_NO_MESSAGE),
            Some(message) => {
                out.fill(sb_received::new(message));
                Ok(SB_OK)
            }
        }
    })
}

/// Completes a message: it was processed and is removed from the queue. `SB_OK` means that the service has done so.
///
/// Fails with `SB_MESSAGE_ALREADY_SETTLED` for a message that was settled or is being settled, `SB_MESSAGE_LOCK_LOST`
/// where its lock ran out, `SB_INVALID_OPERATION` for one that has no lock or is of another entity. Where the service's
/// answer did not come, `sb_error_is_outcome_unknown` is true. After a failure it may be tried again. The message is
/// still to be freed.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_complete_message(
    receiver: *mut sb_receiver,
    received: *const sb_received,
    timeout_ms: i64,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: the same as this function demands.
    unsafe {
        settle(
            receiver,
            received,
            timeout_ms,
            error,
            Receiver::complete_message,
        )
    }
}

/// Abandons a message: it is available again at once, and the delivery counts as failed. Fails as
/// `sb_receiver_complete_message` does.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_abandon_message(
    receiver: *mut sb_receiver,
    received: *const sb_received,
    timeout_ms: i64,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: the same as this function demands.
    unsafe {
        settle(
            receiver,
            received,
            timeout_ms,
            error,
            Receiver::abandon_message,
        )
    }
}

/// # Safety
///
/// Each pointer is NULL or valid during the call.
unsafe fn settle(
    receiver: *mut sb_receiver,
    received: *const sb_received,
    timeout_ms: i64,
    error: *mut *mut sb_error,
    how: fn(&Receiver, &ReceivedMessage) -> servicebus::Result<()>,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a receiver that is not freed, says the caller.
        let receiver = unsafe { handle::lend(receiver, "receiver") }?;
        // SAFETY: NULL or a message that is not freed, says the caller.
        let received = unsafe { handle::lend(received, "received") }?;
        how(&receiver.within(timeout_ms)?, &received.message)?;
        Ok(SB_OK)
    })
}

/// Closes a receiver. Calls that wait on it in other threads end at once with `SB_CLOSED`. Messages at hand go back to
/// the queue, uncounted as deliveries. Messages that were handed out can still be settled, until their locks end, by
/// another receiver of the same queue. Blocks until the service has answered, at most for the client's close time-out.
/// A second close does nothing.
///
/// Fails with `SB_OPERATION_TIMEOUT` where the service did not answer; the receiver is closed all the same.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_close(
    receiver: *mut sb_receiver,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a receiver that is not freed, says the caller.
        let receiver = unsafe { handle::lend(receiver, "receiver") }?;
        receiver.receiver.close()?;
        Ok(SB_OK)
    })
}

/// Frees a receiver, which closes it first where it is open. NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_free(receiver: *mut sb_receiver) {
    infallible((), || {
        // SAFETY: NULL or a receiver that nothing uses any more, says the caller.
        unsafe { handle::free(receiver) };
    });
}
