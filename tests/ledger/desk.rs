//! An emulator with the entities of this test, and clients of it.

use std::time::{Duration, Instant};

use servicebus::{Client, ClientBuilder, RetryMode, RetryOptions};
use servicebus_emulator::{Emulator, QueueOptions};

pub(crate) struct Entity {
    pub(crate) name: &'static str,
    pub(crate) has_sessions: bool,
}

pub(crate) const ENTITIES: [Entity; 3] = [
    Entity {
        name: "apples",
        has_sessions: false,
    },
    Entity {
        name: "pears",
        has_sessions: false,
    },
    Entity {
        name: "plums",
        has_sessions: true,
    },
];

pub(crate) const LOCK: Duration = Duration::from_secs(30);

pub(crate) struct Desk {
    pub(crate) emulator: Emulator,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let mut builder = Emulator::builder();
        for Entity { name, has_sessions } in ENTITIES {
            let options = QueueOptions::new()
                .lock_duration(LOCK)
                .max_delivery_count(2_000)
                .requires_session(has_sessions);
            builder = builder.queue_with(name, options);
        }
        Desk {
            emulator: builder.start().expect("the emulator starts"),
        }
    }

    /// Each thread has a client, and so a connection, of its own.
    pub(crate) fn client(&self) -> Client {
        let retry = RetryOptions::new()
            .with_mode(RetryMode::Fixed)
            .with_backoff(Duration::from_millis(5))
            .with_busy_pause(Duration::from_millis(5));
        ClientBuilder::from_connection_string(&self.emulator.connection_string())
            .expect("the string is good")
            .operation_timeout(Duration::from_millis(500))
            .close_timeout(Duration::from_millis(500))
            .retry_options(retry)
            .build()
            .expect("the client starts")
    }

    /// Until nothing waits any more: locks that nobody remembers run out.
    pub(crate) fn wait_until_empty(&self, limit: Duration) {
        let start = Instant::now();
        loop {
            let counts =
                ENTITIES.map(|entity| self.emulator.counts(entity.name).expect("it exists"));
            if counts
                .iter()
                .all(|counts| counts.active + counts.locked == 0)
            {
                return;
            }
            assert!(start.elapsed() < limit, "{counts:?}\n{}", self.seen());
            if counts.iter().all(|counts| counts.active == 0) {
                self.emulator.advance(LOCK);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn seen(&self) -> String {
        let journal = self.emulator.journal();
        let last = journal.len().saturating_sub(200);
        journal[last..].join("\n")
    }
}
