//! The client: one namespace, one connection, and the way to its senders and receivers.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use log::debug;

use crate::client_builder::ClientBuilder;
use crate::connection_listener::ConnectionListener;
use crate::engine::closing::Closing;
use crate::engine::namespace::Namespace;
use crate::error::{Error, Result};
use crate::model::credential::Credential;
use crate::model::deadline::Deadline;
use crate::model::entity::Entity;
use crate::receiver_builder::ReceiverBuilder;
use crate::runtime::{HomeBound, Runtime};
use crate::sender_builder::SenderBuilder;
use crate::session_ids::SessionIds;
use crate::subscription_rules::SubscriptionRules;
use crate::trace_source::TraceSource;
use crate::transaction::Transaction;

/// A client of one Service Bus namespace.
///
/// It holds one connection, which its senders and receivers share; the connection is made when the first of them is
/// opened, and made anew when it was lost. A client is a cheap handle: clones are the same client, may be used from
/// many threads, and the connection closes when the last of them, and the last sender and receiver, is dropped.
///
/// # Examples
///
/// ```
/// use servicebus::{Client, Message};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
/// # let connection_string = emulator.connection_string();
///
/// let client = Client::from_connection_string(&connection_string)?;
/// let sender = client.queue_sender("orders").open()?;
/// sender.send_messages(Message::new("hello"))?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

/// What a client's handles share, and its senders and receivers with them.
pub(crate) struct Shared {
    namespace: HomeBound<Namespace>,
    runtime: HomeBound<Runtime>,
    entity_path: Option<String>,
    operation_timeout: Duration,
    close_timeout: Duration,
    /// Tells the application what happens to the connection.
    listener: Option<HomeBound<ConnectionListener>>,
    trace_source: TraceSource,
}

impl Client {
    /// A client for a connection string; see [`ClientBuilder::from_connection_string`]. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a malformed string; the text names the key, never a value.
    pub fn from_connection_string(text: &str) -> Result<Self> {
        ClientBuilder::from_connection_string(text)?.build()
    }

    /// Sets a client up for a namespace by its host name, for example `contoso.servicebus.windows.net`. A URL is taken
    /// too, and a port other than 5671; what is malformed fails in [`build`](ClientBuilder::build).
    pub fn builder(
        namespace: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> ClientBuilder {
        ClientBuilder::new(namespace.into(), credential.into())
    }

    pub(crate) fn start(
        namespace: Arc<Namespace>,
        entity_path: Option<String>,
        operation_timeout: Duration,
        close_timeout: Duration,
        listener: Option<ConnectionListener>,
        trace_source: TraceSource,
    ) -> Result<Self> {
        let runtime = Runtime::start("servicebus", close_timeout)?;
        let shared = Shared {
            namespace: HomeBound::new(namespace),
            runtime: HomeBound::new(runtime),
            entity_path,
            operation_timeout,
            close_timeout,
            listener: listener.map(|listener| HomeBound::new(Arc::new(listener))),
            trace_source,
        };
        Ok(Client {
            shared: Arc::new(shared),
        })
    }

    /// Sets up a sender to a queue.
    pub fn queue_sender(&self, queue: &str) -> SenderBuilder {
        SenderBuilder::new(self.shared.clone(), self.shared.entity(queue))
    }

    /// Sets up a receiver from a queue.
    pub fn queue_receiver(&self, queue: &str) -> ReceiverBuilder {
        ReceiverBuilder::new(self.shared.clone(), self.shared.entity(queue))
    }

    /// Sets up a sender to a topic.
    pub fn topic_sender(&self, topic: &str) -> SenderBuilder {
        self.queue_sender(topic)
    }

    /// Sets up a receiver from a subscription of a topic.
    pub fn subscription_receiver(&self, topic: &str, subscription: &str) -> ReceiverBuilder {
        ReceiverBuilder::new(
            self.shared.clone(),
            self.shared.subscription(topic, subscription),
        )
    }

    /// Begins a transaction: sends and settlements that happen together or not at all. Connects unless the client is
    /// connected, and blocks at most for the operation time-out.
    ///
    /// # Errors
    ///
    /// Those of connecting; what the service says where it has no transactions.
    pub fn transaction(&self) -> Result<Transaction> {
        Transaction::begin(self.shared.clone())
    }

    /// The sessions of a queue that have messages or a state; with `updated_after`, those whose state was changed after
    /// that. The iterator asks the service for a hundred at a time, each within the client's operation time-out.
    ///
    /// # Errors
    ///
    /// As items: those of opening a receiver, `InvalidOperation` for a queue without sessions. After an error the
    /// iterator ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::{Client, Message};
    /// use servicebus_emulator::{Emulator, QueueOptions};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let options = QueueOptions::new().requires_session(true);
    /// let emulator = Emulator::builder().queue_with("orders", options).start()?;
    /// let client = Client::from_connection_string(&emulator.connection_string())?;
    /// let message = Message::new("hello").with_session_id("a");
    /// client.queue_sender("orders").open()?.send_messages(message)?;
    ///
    /// let sessions = client
    ///     .list_queue_sessions("orders", None)
    ///     .collect::<servicebus::Result<Vec<_>>>()?;
    /// assert_eq!(sessions, ["a"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_queue_sessions(
        &self,
        queue: &str,
        updated_after: impl Into<Option<DateTime<Utc>>>,
    ) -> SessionIds {
        SessionIds::new(
            self.shared.clone(),
            self.shared.entity(queue),
            updated_after.into(),
        )
    }

    /// The sessions of a subscription, as [`list_queue_sessions`](Client::list_queue_sessions) lists those of a queue.
    pub fn list_subscription_sessions(
        &self,
        topic: &str,
        subscription: &str,
        updated_after: impl Into<Option<DateTime<Utc>>>,
    ) -> SessionIds {
        SessionIds::new(
            self.shared.clone(),
            self.shared.subscription(topic, subscription),
            updated_after.into(),
        )
    }

    /// The rules of a subscription, to add, remove and list. Nothing is sent before one of these.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for names that no subscription has.
    pub fn subscription_rules(&self, topic: &str, subscription: &str) -> Result<SubscriptionRules> {
        let entity = self
            .shared
            .subscription(topic, subscription)
            .map_err(|error| error.in_operation("manage rules"))?;
        Ok(SubscriptionRules::new(self.shared.clone(), entity))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Closes the client with all its senders and receivers. Calls that wait on them in other threads end at once with
    /// `Closed`. Blocks until the service has answered and the
    /// [callback for events](ClientBuilder::on_connection_event) has returned, at most for the close time-out.
    ///
    /// # Errors
    ///
    /// `OperationTimeout` where the service did not answer, or the callback did not return; the client is closed all the same.
    pub fn close(&self) -> Result<()> {
        self.shared.close()
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("identifier", &self.shared.namespace.identifier())
            .field("closed", &self.shared.namespace.closing().is_closed())
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(crate) fn namespace(&self) -> Arc<Namespace> {
        self.namespace.share()
    }

    pub(crate) fn operation_timeout(&self) -> Duration {
        self.operation_timeout
    }

    pub(crate) fn close_timeout(&self) -> Duration {
        self.close_timeout
    }

    pub(crate) fn trace_source(&self) -> &TraceSource {
        &self.trace_source
    }

    /// The entity of this name, which must be the connection string's own if that names one.
    fn entity(&self, name: &str) -> Result<Entity> {
        self.check_entity_path(name)?;
        Entity::named(name)
    }

    fn subscription(&self, topic: &str, name: &str) -> Result<Entity> {
        self.check_entity_path(topic)?;
        Entity::subscription(topic, name)
    }

    fn check_entity_path(&self, name: &str) -> Result<()> {
        match &self.entity_path {
            Some(path) if !path.eq_ignore_ascii_case(name) => Err(Error::invalid_argument(
                format!("the connection string is for \"{path}\", not \"{name}\""),
            )),
            _ => Ok(()),
        }
    }

    /// Closes what was made by the client and has not been closed before: calls that wait in it end at once, and the
    /// service's answer is waited for within the close time-out.
    pub(crate) fn close_part<F, Fut>(&self, closing: &Closing, close: F) -> Result<()>
    where
        F: FnOnce(Deadline) -> Fut + Send + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        self.runtime.check_may_wait()?;
        if !closing.close() {
            return Ok(());
        }
        let deadline = Deadline::after(self.close_timeout);
        self.runtime.call(deadline, move || close(deadline))
    }

    fn close(&self) -> Result<()> {
        self.runtime.check_may_wait()?;
        self.namespace.closing().close();
        let namespace = self.namespace.share();
        let deadline = Deadline::after(self.close_timeout);
        let closed = self.runtime.call(
            deadline,
            move || async move { namespace.close(deadline).await },
        );
        let told = match &self.listener {
            Some(listener) => listener.join(deadline),
            None => Ok(()),
        };
        closed
            .and(told)
            .map_err(|error| error.in_operation("close client"))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.runtime.may_wait_in_drop() {
            if let Err(error) = self.close() {
                debug!(target: "servicebus::client", "{error}");
            }
        }
    }
}
