//! An AMQP session that ends with its owner.

use servicebus_amqp::SessionId;

use super::connection::Connection;
use super::failure::error_of;
use crate::error::Result;

/// A session of a connection; dropping it ends it, with all its links.
pub(crate) struct Session {
    connection: Connection,
    id: SessionId,
    /// The links of several senders and receivers are in it.
    shared: bool,
}

impl Session {
    /// A session for one sender, receiver or node.
    pub(crate) async fn begin(connection: Connection) -> Result<Self> {
        Self::open(connection, false).await
    }

    /// A session that all senders and receivers of a connection share.
    pub(crate) async fn begin_shared(connection: Connection) -> Result<Self> {
        Self::open(connection, true).await
    }

    async fn open(connection: Connection, shared: bool) -> Result<Self> {
        let id = connection.begin().await.map_err(|cause| error_of(&cause))?;
        Ok(Session {
            connection,
            id,
            shared,
        })
    }

    /// Ends it now, though others own it too.
    pub(crate) fn end(&self) {
        self.connection.end(self.id);
    }

    pub(crate) fn is_shared(&self) -> bool {
        self.shared
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn id(&self) -> SessionId {
        self.id
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
    }
}
