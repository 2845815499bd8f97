use std::time::Duration;

/// Which session a receiver asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionRequest {
    /// This one, even if it has no messages.
    Named(String),
    /// Any that nobody holds and that has messages; the service waits so long for one to appear.
    NextAvailable(Option<Duration>),
}
