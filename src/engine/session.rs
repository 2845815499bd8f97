//! An AMQP session that ends with its owner.

use servicebus_amqp::SessionId;

use super::connection::Connection;
use super::failure::error_of;
use crate::error::Result;

/// A session of a connection; dropping it ends it, with all its links.
pub(crate) struct Session {
    connection: Connection,
    id: SessionId,
}

impl Session {
    pub(crate) async fn begin(connection: Connection) -> Result<Self> {
        let id = connection.begin().await.map_err(|cause| error_of(&cause))?;
        Ok(Session { connection, id })
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
        self.connection.end(self.id);
    }
}
