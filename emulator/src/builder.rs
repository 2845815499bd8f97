//! How an emulator is set up.

use std::io;
use std::net::IpAddr;

use crate::auth::{Rights, SharedAccessKey};
use crate::broker::{QueueOptions, SubscriptionOptions, TopicOptions};
use crate::emulator::Emulator;
use crate::initial_entities::{InitialEntity, NewEntity};
use crate::rules::RuleOptions;
use crate::tier::Tier;

/// The key that Microsoft's emulator has; clients sign with this very text.
const DEFAULT_KEY_NAME: &str = "RootManageSharedAccessKey";
const DEFAULT_KEY: &str = "SAS_KEY_VALUE";

/// What to start: entities, ports, limits.
#[derive(Clone, Debug)]
#[must_use = "an emulator runs only once `start` is called"]
pub struct EmulatorBuilder {
    pub(crate) entities: Vec<InitialEntity>,
    pub(crate) tier: Tier,
    pub(crate) host: Option<IpAddr>,
    pub(crate) port: u16,
    pub(crate) tls_port: Option<u16>,
    pub(crate) http_port: u16,
    pub(crate) accept_jwt: bool,
    pub(crate) key: SharedAccessKey,
}

impl Default for EmulatorBuilder {
    fn default() -> Self {
        Self {
            entities: Vec::new(),
            tier: Tier::default(),
            host: None,
            port: 0,
            tls_port: None,
            http_port: 0,
            accept_jwt: false,
            key: SharedAccessKey {
                name: DEFAULT_KEY_NAME.to_owned(),
                key: DEFAULT_KEY.to_owned(),
                rights: Rights::all(),
            },
        }
    }
}

impl EmulatorBuilder {
    /// Adds a queue with the service's default settings.
    pub fn queue(self, name: impl Into<String>) -> Self {
        self.queue_with(name, QueueOptions::default())
    }

    /// Adds a queue.
    pub fn queue_with(self, name: impl Into<String>, options: QueueOptions) -> Self {
        let name = name.into();
        self.entity(NewEntity::Queue { name, options })
    }

    /// Adds a topic with the service's default settings.
    pub fn topic(self, name: impl Into<String>) -> Self {
        self.topic_with(name, TopicOptions::default())
    }

    /// Adds a topic.
    pub fn topic_with(self, name: impl Into<String>, options: TopicOptions) -> Self {
        let name = name.into();
        self.entity(NewEntity::Topic { name, options })
    }

    /// Adds a subscription of a topic, with the service's default settings: it gets every message.
    pub fn subscription(self, topic: impl Into<String>, name: impl Into<String>) -> Self {
        self.subscription_with(topic, name, SubscriptionOptions::default())
    }

    /// Adds a subscription of a topic.
    pub fn subscription_with(
        self,
        topic: impl Into<String>,
        name: impl Into<String>,
        options: SubscriptionOptions,
    ) -> Self {
        self.entity(NewEntity::Subscription {
            topic: topic.into(),
            name: name.into(),
            options,
        })
    }

    /// Adds a rule to a subscription, which then has the rules given so and not `$Default`.
    pub fn rule(
        self,
        topic: impl Into<String>,
        subscription: impl Into<String>,
        name: impl Into<String>,
        options: RuleOptions,
    ) -> Self {
        self.entity(NewEntity::Rule {
            topic: topic.into(),
            subscription: subscription.into(),
            name: name.into(),
            options,
        })
    }

    /// The pricing tier, and with it the message size limit; [`Tier::Standard`] unless set.
    pub fn tier(mut self, tier: Tier) -> Self {
        self.tier = tier;
        self
    }

    /// The address to listen at, such as `0.0.0.0` in a container. Unless it is set, only programs of this
    /// machine can connect: they find the emulator at `127.0.0.1` and `::1`.
    ///
    /// Connection strings name `localhost` all the same.
    pub fn host(mut self, address: IpAddr) -> Self {
        self.host = Some(address);
        self
    }

    /// The port for AMQP over plain TCP; 0, the default, takes any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Listens for AMQP over TLS as well; 0 takes any free port.
    ///
    /// The certificate is signed by a root made at start: [`Emulator::tls_root_pem`].
    pub fn tls_port(mut self, port: u16) -> Self {
        self.tls_port = Some(port);
        self
    }

    /// The port for the management API over HTTP; 0, the default, takes any free one.
    pub fn http_port(mut self, port: u16) -> Self {
        self.http_port = port;
        self
    }

    /// Accepts JSON web tokens without checking their signature, as a stand-in for Entra ID.
    pub fn accept_jwt(mut self, accept: bool) -> Self {
        self.accept_jwt = accept;
        self
    }

    /// The shared access key that clients sign with, in place of Microsoft's emulator's well-known one.
    pub fn shared_access_key(mut self, name: impl Into<String>, key: impl Into<String>) -> Self {
        self.key = SharedAccessKey {
            name: name.into(),
            key: key.into(),
            rights: Rights::all(),
        };
        self
    }

    fn entity(mut self, entity: NewEntity) -> Self {
        let place = None;
        self.entities.push(InitialEntity { entity, place });
        self
    }

    /// Starts the emulator; when this returns, it accepts connections.
    ///
    /// # Errors
    ///
    /// A port that is taken, an entity that the service would refuse, no memory for a thread.
    pub fn start(self) -> Result<Emulator, StartError> {
        Emulator::start(self)
    }
}

/// Why an emulator could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A port could not be bound.
    #[error("listen on port {port}: {source}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// An entity or a rule is not one that the service would have.
    #[error("{}create {name:?}: {reason}", prefix(place))]
    Entity {
        /// The entity.
        name: String,
        /// Where it was asked for, if that was in a file: the file, the line, and the place in it.
        place: Option<String>,
        /// What is wrong with it.
        reason: String,
    },
    /// No certificate could be made for the TLS listener.
    #[error("make a test certificate: {0}")]
    Tls(String),
    /// The thread or its runtime could not be started.
    #[error("start the emulator's thread: {0}")]
    Thread(#[source] io::Error),
}

fn prefix(place: &Option<String>) -> String {
    let place = place.as_ref();
    place.map_or_else(String::new, |place| format!("{place}: "))
}
