//! The handle on a running emulator.

use std::cell::RefCell;
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::mpsc as std_mpsc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::admin::Admission;
use crate::auth::{SharedAccessKey, TokenChecker};
use crate::broker::{Broker, BrokerError, QueueOptions, SubscriptionOptions, TopicOptions};
use crate::builder::{EmulatorBuilder, StartError};
use crate::clock::MessageClock;
use crate::hub::{keep_time, Hub, SharedHub};
use crate::initial_entities::create_all;
use crate::listener::{LocalPort, Service};
use crate::tls::TestIdentity;

/// Something the emulator's thread is to do between two events.
type Command = Box<dyn FnOnce(&mut Hub) + Send>;

/// A running emulator.
///
/// Its methods block for as long as the emulator's thread takes to get to them, which is short, and
/// may be called from any thread. Dropping the handle cuts every connection and waits for the
/// thread to end. A panic of that thread, which would be a defect of the emulator, is passed on to
/// the caller of the next method.
#[derive(Debug)]
pub struct Emulator {
    port: u16,
    tls_port: Option<u16>,
    tls: Option<Arc<TestIdentity>>,
    http_port: u16,
    key: SharedAccessKey,
    commands: Option<mpsc::UnboundedSender<Command>>,
    thread: Option<JoinHandle<()>>,
}

/// Why an entity could not be created or deleted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EntityError(pub(crate) BrokerError);

impl Emulator {
    /// An emulator on free ports, without entities; see [`EmulatorBuilder`].
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    pub(crate) fn start(setup: EmulatorBuilder) -> Result<Self, StartError> {
        let tokens = TokenChecker::new(vec![setup.key.clone()], setup.accept_jwt);
        let mut broker = Broker::new(setup.tier);
        let now = MessageClock::new().now();
        broker.fire_due(now);
        create_all(&mut broker, &setup.entities, now)?;
        let plain = bind(setup.host, setup.port)?;
        let http = bind(setup.host, setup.http_port)?;
        let tls = match setup.tls_port {
            Some(port) => {
                let identity =
                    TestIdentity::generate().map_err(|error| StartError::Tls(error.to_string()))?;
                Some((bind(setup.host, port)?, Arc::new(identity)))
            }
            None => None,
        };
        let port = plain.port;
        let http_port = http.port;
        let tls_port = tls.as_ref().map(|(bound, _)| bound.port);
        let identity = tls.as_ref().map(|(_, identity)| Arc::clone(identity));
        let mut listeners = vec![
            (plain, Service::Amqp),
            (http, Service::Management(Admission::new())),
        ];
        listeners.extend(tls.map(|(bound, identity)| (bound, Service::AmqpOverTls(identity))));

        let (commands, inbox) = mpsc::unbounded_channel();
        let (started, outcome) = std_mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("servicebus-emulator".to_owned())
            .spawn(move || run(broker, tokens, listeners, inbox, &started))
            .map_err(StartError::Thread)?;
        let emulator = Self {
            port,
            tls_port,
            tls: identity,
            http_port,
            key: setup.key,
            commands: Some(commands),
            thread: Some(thread),
        };
        match outcome.recv() {
            Ok(Ok(())) => Ok(emulator),
            Ok(Err(error)) => Err(StartError::Thread(error)),
            Err(std_mpsc::RecvError) => {
                let text = "the thread ended before it had started";
                Err(StartError::Thread(io::Error::other(text)))
            }
        }
    }

    /// What a client needs to connect over plain TCP, key included.
    pub fn connection_string(&self) -> String {
        format!(
            "Endpoint=sb://localhost:{};SharedAccessKeyName={};SharedAccessKey={};\
             UseDevelopmentEmulator=true;",
            self.port, self.key.name, self.key.key
        )
    }

    /// What a client that trusts [`Emulator::tls_root_pem`] needs to connect over TLS, key included.
    ///
    /// `None` without a TLS listener.
    pub fn tls_connection_string(&self) -> Option<String> {
        let port = self.tls_port?;
        Some(format!(
            "Endpoint=sb://localhost:{port};SharedAccessKeyName={};SharedAccessKey={};",
            self.key.name, self.key.key
        ))
    }

    /// The port for AMQP over plain TCP.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port for AMQP over TLS.
    pub fn tls_port(&self) -> Option<u16> {
        self.tls_port
    }

    /// The certificate that clients of the TLS listener must trust, as PEM.
    pub fn tls_root_pem(&self) -> Option<&str> {
        self.tls.as_deref().map(TestIdentity::root_pem)
    }

    /// A certificate for a client that is asked for one, as PEM.
    pub fn tls_client_certificate_pem(&self) -> Option<&str> {
        self.tls
            .as_deref()
            .map(TestIdentity::client_certificate_pem)
    }

    /// The private key of that certificate, as PEM.
    pub fn tls_client_key_pem(&self) -> Option<&str> {
        self.tls.as_deref().map(TestIdentity::client_key_pem)
    }

    /// The port for the management API over HTTP, and `/health`.
    pub fn http_port(&self) -> u16 {
        self.http_port
    }

    /// Creates a queue.
    ///
    /// # Errors
    ///
    /// A name that exists already or is no entity name, a setting out of range.
    pub fn create_queue(&self, name: &str, options: QueueOptions) -> Result<(), EntityError> {
        let name = name.to_owned();
        self.ask(move |hub| hub.broker.create_queue(&name, options))
            .map_err(EntityError)
    }

    /// Creates a topic.
    ///
    /// # Errors
    ///
    /// A name that exists already or is no entity name, a setting out of range.
    pub fn create_topic(&self, name: &str, options: TopicOptions) -> Result<(), EntityError> {
        let name = name.to_owned();
        self.ask(move |hub| hub.broker.create_topic(&name, options))
            .map_err(EntityError)
    }

    /// Creates a subscription of a topic; it gets the messages that are sent from now on.
    ///
    /// # Errors
    ///
    /// There is no such topic, a name that exists already or is no subscription name, a setting out
    /// of range.
    pub fn create_subscription(
        &self,
        topic: &str,
        name: &str,
        options: SubscriptionOptions,
    ) -> Result<(), EntityError> {
        let (topic, name) = (topic.to_owned(), name.to_owned());
        self.ask(move |hub| hub.broker.create_subscription(&topic, &name, options))
            .map_err(EntityError)
    }

    /// Gives a queue other settings; its messages stay. Links that are no longer allowed are
    /// detached with an error.
    ///
    /// # Errors
    ///
    /// There is no queue of that name, a setting out of range or fixed since the queue was created.
    pub fn update_queue(&self, name: &str, options: QueueOptions) -> Result<(), EntityError> {
        let name = name.to_owned();
        self.ask(move |hub| hub.broker.update_queue(&name, options))
            .map_err(EntityError)
    }

    /// Gives a topic other settings; see [`Emulator::update_queue`].
    ///
    /// # Errors
    ///
    /// Those of `update_queue`.
    pub fn update_topic(&self, name: &str, options: TopicOptions) -> Result<(), EntityError> {
        let name = name.to_owned();
        self.ask(move |hub| hub.broker.update_topic(&name, options))
            .map_err(EntityError)
    }

    /// Gives a subscription other settings; see [`Emulator::update_queue`].
    ///
    /// # Errors
    ///
    /// Those of `update_queue`.
    pub fn update_subscription(
        &self,
        topic: &str,
        name: &str,
        options: SubscriptionOptions,
    ) -> Result<(), EntityError> {
        let (topic, name) = (topic.to_owned(), name.to_owned());
        self.ask(move |hub| hub.broker.update_subscription(&topic, &name, options))
            .map_err(EntityError)
    }

    /// Deletes a queue, a topic, or the subscription `<topic>/Subscriptions/<name>`, with its
    /// messages; the links attached to it are detached with an error.
    ///
    /// # Errors
    ///
    /// There is no entity of that path.
    pub fn delete_entity(&self, path: &str) -> Result<(), EntityError> {
        let path = path.to_owned();
        self.ask(move |hub| hub.broker.delete_entity(&path))
            .map_err(EntityError)
    }

    /// The last things that happened, oldest first, as lines for people and for the messages of failing
    /// tests: what became of messages and sessions, what was refused, and frames where they are
    /// [recorded](Emulator::record_frames). 4,096 are kept.
    pub fn journal(&self) -> Vec<String> {
        self.ask(|hub| hub.broker.journal().lines())
    }

    /// Moves message time forward: locks, schedules, times to live, the windows of duplicate detection,
    /// and the stamps on messages.
    ///
    /// What falls due has happened when this returns; connections and tokens do not notice.
    pub fn advance(&self, by: Duration) {
        self.ask(move |hub| hub.advance(by));
    }

    /// Stops message time: from now on it moves by [`Emulator::advance`] alone.
    pub fn freeze(&self) {
        self.ask(|hub| hub.message_clock().freeze());
    }

    /// Lets message time run on from where it stands.
    pub fn thaw(&self) {
        self.ask(Hub::thaw);
    }

    /// Moves transport time forward: heartbeats, idle limits, the expiry of tokens.
    pub fn advance_transport(&self, by: Duration) {
        self.ask(move |hub| hub.advance_transport(by));
    }

    #[expect(
        clippy::panic,
        reason = "only a panic ends the thread before its handle, and tests must not miss it"
    )]
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut Hub) -> T + Send + 'static,
    ) -> T {
        let (reply, answer) = std_mpsc::sync_channel(1);
        let command: Command = Box::new(move |hub| {
            // The receiver waits below; it is gone only if its thread was killed.
            let _gone = reply.send(run(hub));
        });
        let sent = self
            .commands
            .as_ref()
            .map(|commands| commands.send(command));
        match (sent, answer.recv()) {
            (Some(Ok(())), Ok(value)) => value,
            _ => panic!("the emulator's thread has panicked"),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            if thread.join().is_err() {
                log::error!("the emulator's thread panicked");
            }
        }
    }
}

fn bind(host: Option<IpAddr>, port: u16) -> Result<LocalPort, StartError> {
    LocalPort::bind(host, port).map_err(|source| StartError::Listen { port, source })
}

/// The emulator's thread: serves until the handle is gone.
fn run(
    broker: Broker,
    tokens: TokenChecker,
    listeners: Vec<(LocalPort, Service)>,
    inbox: mpsc::UnboundedReceiver<Command>,
    started: &std_mpsc::SyncSender<io::Result<()>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            // Whoever started the thread waits for this.
            let _gone = started.send(Err(error));
            return;
        }
    };
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async move {
        let hub = Rc::new(RefCell::new(Hub::new(broker, tokens)));
        let outcome = listeners
            .into_iter()
            .try_for_each(|(port, service)| port.accept(&service, &hub));
        let listening = outcome.is_ok();
        // Whoever started the thread waits for this.
        let _gone = started.send(outcome);
        if listening {
            tokio::task::spawn_local(keep_time(SharedHub::clone(&hub)));
            obey(inbox, hub).await;
        }
    });
}

async fn obey(mut inbox: mpsc::UnboundedReceiver<Command>, hub: SharedHub) {
    while let Some(command) = inbox.recv().await {
        let mut hub = hub.borrow_mut();
        let now = hub.now();
        hub.broker.fire_due(now);
        command(&mut hub);
        hub.wake_ready();
    }
}
