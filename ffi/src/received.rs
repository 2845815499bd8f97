//! Messages that were received.

use std::sync::OnceLock;

use servicebus::ReceivedMessage;

use crate::guard::infallible;
use crate::handle;
use crate::view::{sb_bytes, sb_str, Text};

/// A received message: what was sent, what the service added, and its lock. It may outlive its receiver. Freeing it
/// settles nothing: its lock then runs out, and it is delivered again.
///
/// Methods: `sb_received_body`, `sb_received_message_id`, `sb_received_sequence_number`, `sb_received_delivery_count`,
/// `sb_received_free`. Settled by `sb_receiver_complete_message` and `sb_receiver_abandon_message`.
pub struct sb_received {
    pub(crate) message: ReceivedMessage,
    /// Made when it is first asked for, most programs look at the body alone.
    message_id: OnceLock<Option<Text>>,
}

impl sb_received {
    pub(crate) fn new(message: ReceivedMessage) -> Self {
        sb_received {
            message,
            message_id: OnceLock::new(),
        }
    }
}

/// The bytes of the body; none where the body is an AMQP value other than binary or text, or a sequence.
#[no_mangle]
pub unsafe extern "C" fn sb_received_body(received: *const sb_received) -> sb_bytes {
    infallible(sb_bytes::NONE, || {
        // SAFETY: NULL or a message that is not freed, says the caller.
        let received = unsafe { handle::look(received) };
        received.map_or(sb_bytes::NONE, |received| {
            sb_bytes::of(received.message.body())
        })
    })
}

/// The id that the sender gave the message. No text where it gave none.
#[no_mangle]
pub unsafe extern "C" fn sb_received_message_id(received: *const sb_received) -> sb_str {
    infallible(sb_str::NONE, || {
        // SAFETY: NULL or a message that is not freed, says the caller.
        let Some(received) = (unsafe { handle::look(received) }) else {
            return sb_str::NONE;
        };
        let message_id = received
            .message_id
            .get_or_init(|| received.message.message_id().map(Text::new));
        message_id.as_ref().map_or(sb_str::NONE, Text::view)
    })
}

/// The number that the service gave the message: unique and ascending in its entity, from 1. 0 where it has none.
#[no_mangle]
pub unsafe extern "C" fn sb_received_sequence_number(received: *const sb_received) -> i64 {
    infallible(0, || {
        // SAFETY: NULL or a message that is not freed, says the caller.
        let received = unsafe { handle::look(received) };
        received
            .and_then(|received| received.message.sequence_number())
            .unwrap_or(0)
    })
}

/// How many earlier deliveries of the message failed: were abandoned, or ended because the lock ran out.
#[no_mangle]
pub unsafe extern "C" fn sb_received_delivery_count(received: *const sb_received) -> u32 {
    infallible(0, || {
        // SAFETY: NULL or a message that is not freed, says the caller.
        let received = unsafe { handle::look(received) };
        received.map_or(0, |received| received.message.delivery_count())
    })
}

/// Frees a received message. NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn sb_received_free(received: *mut sb_received) {
    infallible((), || {
        // SAFETY: NULL or a message that nothing uses any more, says the caller.
        unsafe { handle::free(received) };
    });
}
