//! Why a link, session or connection ended, in the words of this crate's errors.

use servicebus_amqp::Cause;

use crate::error::{Error, ErrorKind};
use crate::mapping::conditions;

/// The error behind an end.
pub(crate) fn error_of(cause: &Cause) -> Error {
    match cause {
        // Who closed a handle has told its callers so already; here, a link was given up to be attached anew.
        Cause::Local => lost("the link was given up"),
        Cause::Detach(Some(error)) | Cause::End(Some(error)) => conditions::from_link_end(error),
        Cause::Close(Some(error)) => conditions::from_connection_close(error),
        Cause::Detach(None) => lost("the service detached the link"),
        Cause::End(None) => lost("the service ended the session"),
        Cause::Close(None) => lost("the service closed the connection"),
        Cause::Transport(text) => lost(&format!("connection lost: {text}")),
        Cause::IdleTimeout => lost("connection lost: the service fell silent"),
        Cause::Protocol(error) => {
            let text = error.description.as_deref().unwrap_or("protocol violated");
            lost(&format!("the service broke the protocol: {text}"))
        }
        Cause::Sasl(text) => Error::new(ErrorKind::Communication, format!("no login: {text}")),
    }
}

/// The error behind the end of a link that had stood. A right that is gone went with its token, which another one may
/// give back; where it does not, attaching anew is refused.
pub(crate) fn error_of_end(cause: &Cause) -> Error {
    let error = error_of(cause);
    match error.kind() {
        ErrorKind::Authorization => error.with_retryable(true),
        _ => error,
    }
}

/// An end that a new connection or link heals.
fn lost(message: &str) -> Error {
    Error::new(ErrorKind::Connection, message)
}
