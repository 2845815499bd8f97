//! How a receiver is set up.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::auto_lock_renewer::AutoLockRenewer;
use crate::client::Shared;
use crate::engine::inbound::Terms;
use crate::error::{Error, Result};
use crate::model::entity::Entity;
use crate::model::options::{ReceiveMode, SubQueue};
use crate::model::session_request::SessionRequest;
use crate::receiver::Receiver;

/// The most messages that a receiver may keep at hand, as in Microsoft's clients.
const MAX_PREFETCH: u32 = 50_000;
const DEFAULT_MAX_BUFFERED_BYTES: usize = 64 * 1024 * 1024;

/// Sets a [`Receiver`] up; made by [`Client::queue_receiver`](crate::Client::queue_receiver).
#[must_use = "a builder does nothing before `open`"]
pub struct ReceiverBuilder {
    client: Arc<Shared>,
    entity: Result<Entity>,
    identifier: Option<String>,
    mode: ReceiveMode,
    prefetch: u32,
    max_buffered_bytes: usize,
    max_wait_time: Option<Duration>,
    operation_timeout: Duration,
    settle_in_ranges: bool,
    session: Option<SessionRequest>,
    renewer: Option<AutoLockRenewer>,
}

impl ReceiverBuilder {
    pub(crate) fn new(client: Arc<Shared>, entity: Result<Entity>) -> Self {
        ReceiverBuilder {
            operation_timeout: client.operation_timeout(),
            client,
            entity,
            identifier: None,
            mode: ReceiveMode::default(),
            prefetch: 0,
            max_buffered_bytes: DEFAULT_MAX_BUFFERED_BYTES,
            max_wait_time: None,
            settle_in_ranges: true,
            session: None,
            renewer: None,
        }
    }

    /// Whether messages are locked until they are settled, which is the default, or deleted when they are sent to this
    /// receiver.
    pub fn receive_mode(mut self, mode: ReceiveMode) -> Self {
        self.mode = mode;
        self
    }

    /// Receives from a queue that belongs to the entity, for example its dead-letter queue.
    pub fn sub_queue(mut self, sub_queue: SubQueue) -> Self {
        self.entity = self.entity.map(|entity| entity.sub_queue(sub_queue));
        self
    }

    /// Receives from this session, which may be empty or have no messages yet, and locks it meanwhile. Opening fails with
    /// `SessionCannotBeLocked` while another receiver holds it.
    pub fn session_id(mut self, id: impl Into<String>) -> Self {
        self.session = Some(SessionRequest::Named(id.into()));
        self
    }

    /// Receives from a session that has messages and that nobody holds, and locks it. Opening waits so long for one to
    /// appear, then fails with `OperationTimeout`; connecting draws from the wait too. A zero wait takes what there is
    /// at the moment; with `None`, the service waits for about a minute, at most for the operation time-out.
    pub fn next_available_session(mut self, wait: impl Into<Option<Duration>>) -> Self {
        self.session = Some(SessionRequest::NextAvailable(wait.into()));
        self
    }

    /// How many messages to keep at hand without waiting for a call, at most 50,000. With 0, the default, messages are
    /// asked for when a call wants them, and none stays locked that no call returned. Locks of prefetched messages run
    /// while they wait.
    pub fn prefetch_count(mut self, count: u32) -> Self {
        self.prefetch = count;
        self
    }

    /// No more messages are asked for while the bodies of those at hand exceed this many bytes. 64 MiB unless set.
    pub fn max_buffered_bytes(mut self, bytes: usize) -> Self {
        self.max_buffered_bytes = bytes;
        self
    }

    /// Renews the lock on each message from its arrival, while it waits to be received too, until it is settled or
    /// dropped; for a receiver with a session the lock on that, until the receiver is closed. Neither longer than the
    /// renewer's [`max_duration`](crate::AutoLockRenewerBuilder::max_duration). The receiver keeps the renewer alive.
    pub fn auto_lock_renewer(mut self, renewer: &AutoLockRenewer) -> Self {
        self.renewer = Some(renewer.clone());
        self
    }

    /// How long an iterator waits for a message before it ends. Unless set, it waits until the receiver is closed.
    pub fn max_wait_time(mut self, wait: Duration) -> Self {
        self.max_wait_time = Some(wait);
        self
    }

    /// Whether equal verdicts on messages that came one after the other share a frame, as AMQP allows (1.0, 2.7.6). They
    /// do unless set; `false` sends each by itself, for something on the way that does not understand ranges.
    pub fn settle_in_ranges(mut self, ranges: bool) -> Self {
        self.settle_in_ranges = ranges;
        self
    }

    /// How long each call but the wait for messages may take as a whole; the client's value unless set.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = timeout;
        self
    }

    /// A name for this receiver in the service's logs and error texts. A random one unless set.
    pub fn client_identifier(mut self, identifier: impl Into<String>) -> Self {
        self.identifier = Some(identifier.into());
        self
    }

    /// Opens the receiver: connects unless the client is connected, authenticates, and attaches a link to the entity.
    /// Blocks at most for the operation time-out.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a prefetch count above 50,000, and for an auto-lock renewer in receive-and-delete mode, where
    /// there are no locks; `Closed` where the renewer is. `MessagingEntityNotFound`, `Authentication` for a refused
    /// credential, `Authorization` for one without the right to listen, `Communication` where the service cannot be
    /// reached, `OperationTimeout`; `SessionCannotBeLocked` for a session that another receiver holds, `InvalidOperation`
    /// for an entity that has sessions where none was asked for, and the reverse.
    pub fn open(self) -> Result<Receiver> {
        if self.prefetch > MAX_PREFETCH {
            return Err(Error::invalid_argument(format!(
                "prefetch count {} is above {MAX_PREFETCH}",
                self.prefetch
            )));
        }
        if self.renewer.is_some() && self.mode == ReceiveMode::ReceiveAndDelete {
            return Err(Error::invalid_argument(
                "there are no locks to renew in receive-and-delete mode",
            ));
        }
        let renewals = match &self.renewer {
            Some(renewer) => Some(renewer.running()?),
            None => None,
        };
        let identifier = self
            .identifier
            .unwrap_or_else(|| format!("SBReceiver-{}", Uuid::new_v4()));
        let terms = Terms {
            entity: self.entity?,
            mode: self.mode,
            prefetch: self.prefetch,
            max_buffered_bytes: self.max_buffered_bytes,
            settle_in_ranges: self.settle_in_ranges,
            session: self.session,
            renewals,
        };
        Receiver::open(
            self.client,
            terms,
            identifier,
            self.max_wait_time,
            self.operation_timeout,
            self.renewer,
        )
    }
}
