//! Receiving from a queue or one of its sub-queues.

use std::sync::atomic::AtomicI64;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use log::debug;
use parking_lot::Mutex;

use crate::auto_lock_renewer::AutoLockRenewer;
use crate::client;
use crate::engine::inbound::Terms;
use crate::engine::receiver::Receiver as Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::messages::Messages;
use crate::model::deadline::Deadline;
use crate::model::received::ReceivedMessage;
use crate::model::session_request::SessionRequest;
use crate::peek::FIRST;
use crate::receive::Wait;
use crate::runtime::{HomeBound, Runtime};
use crate::session::Session;

/// How long [`Receiver::receive_messages`] waits for the first message unless told otherwise.
const DEFAULT_WAIT: Duration = Duration::from_secs(60);

/// Receives messages from one entity, and settles them.
///
/// A receiver is a cheap handle on one link: clones share it, and many threads may receive and settle at the same time.
/// The link is closed when the last clone is dropped, or by [`close`](Receiver::close). A link that was lost is attached
/// anew by the next call.
///
/// Messages are received one at a time by [iterating](Receiver::messages), or several at once by
/// [`receive_messages`](Receiver::receive_messages).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use servicebus::{Client, Message};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
/// # let client = Client::from_connection_string(&emulator.connection_string())?;
/// # client.queue_sender("orders").open()?.send_messages(Message::new("hello"))?;
///
/// let receiver = client
///     .queue_receiver("orders")
///     .max_wait_time(Duration::from_millis(100))
///     .open()?;
/// for message in &receiver {
///     let message = message?;
///     println!("{message}");
///     receiver.complete_message(&message)?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Receiver {
    shared: Arc<Shared>,
    operation_timeout: Duration,
}

struct Shared {
    engine: HomeBound<Engine>,
    max_wait_time: Option<Duration>,
    /// Where the next peek goes on.
    next_peek: AtomicI64,
    /// What ended the receiver for good; every later call returns it.
    fatal: Mutex<Option<Error>>,
    /// Kept alive for the messages of this receiver.
    _renewer: Option<AutoLockRenewer>,
    // Dropped last: the client's thread serves the close of this link.
    client: Arc<client::Shared>,
}

impl Receiver {
    pub(crate) fn open(
        client: Arc<client::Shared>,
        terms: Terms,
        identifier: String,
        max_wait_time: Option<Duration>,
        operation_timeout: Duration,
        renewer: Option<AutoLockRenewer>,
    ) -> Result<Self> {
        let open_timeout = match terms.session {
            Some(SessionRequest::NextAvailable(Some(wait))) if !wait.is_zero() => wait,
            _ => operation_timeout,
        };
        let entity = terms.entity.clone();
        let engine = Engine::new(client.namespace(), identifier, terms);
        let deadline = Deadline::after(open_timeout);
        let opening = engine.clone();
        client
            .runtime()
            .call(deadline, move || async move {
                opening.open(deadline).await?;
                opening.keep_own_session()
            })
            .map_err(|error| {
                error
                    .in_operation("open receiver from")
                    .with_entity(entity.to_string())
            })?;
        Ok(Receiver {
            shared: Arc::new(Shared {
                engine: HomeBound::new(engine),
                max_wait_time,
                next_peek: AtomicI64::new(FIRST),
                fatal: Mutex::new(None),
                _renewer: renewer,
                client,
            }),
            operation_timeout,
        })
    }

    /// Waits for one message: for `wait`, or with `None` until one comes. `Ok(None)` where none came in time; a zero
    /// wait takes what the service has at the moment.
    ///
    /// # Errors
    ///
    /// `Closed` once the receiver is closed, by another thread too. `Connection` where the link was lost while the call
    /// waited, which the next call heals; what ended the receiver for good is returned by every later call.
    pub fn next_message(
        &self,
        wait: impl Into<Option<Duration>>,
    ) -> Result<Option<ReceivedMessage>> {
        self.receive(1, wait.into())
            .map(|mut messages| messages.pop())
    }

    /// Receives up to `max_count` messages: waits for the first one for `max_wait`, or 60 seconds with `None`, then
    /// takes what follows without a gap of 20 milliseconds. Empty where none came in time; a zero wait takes what the
    /// service has at the moment. Without prefetch, no other message is locked when the call returns.
    ///
    /// # Errors
    ///
    /// As [`next_message`](Receiver::next_message); `InvalidArgument` for a count of 0.
    pub fn receive_messages(
        &self,
        max_count: usize,
        max_wait: impl Into<Option<Duration>>,
    ) -> Result<Vec<ReceivedMessage>> {
        if max_count == 0 {
            let error = Error::invalid_argument("the count of messages is 0");
            return Err(self.describe(error, "receive from"));
        }
        self.receive(max_count, Some(max_wait.into().unwrap_or(DEFAULT_WAIT)))
    }

    /// Iterates over messages as they arrive; `for message in &receiver` does the same.
    ///
    /// It ends after [`max_wait_time`](crate::ReceiverBuilder::max_wait_time) without a message, when the receiver is
    /// closed, and after it has returned an error that no later call can heal. A new iterator goes on with the next
    /// message.
    pub fn messages(&self) -> Messages<'_> {
        Messages::borrowed(self)
    }

    pub(crate) fn max_wait_time(&self) -> Option<Duration> {
        self.shared.max_wait_time
    }

    fn receive(&self, max_count: usize, wait: Option<Duration>) -> Result<Vec<ReceivedMessage>> {
        const OPERATION: &str = "receive from";
        // First of all: a forked child may wait for no lock.
        self.check_may_wait()
            .map_err(|error| self.describe(error, OPERATION))?;
        if let Some(error) = &*self.shared.fatal.lock() {
            return Err(error.clone());
        }
        let waiting = Wait {
            engine: &self.shared.engine,
            runtime: self.runtime(),
            operation_timeout: self.operation_timeout,
        };
        waiting.receive(max_count, wait).map_err(|error| {
            let error = self.describe(error, OPERATION);
            if is_fatal(&error) {
                *self.shared.fatal.lock() = Some(error.clone());
            }
            error
        })
    }

    /// The session that the receiver holds; `None` unless it was opened with
    /// [`session_id`](crate::ReceiverBuilder::session_id) or
    /// [`next_available_session`](crate::ReceiverBuilder::next_available_session).
    pub fn session(&self) -> Option<Session> {
        let link = self.shared.engine.last_link()?;
        let id = link.session()?.id().clone();
        Some(Session::new(self.clone(), id))
    }

    pub(crate) fn session_locked_until(&self) -> Option<DateTime<Utc>> {
        let link = self.shared.engine.last_link()?;
        link.session()?.expiry().map(|expiry| expiry.until)
    }

    pub(crate) fn session_renew_error(&self) -> Option<Error> {
        let link = self.shared.engine.last_link()?;
        link.session()?.renewal().error()
    }

    /// The same receiver with another time-out for its calls. The wait for messages is not limited by it.
    #[must_use]
    pub fn with_timeout(&self, operation_timeout: Duration) -> Self {
        Receiver {
            shared: self.shared.clone(),
            operation_timeout,
        }
    }

    /// Closes the receiver and all its clones. Calls that wait in other threads end at once with `Closed`, iterators
    /// with `None`. Messages at hand go back to the queue, uncounted as deliveries; in receive-and-delete mode, where
    /// they cannot, they can still be received. Blocks until the service has answered, at most for the client's close
    /// time-out. A second close does nothing.
    ///
    /// Messages that were handed out can still be settled, until their locks end, by another receiver of the same
    /// entity.
    ///
    /// # Errors
    ///
    /// `OperationTimeout` where the service did not answer; the receiver is closed all the same.
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
        self.runtime()
            .call(deadline, move || work(engine, deadline))
            .map_err(|error| self.describe(error, operation))
    }

    pub(crate) fn describe(&self, error: Error, operation: &'static str) -> Error {
        let entity = self.shared.engine.entity().to_string();
        error.in_operation(operation).with_entity(entity)
    }

    pub(crate) fn engine(&self) -> &HomeBound<Engine> {
        &self.shared.engine
    }

    pub(crate) fn next_peek(&self) -> &AtomicI64 {
        &self.shared.next_peek
    }

    pub(crate) fn check_may_wait(&self) -> Result<()> {
        self.runtime().check_may_wait()
    }

    pub(crate) fn client(&self) -> &Arc<client::Shared> {
        &self.shared.client
    }

    fn runtime(&self) -> &Runtime {
        self.shared.client.runtime()
    }
}

/// Whether no later call on the receiver can succeed.
fn is_fatal(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::MessagingEntityNotFound
            | ErrorKind::MessagingEntityDisabled
            | ErrorKind::Authorization
            | ErrorKind::Authentication
            | ErrorKind::SessionLockLost
    )
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver")
            .field("entity", &self.shared.engine.entity().to_string())
            .field("mode", &self.shared.engine.mode())
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
            .map_err(|error| {
                error
                    .in_operation("close receiver from")
                    .with_entity(self.engine.entity().to_string())
            })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.client.runtime().may_wait_in_drop() {
            if let Err(error) = self.close() {
                debug!(target: "servicebus::receiver", "{error}");
            }
        }
    }
}
