//! Which service the examples speak to.

use std::env;
use std::error::Error;

use servicebus_emulator::Emulator;

/// The service that the environment names, else an emulator in this process.
pub(crate) struct Service {
    /// What a client needs to connect.
    pub(crate) connection_string: String,
    /// The queue to use.
    pub(crate) queue: String,
    _emulator: Option<Emulator>,
}

impl Service {
    /// Reads `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME`. Without the first, an emulator is started; without
    /// the second, the queue is `orders`.
    pub(crate) fn from_env() -> Result<Self, Box<dyn Error>> {
        let queue = env::var("SERVICE_BUS_QUEUE_NAME").unwrap_or_else(|_| "orders".to_owned());
        if let Ok(connection_string) = env::var("SERVICE_BUS_CONNECTION_STR") {
            return Ok(Service {
                connection_string,
                queue,
                _emulator: None,
            });
        }
        let emulator = Emulator::builder().queue(&queue).start()?;
        Ok(Service {
            connection_string: emulator.connection_string(),
            queue,
            _emulator: Some(emulator),
        })
    }
}
