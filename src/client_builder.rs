//! How a client is set up.

use std::time::Duration;

use uuid::Uuid;

use crate::client::Client;
use crate::connection_listener::{ConnectionListener, OnConnectionEvent};
use crate::engine::connection_events::ConnectionEvents;
use crate::engine::namespace::{Namespace, Settings};
use crate::engine::tls;
use crate::engine::transport::{Address, Security};
use crate::error::{Error, Result};
use crate::model::connection_event::ConnectionEvent;
use crate::model::connection_string::parse_connection_string;
use crate::model::credential::Credential;
use crate::model::endpoint::Endpoint;
use crate::model::retry::RetryOptions;
use crate::model::sas_token::SasToken;
use crate::model::tls::TlsSettings;
use crate::model::trace_context::TraceContext;
use crate::trace_source::TraceSource;

const TLS_PORT: u16 = 5671;
const PLAIN_PORT: u16 = 5672;
const DEFAULT_OPERATION_TIMEOUT: Duration = Duration::from_secs(60);
const DEFAULT_CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// Sets a [`Client`] up; made by [`Client::builder`] and [`ClientBuilder::from_connection_string`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use servicebus::{Client, Credential};
///
/// # fn main() -> servicebus::Result<()> {
/// let credential = Credential::shared_access_key("RootManageSharedAccessKey", "key");
/// let client = Client::builder("contoso.servicebus.windows.net", credential)
///     .operation_timeout(Duration::from_secs(20))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing before `build`"]
pub struct ClientBuilder {
    namespace: String,
    development_emulator: bool,
    credential: Credential,
    entity_path: Option<String>,
    identifier: Option<String>,
    user_agent: String,
    operation_timeout: Duration,
    close_timeout: Duration,
    retry_options: RetryOptions,
    cross_entity_transactions: bool,
    logging_enable: bool,
    on_connection_event: Option<OnConnectionEvent>,
    trace_source: TraceSource,
    pub(crate) tls: TlsSettings,
    pub(crate) custom_endpoint: Option<String>,
}

impl ClientBuilder {
    pub(crate) fn new(namespace: String, credential: Credential) -> Self {
        ClientBuilder {
            namespace,
            development_emulator: false,
            credential,
            entity_path: None,
            identifier: None,
            user_agent: String::new(),
            operation_timeout: DEFAULT_OPERATION_TIMEOUT,
            close_timeout: DEFAULT_CLOSE_TIMEOUT,
            retry_options: RetryOptions::new(),
            cross_entity_transactions: false,
            logging_enable: false,
            on_connection_event: None,
            trace_source: TraceSource::default(),
            tls: TlsSettings::default(),
            custom_endpoint: None,
        }
    }

    /// Takes namespace, credential and transport from a connection string, as the Azure portal shows it.
    ///
    /// The transport is TLS on the port given, else 5671; with `UseDevelopmentEmulator=true` plain TCP on the port
    /// given, else 5672.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a malformed string; the text names the key, never a value.
    pub fn from_connection_string(text: &str) -> Result<Self> {
        let parts = parse_connection_string(text)?;
        let credential = match (
            parts.shared_access_key_name(),
            parts.shared_access_key(),
            parts.shared_access_signature(),
        ) {
            (Some(name), Some(key), _) => Credential::shared_access_key(name, key),
            (_, _, Some(token)) => Credential::shared_access_signature(SasToken::parse(token)?),
            _ => {
                return Err(Error::invalid_argument(
                    "the connection string has no credential",
                ))
            }
        };
        let mut builder = Self::new(parts.endpoint().to_owned(), credential)
            .use_development_emulator(parts.uses_development_emulator());
        builder.entity_path = parts.entity_path().map(str::to_owned);
        Ok(builder)
    }

    /// Whether the namespace is a local emulator, which is reached over plain TCP on the port given, else 5672. Tokens
    /// travel readably then. Connection strings say it by `UseDevelopmentEmulator=true`.
    pub fn use_development_emulator(mut self, emulator: bool) -> Self {
        self.development_emulator = emulator;
        self
    }

    /// How long each call may take as a whole: connecting, authenticating, attaching and the service's answer together.
    /// 60 seconds unless set; senders and receivers may have their own.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = timeout;
        self
    }

    /// How long closing, or dropping the last handle, may wait for the service. 3 seconds unless set.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// How often and after which pauses calls are tried again, within their time-outs.
    pub fn retry_options(mut self, options: RetryOptions) -> Self {
        self.retry_options = options;
        self
    }

    /// Whether a [`Transaction`](crate::Transaction) of this client may work on several entities, not on one alone. All
    /// links are in one AMQP session then; the entity that the first of them is for is the one that the service
    /// transfers the others' messages by. Not unless set.
    pub fn cross_entity_transactions(mut self, allow: bool) -> Self {
        self.cross_entity_transactions = allow;
        self
    }

    /// A name for this client in the service's logs. A random one unless set.
    pub fn client_identifier(mut self, identifier: impl Into<String>) -> Self {
        self.identifier = Some(identifier.into());
        self
    }

    /// What the application calls itself, for example `orders/1.2`; the service's logs have it before the name of this
    /// client library. Nothing unless set.
    pub fn user_agent(mut self, application: impl Into<String>) -> Self {
        self.user_agent = application.into();
        self
    }

    /// Whether each AMQP frame that the client sends and receives is logged, a line each, at level `debug` under the
    /// target `servicebus::frames`. Not unless set, and costs nothing then.
    ///
    /// What a transfer carries, a message or a token, is not in the line, only its size; nor is what SASL frames
    /// answer. Names of entities, links and sessions are, and what a settlement says of a message, such as its reason.
    /// The logger runs on the client's I/O thread: while it blocks, nothing is sent or received.
    pub fn logging_enable(mut self, enable: bool) -> Self {
        self.logging_enable = enable;
        self
    }

    /// Called with what happens to the client's connection, in the order in which it happens, on a thread of its own. It
    /// holds up nothing but itself: while it runs, up to 64 events wait, and beyond that the oldest are dropped with a
    /// warning. It may call the client, and close it. A panic is caught and logged.
    ///
    /// A handle on the client that the callback owns keeps the client alive until it is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::{ClientBuilder, ConnectionEvent};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let connection_string = emulator.connection_string();
    /// let client = ClientBuilder::from_connection_string(&connection_string)?
    ///     .on_connection_event(|event| match event {
    ///         ConnectionEvent::Lost { cause, .. } => eprintln!("connection lost: {cause}"),
    ///         other => println!("{other:?}"),
    ///     })
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_connection_event(
        mut self,
        callback: impl Fn(&ConnectionEvent) + Send + Sync + 'static,
    ) -> Self {
        self.on_connection_event = Some(OnConnectionEvent::new(callback));
        self
    }

    /// Asked for the place in a distributed trace of each message that is sent, scheduled or added to a batch and has none
    /// yet. What it gives travels as application properties: `traceparent` and, for older readers, `Diagnostic-Id`; and
    /// `tracestate` (the names of Azure's own clients). It counts for the size of messages. `None` leaves a message as it
    /// is. Receivers read it by [`ReceivedMessage::trace_context`](crate::ReceivedMessage::trace_context).
    ///
    /// The hook runs on the thread of the call, once for each message, outside of the call's time-out: it should return
    /// at once. A panic is caught and logged, and the message goes without. A message that the hook sends by the same
    /// client asks it again. A handle on the client that the hook owns keeps the client alive until it is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use servicebus::{ClientBuilder, Message, TraceContext};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = servicebus_emulator::Emulator::builder().queue("orders").start()?;
    /// # let connection_string = emulator.connection_string();
    /// // An application asks its tracing library for the current span.
    /// let current = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    /// let client = ClientBuilder::from_connection_string(&connection_string)?
    ///     .trace_context(move || Some(TraceContext::new(current)))
    ///     .build()?;
    /// client.queue_sender("orders").open()?.send_messages(Message::new("traced"))?;
    ///
    /// let receiver = client.queue_receiver("orders").open()?;
    /// let message = receiver.next_message(None)?.ok_or("no message")?;
    /// assert_eq!(message.trace_context(), Some(TraceContext::new(current)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn trace_context(
        mut self,
        hook: impl Fn() -> Option<TraceContext> + Send + Sync + 'static,
    ) -> Self {
        self.trace_source = TraceSource::new(hook);
        self
    }

    /// The client. It connects when the first sender or receiver is opened.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a malformed namespace or custom endpoint, a certificate or key that cannot be used (the text
    /// names the file and the cause), and TLS settings for an emulator that speaks none; `Internal` where no thread can
    /// be started.
    pub fn build(self) -> Result<Client> {
        let namespace = Endpoint::read(&self.namespace).map_err(|why| {
            Error::invalid_argument(format!(
                "the namespace {why}, expected <namespace>.servicebus.windows.net"
            ))
        })?;
        let host = namespace.host.clone();
        let target = match &self.custom_endpoint {
            Some(address) => Endpoint::read(address).map_err(|why| {
                Error::invalid_argument(format!(
                    "the custom endpoint address {why}, expected sb://<host>:<port>"
                ))
            })?,
            None => namespace,
        };
        let (default_port, security) = match (self.development_emulator, self.tls) {
            (true, settings) if settings.is_empty() => (PLAIN_PORT, Security::Plain),
            (true, _) => {
                return Err(Error::invalid_argument(
                    "certificates and server names are for TLS, which a development emulator does not speak",
                ))
            }
            (false, settings) => {
                tls::check(&settings)?;
                (TLS_PORT, Security::Tls(settings))
            }
        };
        let address = Address {
            host: target.host,
            port: target.port.unwrap_or(default_port),
            security,
        };
        let identifier = self
            .identifier
            .unwrap_or_else(|| format!("SBClient-{}", Uuid::new_v4()));
        let (events, listener) = match self.on_connection_event {
            Some(callback) => {
                let (events, heard) = ConnectionEvents::heard();
                (events, Some(ConnectionListener::start(callback, heard)?))
            }
            None => (ConnectionEvents::unheard(), None),
        };
        let settings = Settings {
            host,
            address,
            identifier,
            user_agent: self.user_agent,
            retry_options: self.retry_options,
            cross_entity: self.cross_entity_transactions,
            trace_frames: self.logging_enable,
        };
        let namespace = Namespace::new(settings, self.credential, events);
        Client::start(
            namespace,
            self.entity_path,
            self.operation_timeout,
            self.close_timeout,
            listener,
            self.trace_source,
        )
    }
}
