//! How a receiver is set up.

use std::time::Duration;

use servicebus::{ReceiveMode, ReceiverBuilder, SubQueue};

use crate::error::sb_error;
use crate::guard::{fallible, infallible};
use crate::handle::{self, Out};
use crate::status::{sb_status, SB_OK};
use crate::timeout;

/// Messages are locked for the receiver, which settles them. The default.
pub const SB_RECEIVE_MODE_PEEK_LOCK: i32 = 0;
/// Messages are gone from the entity when the service sends them. A crash of the receiver loses them.
pub const SB_RECEIVE_MODE_RECEIVE_AND_DELETE: i32 = 1;

/// Messages that could not be processed.
pub const SB_SUB_QUEUE_DEAD_LETTER: i32 = 1;
/// Messages that could not be forwarded to another entity.
pub const SB_SUB_QUEUE_TRANSFER_DEAD_LETTER: i32 = 2;

/// How to open a receiver; `sb_client_queue_receiver` reads it and keeps nothing of it.
///
/// Methods: `sb_receiver_options_new`, `sb_receiver_options_set_receive_mode`, `sb_receiver_options_set_sub_queue`,
/// `sb_receiver_options_set_prefetch_count`, `sb_receiver_options_set_max_wait_time`, `sb_receiver_options_free`.
#[derive(Default)]
pub struct sb_receiver_options {
    receive_mode: ReceiveMode,
    sub_queue: Option<SubQueue>,
    prefetch_count: u32,
    pub(crate) max_wait_time: Option<Duration>,
}

impl sb_receiver_options {
    pub(crate) fn apply(&self, builder: ReceiverBuilder) -> ReceiverBuilder {
        let mut builder = builder
            .receive_mode(self.receive_mode)
            .prefetch_count(self.prefetch_count);
        if let Some(sub_queue) = self.sub_queue {
            builder = builder.sub_queue(sub_queue);
        }
        if let Some(max_wait_time) = self.max_wait_time {
            builder = builder.max_wait_time(max_wait_time);
        }
        builder
    }
}

/// Makes options with every default.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_options_new(
    out: *mut *mut sb_receiver_options,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a place to write to, says the caller.
        let out = unsafe { Out::required(out, "out") }?;
        out.fill(sb_receiver_options::default());
        Ok(SB_OK)
    })
}

/// Whether messages are locked or deleted when they are received: one of the `SB_RECEIVE_MODE_` values.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_options_set_receive_mode(
    options: *mut sb_receiver_options,
    receive_mode: i32,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: the same as this function demands.
    unsafe {
        set(options, error, |options| {
            options.receive_mode = match receive_mode {
                SB_RECEIVE_MODE_PEEK_LOCK => ReceiveMode::PeekLock,
                SB_RECEIVE_MODE_RECEIVE_AND_DELETE => ReceiveMode::ReceiveAndDelete,
                unknown => return Err(not_listed("receive mode", unknown)),
            };
            Ok(())
        })
    }
}

/// Receives from a queue that belongs to the entity: one of the `SB_SUB_QUEUE_` values.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_options_set_sub_queue(
    options: *mut sb_receiver_options,
    sub_queue: i32,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: the same as this function demands.
    unsafe {
        set(options, error, |options| {
            options.sub_queue = Some(match sub_queue {
                SB_SUB_QUEUE_DEAD_LETTER => SubQueue::DeadLetter,
                SB_SUB_QUEUE_TRANSFER_DEAD_LETTER => SubQueue::TransferDeadLetter,
                unknown => return Err(not_listed("sub-queue", unknown)),
            });
            Ok(())
        })
    }
}

/// How many messages to keep at hand without waiting for a call, at most 50,000. With 0, the default, messages are asked
/// for when a call wants them. Locks of prefetched messages run while they wait.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_options_set_prefetch_count(
    options: *mut sb_receiver_options,
    prefetch_count: u32,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: the same as this function demands.
    unsafe {
        set(options, error, |options| {
            options.prefetch_count = prefetch_count;
            Ok(())
        })
    }
}

/// How long `sb_receiver_next_message` waits for a message where it is given -1, in milliseconds. -1, the default: until
/// one comes.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_options_set_max_wait_time(
    options: *mut sb_receiver_options,
    max_wait_time_ms: i64,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: the same as this function demands.
    unsafe {
        set(options, error, |options| {
            options.max_wait_time = timeout::of_call(max_wait_time_ms)?;
            Ok(())
        })
    }
}

/// Frees options. NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn sb_receiver_options_free(options: *mut sb_receiver_options) {
    infallible((), || {
        // SAFETY: NULL or options that nothing uses any more, says the caller.
        unsafe { handle::free(options) };
    });
}

/// # Safety
///
/// Each pointer is NULL or valid during the call, and nothing else uses the options.
unsafe fn set(
    options: *mut sb_receiver_options,
    error: *mut *mut sb_error,
    change: impl FnOnce(&mut sb_receiver_options) -> Result<(), sb_error>,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or options that nothing else uses, says the caller.
        let options = unsafe { handle::lend_mut(options, "options") }?;
        change(options)?;
        Ok(SB_OK)
    })
}

fn not_listed(what: &str, number: i32) -> sb_error {
    sb_error::invalid_argument(format!("there is no {what} {number}"))
}
