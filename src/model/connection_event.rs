//! What happens to a client's connection.

use crate::error::Error;

/// Something that happened to a client's connection; [`ClientBuilder::on_connection_event`] tells of it.
///
/// After `Connecting` comes `Connected` or `Lost`, after `Connected` comes `Lost`, unless the client is closed first:
/// `Closed` may come at any time, and is the last.
///
/// [`ClientBuilder::on_connection_event`]: crate::ClientBuilder::on_connection_event
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConnectionEvent {
    /// A connection is being made: somebody needs one, and there is none.
    Connecting,
    /// The service has opened the connection.
    Connected,
    /// The connection is gone, or could not be made. The next call, or one that waits, connects again.
    #[non_exhaustive]
    Lost {
        /// Why.
        cause: Error,
    },
    /// The client was closed, and its connection with it.
    Closed,
}
