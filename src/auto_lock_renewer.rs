//! Renewing locks in the background.

use std::sync::Arc;
use std::time::Duration;

use log::debug;
use parking_lot::Mutex;

use crate::auto_lock_renewer_builder::{AutoLockRenewerBuilder, OnFailure};
use crate::engine::closing::closed_error;
use crate::engine::renewals::Renewals;
use crate::error::Result;
use crate::model::received::ReceivedMessage;
use crate::receiver::Receiver;
use crate::runtime::{HomeBound, Worker};

/// How long closing waits for the thread, which may be in the middle of a callback.
const CLOSE_LIMIT: Duration = Duration::from_secs(3);

/// Renews locks on messages and sessions in the background, so that they can be worked on for longer than a lock lasts.
///
/// Locks are registered one by one, by [`register`](AutoLockRenewer::register) and
/// [`register_session`](AutoLockRenewer::register_session), or all that a receiver gets, from their arrival, by
/// [`ReceiverBuilder::auto_lock_renewer`](crate::ReceiverBuilder::auto_lock_renewer). Any number of receivers, also of
/// several clients, may share a renewer. It has one thread, started with the first registration, for all its locks; those
/// of one receiver that are due at about the same time are renewed with one request.
///
/// A lock is renewed when half of what was left of it is over, until
///
/// - the message is settled or dropped, or its receiver or the renewer is closed: renewing ends without a word;
/// - the time for which it was to be renewed is over: `AutoLockRenewTimeout`. The lock may last a little longer;
/// - the service says that the lock is lost, or refuses for another reason that will not pass; or the lock ran out after
///   failures that may pass, which are tried again meanwhile: `AutoLockRenewFailed` with the cause.
///
/// Errors are kept with the message or session, see
/// [`ReceivedMessage::auto_renew_error`](crate::ReceivedMessage::auto_renew_error) and
/// [`Session::auto_renew_error`](crate::Session::auto_renew_error), and handed to
/// [`on_failure`](AutoLockRenewerBuilder::on_failure), once for each lock.
///
/// What is left of a lock is counted by the monotonic clock, from what the service said when it gave the lock. Where the
/// clocks differ so much that no lock could last so long (five minutes at most), the shortest lock of five seconds is
/// assumed.
///
/// A renewer is a cheap handle; it stops when its last clone, and the last receiver that was opened with it, is dropped,
/// or by [`close`](AutoLockRenewer::close).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use servicebus::{AutoLockRenewer, Client, Message};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
/// # let client = Client::from_connection_string(&emulator.connection_string())?;
/// # client.queue_sender("orders").open()?.send_messages(Message::new("hello"))?;
///
/// let renewer = AutoLockRenewer::new();
/// let receiver = client
///     .queue_receiver("orders")
///     .max_wait_time(Duration::from_millis(100))
///     .auto_lock_renewer(&renewer)
///     .open()?;
/// for message in &receiver {
///     let message = message?;
///     // Work that may take minutes.
///     if let Some(error) = message.auto_renew_error() {
///         eprintln!("the message will be delivered again: {error}");
///         continue;
///     }
///     receiver.complete_message(&message)?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AutoLockRenewer {
    shared: Arc<Shared>,
}

struct Shared {
    state: HomeBound<State>,
}

struct State {
    renewals: Arc<Renewals>,
    thread: Mutex<Thread>,
}

enum Thread {
    NotStarted(OnFailure),
    Started(Worker),
    Ended,
}

impl AutoLockRenewer {
    /// A renewer that renews each lock for five minutes at most, unless its registration says otherwise.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets a renewer up.
    pub fn builder() -> AutoLockRenewerBuilder {
        AutoLockRenewerBuilder::new()
    }

    pub(crate) fn with(max_duration: Duration, on_failure: OnFailure) -> Self {
        let state = State {
            renewals: Renewals::new(max_duration),
            thread: Mutex::new(Thread::NotStarted(on_failure)),
        };
        AutoLockRenewer {
            shared: Arc::new(Shared {
                state: HomeBound::new(Arc::new(state)),
            }),
        }
    }

    /// Renews the lock on a message from now on, for `max_duration` at most, or with `None` for as long as the renewer
    /// does by default. A registration of the same message replaces one before, whoever made it. Asks nothing of the
    /// service by itself, and so does not block.
    ///
    /// The message may be of any receiver of the same entity; it is renewed through this one, which the renewer does not
    /// keep open.
    ///
    /// # Errors
    ///
    /// `InvalidOperation` for a message without a lock of its own (peeked, received in receive-and-delete mode, of a
    /// session) or of another entity; `MessageAlreadySettled`; `Closed` where the receiver or the renewer is.
    pub fn register(
        &self,
        receiver: &Receiver,
        message: &ReceivedMessage,
        max_duration: impl Into<Option<Duration>>,
    ) -> Result<()> {
        const OPERATION: &str = "automatically renew lock on message of";
        let lock = receiver.lock(message, OPERATION)?.clone();
        let renewals = self
            .running()
            .map_err(|error| receiver.describe(error, OPERATION))?;
        let max_duration = max_duration.into();
        receiver.call(OPERATION, move |engine, _| async move {
            engine.keep_message(&renewals, &lock, max_duration)
        })
    }

    /// Renews the lock on the session that a receiver holds from now on, for `max_duration` at most, or with `None` for as
    /// long as the renewer does by default. A registration replaces one before. Asks nothing of the service by itself, and
    /// so does not block.
    ///
    /// # Errors
    ///
    /// `InvalidOperation` for a receiver without a session; `Closed` where the receiver or the renewer is.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use servicebus::{AutoLockRenewer, Client};
    /// use servicebus_emulator::{Emulator, QueueOptions};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let options = QueueOptions::new().requires_session(true);
    /// let emulator = Emulator::builder().queue_with("orders", options).start()?;
    /// let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let receiver = client.queue_receiver("orders").session_id("customer-7").open()?;
    ///
    /// let renewer = AutoLockRenewer::new();
    /// renewer.register_session(&receiver, Duration::from_secs(3600))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn register_session(
        &self,
        receiver: &Receiver,
        max_duration: impl Into<Option<Duration>>,
    ) -> Result<()> {
        const OPERATION: &str = "automatically renew session lock of";
        let renewals = self
            .running()
            .map_err(|error| receiver.describe(error, OPERATION))?;
        let max_duration = max_duration.into();
        receiver.call(OPERATION, move |engine, _| async move {
            engine.keep_session(&renewals, max_duration)
        })
    }

    /// Stops renewing; locks run out when their time comes. Waits for a callback that is running, for three seconds at
    /// most; called in a callback, it does not wait. A second close does nothing.
    ///
    /// # Errors
    ///
    /// `OperationTimeout` where a callback did not return; the renewer is closed all the same.
    pub fn close(&self) -> Result<()> {
        self.shared.close()
    }

    /// What locks are entered in, with the thread that renews them.
    pub(crate) fn running(&self) -> Result<Arc<Renewals>> {
        self.shared.state.check_home()?;
        let State { renewals, thread } = &*self.shared.state;
        let mut thread = thread.lock();
        *thread = match std::mem::replace(&mut *thread, Thread::Ended) {
            Thread::NotStarted(on_failure) => {
                let work = renewals.clone();
                let worker =
                    Worker::start("servicebus-renewer", move || work.run(on_failure.guarded()))?;
                Thread::Started(worker)
            }
            other => other,
        };
        match *thread {
            Thread::Started(_) => Ok(renewals.clone()),
            _ => Err(closed_error()),
        }
    }
}

impl Shared {
    fn close(&self) -> Result<()> {
        self.state.check_home()?;
        self.state.renewals.close();
        let thread = std::mem::replace(&mut *self.state.thread.lock(), Thread::Ended);
        match thread {
            Thread::Started(worker) => worker
                .join(CLOSE_LIMIT)
                .map_err(|error| error.in_operation("close auto-lock renewer")),
            Thread::NotStarted(_) | Thread::Ended => Ok(()),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            debug!(target: "servicebus::renewer", "{error}");
        }
    }
}

impl Default for AutoLockRenewer {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for AutoLockRenewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AutoLockRenewer")
            .field("closed", &self.shared.state.renewals.is_closed())
            .finish_non_exhaustive()
    }
}
