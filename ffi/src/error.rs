//! Errors as objects.

use servicebus::{Error, ErrorKind};

use crate::guard::infallible;
use crate::handle;
use crate::status::{sb_status, SB_OK};
use crate::view::{sb_str, Text};

/// Why a call failed, in detail. A function that fails makes one where its `error` argument is not NULL; whoever called
/// it frees it.
///
/// Methods: `sb_error_code`, `sb_error_message`, `sb_error_condition`, `sb_error_is_retryable`,
/// `sb_error_is_outcome_unknown`, `sb_error_free`.
pub struct sb_error {
    code: sb_status,
    message: Text,
    condition: Option<Text>,
    retryable: bool,
    outcome_unknown: bool,
}

impl sb_error {
    pub(crate) fn invalid_argument(message: String) -> Self {
        Self::own(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn internal(message: String) -> Self {
        Self::own(ErrorKind::Internal, message)
    }

    /// An error that arises at the border, before or after the call it would wrap.
    fn own(kind: ErrorKind, message: String) -> Self {
        sb_error {
            code: kind.code(),
            message: Text::new(message),
            condition: None,
            retryable: false,
            outcome_unknown: false,
        }
    }

    pub(crate) fn code(&self) -> sb_status {
        self.code
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        self.message.as_str()
    }
}

impl From<Error> for sb_error {
    fn from(error: Error) -> Self {
        sb_error {
            code: error.kind().code(),
            message: Text::new(error.to_string()),
            condition: error.condition().map(Text::new),
            retryable: error.is_retryable(),
            outcome_unknown: error.is_outcome_unknown(),
        }
    }
}

impl std::fmt::Debug for sb_error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("sb_error")
            .field("code", &self.code)
            .field("message", &self.message.as_str())
            .finish_non_exhaustive()
    }
}

/// What went wrong: the status that the failed call returned. `SB_OK` for NULL.
#[no_mangle]
pub unsafe extern "C" fn sb_error_code(error: *const sb_error) -> sb_status {
    infallible(SB_OK, || {
        // SAFETY: NULL or an error that is not freed, says the caller.
        let error = unsafe { handle::look(error) };
        error.map_or(SB_OK, sb_error::code)
    })
}

/// What went wrong, for people: operation, entity and cause, never a key or token. The wording may change.
#[no_mangle]
pub unsafe extern "C" fn sb_error_message(error: *const sb_error) -> sb_str {
    infallible(sb_str::NONE, || {
        // SAFETY: NULL or an error that is not freed, says the caller.
        let error = unsafe { handle::look(error) };
        error.map_or(sb_str::NONE, |error| error.message.view())
    })
}

/// The AMQP error condition the service gave, for example "com.microsoft:message-lock-lost". No text where it gave
/// none.
#[no_mangle]
pub unsafe extern "C" fn sb_error_condition(error: *const sb_error) -> sb_str {
    infallible(sb_str::NONE, || {
        // SAFETY: NULL or an error that is not freed, says the caller.
        let error = unsafe { handle::look(error) };
        let condition = error.and_then(|error| error.condition.as_ref());
        condition.map_or(sb_str::NONE, Text::view)
    })
}

/// Whether the same call may succeed later without any change by the caller.
#[no_mangle]
pub unsafe extern "C" fn sb_error_is_retryable(error: *const sb_error) -> bool {
    infallible(false, || {
        // SAFETY: NULL or an error that is not freed, says the caller.
        let error = unsafe { handle::look(error) };
        error.is_some_and(|error| error.retryable)
    })
}

/// Whether the service may have carried out the operation although the call failed: it left, and its answer never came.
/// Sending again may then duplicate a message.
#[no_mangle]
pub unsafe extern "C" fn sb_error_is_outcome_unknown(error: *const sb_error) -> bool {
    infallible(false, || {
        // SAFETY: NULL or an error that is not freed, says the caller.
        let error = unsafe { handle::look(error) };
        error.is_some_and(|error| error.outcome_unknown)
    })
}

/// Frees an error. NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn sb_error_free(error: *mut sb_error) {
    infallible((), || {
        // SAFETY: NULL or an error that nothing uses any more, says the caller.
        unsafe { handle::free(error) };
    });
}
