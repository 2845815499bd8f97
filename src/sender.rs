//! Sending to a queue.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use log::debug;
use parking_lot::Mutex;

use crate::batch::MessageBatch;
use crate::client;
use crate::engine::closing::closed_error;
use crate::engine::sender::{Sender as Engine, Terms};
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::attach::Limits;
use crate::mapping::batch::Payload;
use crate::model::deadline::Deadline;
use crate::model::entity::Entity;
use crate::model::options::MessageBatchOptions;
use crate::runtime::{HomeBound, Runtime, Started};
use crate::sendable::{payload, Sendable};
use crate::trace_source::TraceSource;

/// Sends messages to one queue.
///
/// A sender is a cheap handle on one link: clones share it, and many threads may send at the same time. The link is
/// closed when the last clone is dropped, or by [`close`](Sender::close). A link that was lost is attached anew by the
/// next call.
#[derive(Clone)]
pub struct Sender {
    shared: Arc<Shared>,
    operation_timeout: Duration,
}

struct Shared {
    engine: HomeBound<Engine>,
    /// As the service last stated them.
    limits: Mutex<Limits>,
    // Dropped last: the client's thread serves the close of this link.
    client: Arc<client::Shared>,
}

impl Sender {
    pub(crate) fn open(
        client: Arc<client::Shared>,
        terms: Terms,
        identifier: String,
        operation_timeout: Duration,
    ) -> Result<Self> {
        let engine = Engine::new(client.namespace(), identifier, terms);
        let deadline = Deadline::after(operation_timeout);
        let opening = engine.clone();
        let limits = client
            .runtime()
            .call(
                deadline,
                move || async move { opening.open(deadline).await },
            )
            .map_err(|error| describe(error, "open sender to", engine.entity()))?;
        Ok(Sender {
            shared: Arc::new(Shared {
                engine: HomeBound::new(engine),
                limits: Mutex::new(limits),
                client,
            }),
            operation_timeout,
        })
    }

    /// Sends a message, a list of messages, or a batch, and waits until the service has stored it.
    ///
    /// A list is sent as one batch: the service stores all of its messages or none. An empty list or batch sends
    /// nothing. Messages may be lent or given; a lent one can be sent again. Blocks at most for the operation
    /// time-out, which the attaching of a lost link and further attempts (see [`RetryOptions`](crate::RetryOptions)) draw
    /// from too.
    ///
    /// # Errors
    ///
    /// `MessageSizeExceeded` where the message or the list is larger than the entity takes; nothing was sent then.
    /// `QuotaExceeded`, `ServerBusy`, `MessagingEntityNotFound`, `MessagingEntityDisabled` as the service says.
    /// `OperationTimeout`, `Connection` or `Closed` with
    /// [`is_outcome_unknown`](crate::Error::is_outcome_unknown) where the message had left and its answer never came:
    /// it may be stored.
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::{Client, Message};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let sender = client.queue_sender("orders").open()?;
    /// sender.send_messages(Message::new("single"))?;
    /// sender.send_messages(vec![Message::new("first"), Message::new("second")])?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send_messages(&self, messages: impl Sendable) -> Result<()> {
        self.send_with(messages, |engine, payload, deadline| async move {
            engine.send(payload, deadline).await
        })
    }

    /// Encodes messages and has them sent in the way of `send`.
    pub(crate) fn send_with<F, Fut>(&self, messages: impl Sendable, send: F) -> Result<()>
    where
        F: FnOnce(Arc<Engine>, Payload, Deadline) -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        const OPERATION: &str = "send to";
        // First of all: a forked child may wait for no lock.
        let runtime = self.shared.client.runtime();
        let payload = runtime
            .check_may_wait()
            .and_then(|()| payload(&messages, self.limits(), self.trace_source()))
            .map_err(|error| self.describe(error, OPERATION))?;
        let Some(payload) = payload else {
            return Ok(());
        };
        self.call(OPERATION, move |engine, deadline| {
            send(engine, payload, deadline)
        })
    }

    pub(crate) fn engine(&self) -> &HomeBound<Engine> {
        &self.shared.engine
    }

    pub(crate) fn client(&self) -> &Arc<client::Shared> {
        &self.shared.client
    }

    /// An empty batch, to be filled up to the largest size that the entity takes. Attaches the link if it was lost.
    ///
    /// # Errors
    ///
    /// Those of opening a sender, where the link has to be attached anew.
    pub fn create_message_batch(&self) -> Result<MessageBatch> {
        self.create_message_batch_with(MessageBatchOptions::new())
    }

    /// An empty batch, as [`create_message_batch`](Sender::create_message_batch) makes, with options.
    ///
    /// # Errors
    ///
    /// As well as those, `InvalidArgument` for a size that the entity does not take.
    pub fn create_message_batch_with(&self, options: MessageBatchOptions) -> Result<MessageBatch> {
        const OPERATION: &str = "create batch for";
        let limits = self.call(OPERATION, |engine, deadline| async move {
            engine.open(deadline).await
        })?;
        *self.shared.limits.lock() = limits;
        let limit = usize::try_from(limits.batch).unwrap_or(usize::MAX);
        match options.max_size_in_bytes {
            Some(size) if size > limit => {
                let error = Error::new(
                    ErrorKind::InvalidArgument,
                    format!(
                        "a batch of {size} bytes exceeds the {limit} bytes that the entity takes"
                    ),
                );
                Err(self.describe(error, OPERATION))
            }
            size => Ok(MessageBatch::new(
                size.unwrap_or(limit),
                self.trace_source().clone(),
            )),
        }
    }

    /// Lets an encoded message or batch leave, as soon as there is room for it, without waiting for the service's answer.
    ///
    /// # Errors
    /// Where nothing left, and nothing more will until the deadline. The thread must be one that may wait.
    pub(crate) fn start(&self, payload: Payload, deadline: Deadline) -> Result<Started<()>> {
        let engine = self.shared.engine.share();
        let size = payload.bytes.len();
        let reserved = match engine.try_reserve(size) {
            Some(reserved) => reserved,
            None => {
                let engine = engine.clone();
                self.runtime().call(deadline, move || async move {
                    engine.reserve(size, deadline).await
                })?
            }
        };
        // Room that comes free because everything else was closed, or timed out, comes too late.
        if engine.closing().is_closed() {
            return Err(closed_error());
        }
        if deadline.remaining().is_some_and(|left| left.is_zero()) {
            return Err(Error::new(
                ErrorKind::OperationTimeout,
                "the deadline passed before there was room; nothing was sent",
            ));
        }
        Ok(self.runtime().begin(move || async move {
            let sent = engine.send(payload, deadline).await;
            drop(reserved);
            sent
        }))
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        self.shared.client.runtime()
    }

    pub(crate) fn trace_source(&self) -> &TraceSource {
        self.shared.client.trace_source()
    }

    /// What the entity takes, as the service last said.
    pub(crate) fn limits(&self) -> Limits {
        *self.shared.limits.lock()
    }

    /// By when a call that begins now must have returned.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::after(self.operation_timeout)
    }

    pub(crate) fn describe(&self, error: Error, operation: &'static str) -> Error {
        describe(error, operation, self.shared.engine.entity())
    }

    /// The same sender with another time-out for its calls.
    #[must_use]
    pub fn with_timeout(&self, operation_timeout: Duration) -> Self {
        Sender {
            shared: self.shared.clone(),
            operation_timeout,
        }
    }

    /// Closes the sender and all its clones. Calls that wait in other threads end at once with `Closed`. Blocks until
    /// the service has answered, at most for the client's close time-out. A second close does nothing.
    ///
    /// # Errors
    ///
    /// `OperationTimeout` where the service did not answer; the sender is closed all the same.
    pub fn close(&self) -> Result<()> {
        self.shared.close()
    }

    /// Runs an operation of the engine within the time-out of this handle.
    pub(crate) fn call<F, Fut, T>(&self, operation: &'static str, work: F) -> Result<T>
    where
        F: FnOnce(Arc<Engine>, Deadline) -> Fut + Send + 'static,
        Fut: std::future::Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let engine = self.shared.engine.share();
        let deadline = Deadline::after(self.operation_timeout);
        self.shared
            .client
            .runtime()
            .call(deadline, move || work(engine, deadline))
            .map_err(|error| self.describe(error, operation))
    }
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender")
            .field("entity", &self.shared.engine.entity().to_string())
            .field("closed", &self.shared.engine.closing().is_closed())
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn close(&self) -> Result<()> {
        let engine = self.engine.share();
        let close = |deadline| async move { engine.close(deadline).await };
        self.client
            .close_part(self.engine.closing(), close)
            .map_err(|error| describe(error, "close sender to", self.engine.entity()))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.client.runtime().may_wait_in_drop() {
            if let Err(error) = self.close() {
                debug!(target: "servicebus::sender", "{error}");
            }
        }
    }
}

fn describe(error: Error, operation: &'static str, entity: &Entity) -> Error {
    error
        .in_operation(operation)
        .with_entity(entity.to_string())
}
