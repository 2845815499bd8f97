//! An emulator, a client of it, and what calls need before they can be made.

use std::cell::Cell;
use std::time::Duration;

use servicebus::{
    Client, ClientBuilder, Message, ReceiveMode, ReceivedMessage, Receiver, Result, RetryMode,
    RetryOptions, Sender, Transaction,
};
use servicebus_emulator::{Emulator, QueueOptions, SubscriptionOptions};

/// For what is not under test.
pub(crate) const LONG: Duration = Duration::from_secs(20);
/// Between attempts of a call.
pub(crate) const BACKOFF: Duration = Duration::from_millis(20);
const LOCK: Duration = Duration::from_secs(300);
/// So often something is tried that the short time-out of the client may cut off.
const ATTEMPTS: usize = 10;
/// Messages that wait for a call that receives: what is lost with a link stays locked.
const PLENTY: usize = 6;

pub(crate) const QUEUE: &str = "orders";
pub(crate) const SESSIONS: &str = "desk";
pub(crate) const TOPIC: &str = "news";
pub(crate) const SUBSCRIPTION: &str = "all";

pub(crate) struct Scene {
    pub(crate) emulator: Emulator,
    pub(crate) client: Client,
    /// Of the calls under test.
    pub(crate) deadline: Duration,
    over_tls: bool,
    names: Cell<u32>,
}

impl Scene {
    pub(crate) fn new(deadline: Duration, over_tls: bool) -> Self {
        let queue = QueueOptions::new().lock_duration(LOCK);
        let sessions = QueueOptions::new()
            .lock_duration(LOCK)
            .requires_session(true);
        let mut emulator = Emulator::builder();
        if over_tls {
            emulator = emulator.tls_port(0);
        }
        let emulator = emulator
            .queue_with(QUEUE, queue)
            .queue_with(SESSIONS, sessions)
            .topic(TOPIC)
            .subscription_with(
                TOPIC,
                SUBSCRIPTION,
                SubscriptionOptions::new().lock_duration(LOCK),
            )
            .start()
            .expect("the emulator starts");
        let client = client(&emulator, deadline, over_tls);
        Scene {
            emulator,
            client,
            deadline,
            over_tls,
            names: Cell::new(0),
        }
    }

    /// A second client of the same emulator.
    pub(crate) fn another_client(&self) -> Client {
        client(&self.emulator, self.deadline, self.over_tls)
    }

    /// A name that nothing has yet.
    pub(crate) fn name(&self) -> String {
        self.names.set(self.names.get() + 1);
        format!("{}", self.names.get())
    }

    pub(crate) fn sender(&self) -> Result<Sender> {
        let sender = self.client.queue_sender(QUEUE).operation_timeout(LONG);
        Ok(sender.open()?.with_timeout(self.deadline))
    }

    pub(crate) fn receiver(&self, mode: ReceiveMode) -> Result<Receiver> {
        let receiver = self
            .client
            .queue_receiver(QUEUE)
            .receive_mode(mode)
            .max_wait_time(self.deadline)
            .operation_timeout(LONG);
        Ok(receiver.open()?.with_timeout(self.deadline))
    }

    /// A receiver with enough to receive.
    pub(crate) fn supplied(&self, mode: ReceiveMode) -> Result<Receiver> {
        self.put(QUEUE, PLENTY, None)?;
        self.receiver(mode)
    }

    /// A receiver and messages that it has received.
    pub(crate) fn received(&self, count: usize) -> Result<(Receiver, Vec<ReceivedMessage>)> {
        self.put(QUEUE, count, None)?;
        let receiver = self.receiver(ReceiveMode::PeekLock)?;
        let messages = take(&receiver, count)?;
        Ok((receiver, messages))
    }

    /// A session with enough to receive.
    pub(crate) fn session(&self) -> Result<Receiver> {
        let id = self.name();
        self.put(SESSIONS, PLENTY, Some(&id))?;
        let receiver = self
            .client
            .queue_receiver(SESSIONS)
            .session_id(id)
            .operation_timeout(LONG);
        Ok(receiver.open()?.with_timeout(self.deadline))
    }

    pub(crate) fn put(&self, entity: &str, count: usize, session: Option<&str>) -> Result<()> {
        let message = || match session {
            Some(id) => Message::new("a").with_session_id(id),
            None => Message::new("a"),
        };
        let messages: Vec<Message> = (0..count).map(|_| message()).collect();
        let sender = self.client.queue_sender(entity).operation_timeout(LONG);
        sender.open()?.send_messages(messages)
    }

    /// A transaction, whose calls have the client's own time-out.
    pub(crate) fn transaction(&self) -> Result<Transaction> {
        persist(|| self.client.transaction())
    }
}

/// Tries something that the client's own time-out may cut off.
pub(crate) fn persist<T>(mut call: impl FnMut() -> Result<T>) -> Result<T> {
    for _ in 1..ATTEMPTS {
        if let Ok(value) = call() {
            return Ok(value);
        }
    }
    call()
}

pub(crate) fn take(receiver: &Receiver, count: usize) -> Result<Vec<ReceivedMessage>> {
    let mut messages = Vec::new();
    while messages.len() < count {
        let more = receiver.receive_messages(count - messages.len(), LONG)?;
        assert!(!more.is_empty(), "messages are missing");
        messages.extend(more);
    }
    Ok(messages)
}

fn client(emulator: &Emulator, timeout: Duration, over_tls: bool) -> Client {
    let retry = RetryOptions::new()
        .with_mode(RetryMode::Fixed)
        .with_backoff(BACKOFF)
        .with_busy_pause(BACKOFF);
    let settings = if over_tls {
        let address = emulator.tls_connection_string().expect("it listens");
        let root = emulator.tls_root_pem().expect("it has a certificate");
        ClientBuilder::from_connection_string(&address)
            .map(|settings| settings.root_certificates(root))
    } else {
        ClientBuilder::from_connection_string(&emulator.connection_string())
    };
    settings
        .expect("the string is good")
        .operation_timeout(timeout)
        .close_timeout(timeout)
        .retry_options(retry)
        .build()
        .expect("the client starts")
}
