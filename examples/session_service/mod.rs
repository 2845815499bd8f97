//! Which service the examples of sessions speak to.

use std::env;
use std::error::Error;

use servicebus_emulator::{Emulator, QueueOptions};

/// The service that the environment names, else an emulator in this process.
pub(crate) struct SessionService {
    /// What a client needs to connect.
    pub(crate) connection_string: String,
    /// The queue to use; its messages are in sessions.
    pub(crate) queue: String,
    /// The session to use.
    pub(crate) session: String,
    _emulator: Option<Emulator>,
}

impl SessionService {
    /// Reads `SERVICE_BUS_CONNECTION_STR`, `SERVICE_BUS_SESSION_QUEUE_NAME` and `SERVICE_BUS_SESSION_ID`. Without the first,
    /// an emulator is started; without the others, the queue is `conversations` and the session `customer-7`.
    pub(crate) fn from_env() -> Result<Self, Box<dyn Error>> {
        let queue = env::var("SERVICE_BUS_SESSION_QUEUE_NAME")
            .unwrap_or_else(|_| "conversations".to_owned());
        let session =
            env::var("SERVICE_BUS_SESSION_ID").unwrap_or_else(|_| "customer-7".to_owned());
        let (connection_string, emulator) = match env::var("SERVICE_BUS_CONNECTION_STR") {
            Ok(connection_string) => (connection_string, None),
            Err(_) => {
                let options = QueueOptions::new().requires_session(true);
                let emulator = Emulator::builder().queue_with(&queue, options).start()?;
                (emulator.connection_string(), Some(emulator))
            }
        };
        Ok(SessionService {
            connection_string,
            queue,
            session,
            _emulator: emulator,
        })
    }
}
