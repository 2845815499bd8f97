//! The client, and the way from it to senders and receivers.

use std::ffi::c_char;

use servicebus::{Client, ClientBuilder};

use crate::client_options::sb_client_options;
use crate::error::sb_error;
use crate::guard::{fallible, infallible};
use crate::handle::{self, Out};
use crate::receiver::sb_receiver;
use crate::receiver_options::sb_receiver_options;
use crate::sender::sb_sender;
use crate::status::{sb_status, SB_OK};
use crate::{timeout, view};

/// A client of one Service Bus namespace. It holds one connection, which its senders and receivers share; the
/// connection is made when the first of them is opened, and made anew when it was lost. Threads may share a client.
///
/// Methods: `sb_client_from_connection_string`, `sb_client_queue_sender`, `sb_client_queue_receiver`,
/// `sb_client_close`, `sb_client_free`.
pub struct sb_client(Client);

/// Makes a client from a connection string, as the Azure portal shows it. Nothing is sent yet.
///
/// The transport is TLS on the port given, else 5671; with "UseDevelopmentEmulator=true" plain TCP on the port given,
/// else 5672. `options` may be NULL.
///
/// Fails with `SB_INVALID_ARGUMENT` for a malformed string; the message names the key, never a value.
#[no_mangle]
pub unsafe extern "C" fn sb_client_from_connection_string(
    connection_string: *const c_char,
    options: *const sb_client_options,
    out: *mut *mut sb_client,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a place to write to, says the caller.
        let out = unsafe { Out::required(out, "out") }?;
        // SAFETY: NULL or text that ends with a NUL, says the caller.
        let text = unsafe { view::text(connection_string, "connection_string") }?;
        // SAFETY: NULL or options that are not freed, says the caller.
        let options = unsafe { handle::look(options) };
        let mut builder = ClientBuilder::from_connection_string(text)?;
        if let Some(options) = options {
            builder = options.apply(builder);
        }
        out.fill(sb_client(builder.build()?));
        Ok(SB_OK)
    })
}

/// Opens a sender to a queue: connects unless the client is connected, authenticates, and attaches a link. Another
/// time-out than -1 is also that of the sender's own calls, where they are given -1.
///
/// Fails with `SB_MESSAGING_ENTITY_NOT_FOUND`, `SB_AUTHENTICATION` for a refused credential, `SB_AUTHORIZATION` for one
/// without the right to send, `SB_COMMUNICATION` where the service cannot be reached, `SB_OPERATION_TIMEOUT`.
#[no_mangle]
pub unsafe extern "C" fn sb_client_queue_sender(
    client: *mut sb_client,
    queue: *const c_char,
    timeout_ms: i64,
    out: *mut *mut sb_sender,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a place to write to, says the caller.
        let out = unsafe { Out::required(out, "out") }?;
        // SAFETY: NULL or a client that is not freed, says the caller.
        let client = unsafe { handle::lend(client, "client") }?;
        // SAFETY: NULL or text that ends with a NUL, says the caller.
        let queue = unsafe { view::text(queue, "queue") }?;
        let mut builder = client.0.queue_sender(queue);
        if let Some(timeout) = timeout::of_call(timeout_ms)? {
            builder = builder.operation_timeout(timeout);
        }
        out.fill(sb_sender(builder.open()?));
        Ok(SB_OK)
    })
}

/// Opens a receiver from a queue: connects unless the client is connected, authenticates, and attaches a link. Another
/// time-out than -1 is also that of the receiver's own calls but the wait for messages, where they are given -1.
/// `options` may be NULL.
///
/// Fails with `SB_INVALID_ARGUMENT` for a prefetch count above 50,000, `SB_MESSAGING_ENTITY_NOT_FOUND`,
/// `SB_AUTHENTICATION` for a refused credential, `SB_AUTHORIZATION` for one without the right to listen,
/// `SB_COMMUNICATION` where the service cannot be reached, `SB_OPERATION_TIMEOUT`.
#[no_mangle]
pub unsafe extern "C" fn sb_client_queue_receiver(
    client: *mut sb_client,
    queue: *const c_char,
    options: *const sb_receiver_options,
    timeout_ms: i64,
    out: *mut *mut sb_receiver,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a place to write to, says the caller.
        let out = unsafe { Out::required(out, "out") }?;
        // SAFETY: NULL or a client that is not freed, says the caller.
        let client = unsafe { handle::lend(client, "client") }?;
        // SAFETY: NULL or text that ends with a NUL, says the caller.
        let queue = unsafe { view::text(queue, "queue") }?;
        // SAFETY: NULL or options that are not freed, says the caller.
        let options = unsafe { handle::look(options) };
        let mut builder = client.0.queue_receiver(queue);
        if let Some(options) = options {
            builder = options.apply(builder);
        }
        if let Some(timeout) = timeout::of_call(timeout_ms)? {
            builder = builder.operation_timeout(timeout);
        }
        out.fill(sb_receiver {
            receiver: builder.open()?,
            max_wait_time: options.and_then(|options| options.max_wait_time),
        });
        Ok(SB_OK)
    })
}

/// Closes a client with all its senders and receivers. Calls that wait on them in other threads end at once with
/// `SB_CLOSED`. Blocks until the service has answered, at most for the close time-out. A second close does nothing.
///
/// Fails with `SB_OPERATION_TIMEOUT` where the service did not answer; the client is closed all the same.
#[no_mangle]
pub unsafe extern "C" fn sb_client_close(
    client: *mut sb_client,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a client that is not freed, says the caller.
        let client = unsafe { handle::lend(client, "client") }?;
        client.0.close()?;
        Ok(SB_OK)
    })
}

/// Frees a client. Its senders and receivers live on; the connection is closed with the last of them. NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn sb_client_free(client: *mut sb_client) {
    infallible((), || {
        // SAFETY: NULL or a client that nothing uses any more, says the caller.
        unsafe { handle::free(client) };
    });
}
