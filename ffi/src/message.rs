//! Messages to send.

use std::ffi::c_char;
use std::mem;

use servicebus::Message;

use crate::error::sb_error;
use crate::guard::{fallible, infallible};
use crate::handle::{self, Out};
use crate::status::{sb_status, SB_OK};
use crate::view::{self, sb_bytes};

/// A message to send. It can be sent more than once, and changed in between.
///
/// Methods: `sb_message_new`, `sb_message_set_message_id`, `sb_message_set_application_property_string`,
/// `sb_message_free`. Sent by `sb_sender_send_messages`.
pub struct sb_message(pub(crate) Message);

impl sb_message {
    fn change(&mut self, change: impl FnOnce(Message) -> Message) {
        self.0 = change(mem::take(&mut self.0));
    }
}

/// Makes a message with this body, which is copied.
#[no_mangle]
pub unsafe extern "C" fn sb_message_new(
    body: sb_bytes,
    out: *mut *mut sb_message,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a place to write to, says the caller.
        let out = unsafe { Out::required(out, "out") }?;
        // SAFETY: as many bytes as it says, says the caller.
        let body = unsafe { body.read("body") }?;
        out.fill(sb_message(Message::new(body)));
        Ok(SB_OK)
    })
}

/// Sets the id of the message, at most 128 characters. Duplicate detection drops a second message with the same id.
#[no_mangle]
pub unsafe extern "C" fn sb_message_set_message_id(
    message: *mut sb_message,
    message_id: *const c_char,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a message that nothing else uses, says the caller.
        let message = unsafe { handle::lend_mut(message, "message") }?;
        // SAFETY: NULL or text that ends with a NUL, says the caller.
        let message_id = unsafe { view::text(message_id, "message_id") }?;
        message.change(|message| message.with_message_id(message_id));
        Ok(SB_OK)
    })
}

/// Sets an application property of the message to a text. A property of the same name is replaced.
#[no_mangle]
pub unsafe extern "C" fn sb_message_set_application_property_string(
    message: *mut sb_message,
    name: *const c_char,
    value: *const c_char,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a message that nothing else uses, says the caller.
        let message = unsafe { handle::lend_mut(message, "message") }?;
        // SAFETY: NULL or text that ends with a NUL, says the caller.
        let (name, value) = unsafe { (view::text(name, "name")?, view::text(value, "value")?) };
        message.change(|message| message.with_application_property(name, value));
        Ok(SB_OK)
    })
}

/// Frees a message. NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn sb_message_free(message: *mut sb_message) {
    infallible((), || {
        // SAFETY: NULL or a message that nothing uses any more, says the caller.
        unsafe { handle::free(message) };
    });
}
