//! How a client is set up.

use std::time::Duration;

use servicebus::ClientBuilder;

use crate::error::sb_error;
use crate::guard::{fallible, infallible};
use crate::handle::{self, Out};
use crate::status::{sb_status, SB_OK};
use crate::timeout;

/// How to make a client; `sb_client_from_connection_string` reads it and keeps nothing of it.
///
/// Methods: `sb_client_options_new`, `sb_client_options_set_operation_timeout`,
/// `sb_client_options_set_close_timeout`, `sb_client_options_free`.
#[derive(Default)]
pub struct sb_client_options {
    operation_timeout: Option<Duration>,
    close_timeout: Option<Duration>,
}

impl sb_client_options {
    pub(crate) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        let mut builder = builder;
        if let Some(timeout) = self.operation_timeout {
            builder = builder.operation_timeout(timeout);
        }
        if let Some(timeout) = self.close_timeout {
            builder = builder.close_timeout(timeout);
        }
        builder
    }
}

/// Makes options with every default.
#[no_mangle]
pub unsafe extern "C" fn sb_client_options_new(
    out: *mut *mut sb_client_options,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: NULL or a place to write to, says the caller.
    let error = unsafe { Out::optional(error) };
    fallible(error, || {
        // SAFETY: NULL or a place to write to, says the caller.
        let out = unsafe { Out::required(out, "out") }?;
        out.fill(sb_client_options::default());
        Ok(SB_OK)
    })
}

/// How long each call may take as a whole, in milliseconds: connecting, authenticating, attaching and the service's
/// answer together. 60,000 unless set.
#[no_mangle]
pub unsafe extern "C" fn sb_client_options_set_operation_timeout(
    options: *mut sb_client_options,
    operation_timeout_ms: i64,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: the same as this function demands.
    unsafe {
        set(options, error, |options| {
            options.operation_timeout = Some(timeout::duration(operation_timeout_ms)?);
            Ok(())
        })
    }
}

/// How long closing, or freeing what is open, may wait for the service, in milliseconds. 3,000 unless set.
#[no_mangle]
pub unsafe extern "C" fn sb_client_options_set_close_timeout(
    options: *mut sb_client_options,
    close_timeout_ms: i64,
    error: *mut *mut sb_error,
) -> sb_status {
    // SAFETY: the same as this function demands.
    unsafe {
        set(options, error, |options| {
            options.close_timeout = Some(timeout::duration(close_timeout_ms)?);
            Ok(())
        })
    }
}

/// Frees options. NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn sb_client_options_free(options: *mut sb_client_options) {
    infallible((), || {
        // SAFETY: NULL or options that nothing uses any more, says the caller.
        unsafe { handle::free(options) };
    });
}

/// # Safety
///
/// Each pointer is NULL or valid during the call, and nothing else uses the options.
unsafe fn set(
    options: *mut sb_client_options,
    error: *mut *mut sb_error,
    change: impl FnOnce(&mut sb_client_options) -> Result<(), sb_error>,
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
