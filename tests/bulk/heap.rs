//! An emulator with the queue `heap`, a client of it that tries again soon, and what a failing test wants to know.

use std::time::Duration;

use servicebus::{
    Client, ClientBuilder, Message, ReceivedMessage, Receiver, Result, RetryMode, RetryOptions,
};
use servicebus_emulator::{Direction, Emulator, QueueOptions};

/// Long enough for any answer of the emulator; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) struct Heap {
    pub(crate) client: Client,
    pub(crate) emulator: Emulator,
}

/// Tries again soon.
pub(crate) fn soon() -> RetryOptions {
    RetryOptions::new()
        .with_mode(RetryMode::Fixed)
        .with_backoff(Duration::from_millis(20))
        .with_busy_pause(Duration::from_millis(20))
}

impl Heap {
    pub(crate) fn new() -> Self {
        Self::with(QueueOptions::new(), soon())
    }

    pub(crate) fn with(queue: QueueOptions, retry: RetryOptions) -> Self {
        let emulator = Emulator::builder()
            .queue_with("heap", queue)
            .queue("other")
            .start()
            .expect("the emulator starts");
        let client = ClientBuilder::from_connection_string(&emulator.connection_string())
            .expect("the emulator's connection string is good")
            .retry_options(retry)
            .build()
            .expect("the client starts");
        Heap { client, emulator }
    }

    /// Sends that many messages, whose bodies are their numbers.
    pub(crate) fn send(&self, count: usize) {
        let messages: Vec<Message> = (0..count).map(|n| Message::new(n.to_string())).collect();
        self.client
            .queue_sender("heap")
            .open()
            .expect("the sender opens")
            .send_messages(messages)
            .expect("the messages are stored");
    }

    pub(crate) fn receiver(&self) -> Receiver {
        self.client
            .queue_receiver("heap")
            .open()
            .expect("the receiver opens")
    }

    /// How many messages are active, locked and dead-lettered.
    #[track_caller]
    pub(crate) fn assert_counts(&self, active: usize, locked: usize, dead_lettered: usize) {
        let counts = self.emulator.counts("heap").expect("the queue exists");
        assert_eq!(
            (counts.active, counts.locked, counts.dead_lettered),
            (active, locked, dead_lettered),
            "active, locked, dead-lettered; the emulator saw\n{}",
            self.seen()
        );
    }

    /// How many frames of this kind the client has sent since they are on record.
    pub(crate) fn count_frames(&self, performative: &str) -> usize {
        let frames = self.emulator.frames();
        frames
            .iter()
            .filter(|frame| {
                frame.direction == Direction::Inbound && frame.performative == performative
            })
            .count()
    }

    /// What the emulator saw, for the messages of failing tests.
    pub(crate) fn seen(&self) -> String {
        self.emulator.journal().join("\n")
    }
}

/// That many messages, which must be there.
#[track_caller]
pub(crate) fn take(receiver: &Receiver, count: usize) -> Vec<ReceivedMessage> {
    let mut messages = Vec::new();
    while messages.len() < count {
        let more = receiver
            .receive_messages(count - messages.len(), LONG)
            .expect("receiving works");
        assert!(!more.is_empty(), "messages are missing");
        messages.extend(more);
    }
    messages
}

#[track_caller]
pub(crate) fn assert_all_ok(results: &[Result<()>], count: usize) {
    assert_eq!(results.len(), count);
    let failed: Vec<_> = results.iter().filter(|result| result.is_err()).collect();
    assert!(failed.is_empty(), "{failed:?}");
}
