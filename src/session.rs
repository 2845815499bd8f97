//! The session that a receiver holds.

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::error::{Error, Result};
use crate::receiver::Receiver;

/// The session of a receiver: its id, its lock and its state; made by [`Receiver::session`].
///
/// The service locks a session for one receiver, from when that is opened until it is closed, as long as the lock is
/// renewed. Messages of the session have no locks of their own. A session that is lost is not taken again by itself,
/// as another receiver may have it: every later call of the receiver is `SessionLockLost`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use servicebus::{Client, Message};
/// use servicebus_emulator::{Emulator, QueueOptions};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let options = QueueOptions::new().requires_session(true);
/// let emulator = Emulator::builder().queue_with("orders", options).start()?;
/// let client = Client::from_connection_string(&emulator.connection_string())?;
/// let message = Message::new("hello").with_session_id("customer-7");
/// client.queue_sender("orders").open()?.send_messages(message)?;
///
/// let receiver = client
///     .queue_receiver("orders")
///     .next_available_session(Duration::from_secs(5))
///     .open()?;
/// let session = receiver.session().ok_or("the receiver has a session")?;
/// assert_eq!(session.id(), "customer-7");
/// session.set_state("step 1")?;
/// assert_eq!(session.state()?.as_deref(), Some(&b"step 1"[..]));
/// session.renew_lock()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    receiver: Receiver,
    id: std::sync::Arc<str>,
}

impl Session {
    pub(crate) fn new(receiver: Receiver, id: std::sync::Arc<str>) -> Self {
        Session { receiver, id }
    }

    /// The id of the session, which its messages carry; may be empty.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Until when the session is locked, by the clock of the service; moves when the lock is renewed. `None` where the
    /// service did not say.
    pub fn locked_until(&self) -> Option<DateTime<Utc>> {
        self.receiver.session_locked_until()
    }

    /// Why the lock is no longer renewed by an [`AutoLockRenewer`](crate::AutoLockRenewer), as
    /// [`ReceivedMessage::auto_renew_error`](crate::ReceivedMessage::auto_renew_error) tells of a message.
    pub fn auto_renew_error(&self) -> Option<Error> {
        self.receiver.session_renew_error()
    }

    /// Renews the lock for another lock duration of the entity, and returns until when the session is locked now, by
    /// the clock of the service. Blocks at most for the operation time-out of the receiver.
    ///
    /// # Errors
    ///
    /// `SessionLockLost` once the lock ran out or the link was lost, `Closed`, `OperationTimeout`.
    pub fn renew_lock(&self) -> Result<DateTime<Utc>> {
        self.receiver
            .call("renew session lock of", |engine, deadline| async move {
                engine.renew_session_lock(deadline).await
            })
    }

    /// What was last stored with the session, by whichever receiver; `None` where nothing is. Blocks at most for the
    /// operation time-out of the receiver.
    ///
    /// # Errors
    ///
    /// As [`renew_lock`](Session::renew_lock).
    pub fn state(&self) -> Result<Option<Bytes>> {
        self.receiver
            .call("get session state of", |engine, deadline| async move {
                engine.session_state(deadline).await
            })
    }

    /// Stores bytes with the session, instead of what was there. They stay when the messages are gone, until they are
    /// cleared; no bytes clear them. Blocks at most for the operation time-out of the receiver.
    ///
    /// # Errors
    ///
    /// As [`renew_lock`](Session::renew_lock); what the service says of a state that is larger than a message may be.
    pub fn set_state(&self, state: impl Into<Bytes>) -> Result<()> {
        self.store(Some(state.into()))
    }

    /// Removes what is stored with the session.
    ///
    /// # Errors
    ///
    /// As [`renew_lock`](Session::renew_lock).
    pub fn clear_state(&self) -> Result<()> {
        self.store(None)
    }

    fn store(&self, state: Option<Bytes>) -> Result<()> {
        self.receiver
            .call("set session state of", |engine, deadline| async move {
                engine.set_session_state(state, deadline).await
            })
    }
}
