//! How a sender is set up.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::client::Shared;
use crate::engine::sender::Terms;
use crate::error::Result;
use crate::model::entity::Entity;
use crate::sender::Sender;

const DEFAULT_BYTES_IN_FLIGHT: usize = 16 * 1024 * 1024;

/// Sets a [`Sender`] up; made by [`Client::queue_sender`](crate::Client::queue_sender) and
/// [`Client::topic_sender`](crate::Client::topic_sender).
#[must_use = "a builder does nothing before `open`"]
pub struct SenderBuilder {
    client: Arc<Shared>,
    entity: Result<Entity>,
    identifier: Option<String>,
    operation_timeout: Duration,
    resend_unknown: bool,
    max_bytes_in_flight: usize,
}

impl SenderBuilder {
    pub(crate) fn new(client: Arc<Shared>, entity: Result<Entity>) -> Self {
        SenderBuilder {
            operation_timeout: client.operation_timeout(),
            client,
            entity,
            identifier: None,
            resend_unknown: false,
            max_bytes_in_flight: DEFAULT_BYTES_IN_FLIGHT,
        }
    }

    /// How long each call may take as a whole; the client's value unless set.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = timeout;
        self
    }

    /// Whether a send is tried again although the service may have stored it: its answer was lost, or did not come within
    /// the time of one attempt. Not unless set, as every attempt may store the messages once more; an entity with
    /// duplicate detection drops the repetition by its message id. Messages without an id are not sent again.
    pub fn resend_unknown_outcomes(mut self, resend: bool) -> Self {
        self.resend_unknown = resend;
        self
    }

    /// How many bytes [`Sender::submit`] and [`Sender::send_all`] let be on their way before they wait for room; each
    /// message or batch counts as its encoded size and 512 bytes. 16 MiB unless set. What is larger travels alone.
    pub fn max_bytes_in_flight(mut self, bytes: usize) -> Self {
        self.max_bytes_in_flight = bytes;
        self
    }

    /// A name for this sender in the service's logs. A random one unless set.
    pub fn client_identifier(mut self, identifier: impl Into<String>) -> Self {
        self.identifier = Some(identifier.into());
        self
    }

    /// Opens the sender: connects unless the client is connected, authenticates, and attaches a link to the entity.
    /// Blocks at most for the operation time-out.
    ///
    /// # Errors
    ///
    /// `MessagingEntityNotFound`, `Authentication` for a refused credential, `Authorization` for one without the right
    /// to send, `Communication` where the service cannot be reached, `OperationTimeout`.
    pub fn open(self) -> Result<Sender> {
        let identifier = self
            .identifier
            .unwrap_or_else(|| format!("SBSender-{}", Uuid::new_v4()));
        let terms = Terms {
            entity: self.entity?,
            resend_unknown: self.resend_unknown,
            max_bytes_in_flight: self.max_bytes_in_flight,
        };
        Sender::open(self.client, terms, identifier, self.operation_timeout)
    }
}
