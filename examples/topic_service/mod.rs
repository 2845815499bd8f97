//! Which service the examples of topics speak to.

use std::env;
use std::error::Error;

use servicebus_emulator::Emulator;

/// The service that the environment names, else an emulator in this process.
pub(crate) struct TopicService {
    /// What a client needs to connect.
    pub(crate) connection_string: String,
    /// The topic to use.
    pub(crate) topic: String,
    /// The subscription to use.
    pub(crate) subscription: String,
    _emulator: Option<Emulator>,
}

impl TopicService {
    /// Reads `SERVICE_BUS_CONNECTION_STR`, `SERVICE_BUS_TOPIC_NAME` and `SERVICE_BUS_SUBSCRIPTION_NAME`. Without the first,
    /// an emulator is started; without the others, the topic is `news` and the subscription `desk`.
    pub(crate) fn from_env() -> Result<Self, Box<dyn Error>> {
        let topic = env::var("SERVICE_BUS_TOPIC_NAME").unwrap_or_else(|_| "news".to_owned());
        let subscription =
            env::var("SERVICE_BUS_SUBSCRIPTION_NAME").unwrap_or_else(|_| "desk".to_owned());
        let (connection_string, emulator) = match env::var("SERVICE_BUS_CONNECTION_STR") {
            Ok(connection_string) => (connection_string, None),
            Err(_) => {
                let emulator = Emulator::builder()
                    .topic(&topic)
                    .subscription(&topic, &subscription)
                    .start()?;
                (emulator.connection_string(), Some(emulator))
            }
        };
        Ok(TopicService {
            connection_string,
            topic,
            subscription,
            _emulator: emulator,
        })
    }
}
