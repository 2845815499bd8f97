//! An emulator with the topic `news` and its subscription `north`, a client of it, and the rules.

use std::time::Duration;

use servicebus::{Client, ClientBuilder, Message, RetryMode, RetryOptions, SubscriptionRules};
use servicebus_emulator::{Emulator, Fault, FaultId};

/// Long enough for any answer of the emulator; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(20);

pub(crate) struct News {
    pub(crate) rules: SubscriptionRules,
    pub(crate) client: Client,
    pub(crate) emulator: Emulator,
}

impl News {
    /// With the rule that every subscription begins with.
    pub(crate) fn new() -> Self {
        let pauses = RetryOptions::new()
            .with_mode(RetryMode::Fixed)
            .with_backoff(Duration::from_millis(20))
            .with_busy_pause(Duration::from_millis(20));
        Self::with_retry_options(pauses)
    }

    pub(crate) fn with_retry_options(retry: RetryOptions) -> Self {
        let emulator = Emulator::builder()
            .topic("news")
            .subscription("news", "north")
            .start()
            .expect("the emulator starts");
        let client = ClientBuilder::from_connection_string(&emulator.connection_string())
            .expect("the emulator's connection string is good")
            .retry_options(retry)
            .build()
            .expect("the client starts");
        let rules = client
            .subscription_rules("news", "north")
            .expect("the names are good");
        News {
            rules,
            client,
            emulator,
        }
    }

    /// Without any rule.
    pub(crate) fn without_rules() -> Self {
        let news = Self::new();
        news.rules
            .remove_rule("$Default")
            .expect("the rule is there");
        news
    }

    /// Sends the messages to the topic, in their order.
    pub(crate) fn publish(&self, messages: Vec<Message>) {
        self.client
            .topic_sender("news")
            .open()
            .expect("the sender opens")
            .send_messages(messages)
            .expect("the messages are stored");
    }

    /// The bodies of what the subscription got, which is then gone.
    pub(crate) fn delivered(&self) -> Vec<String> {
        let messages = self.taken();
        messages.iter().map(ToString::to_string).collect()
    }

    /// What the subscription got, which is then gone.
    pub(crate) fn taken(&self) -> Vec<servicebus::ReceivedMessage> {
        let counts = self
            .emulator
            .counts("news/Subscriptions/north")
            .expect("it exists");
        let receiver = self
            .client
            .subscription_receiver("news", "north")
            .receive_mode(servicebus::ReceiveMode::ReceiveAndDelete)
            .open()
            .expect("the receiver opens");
        let mut messages = Vec::new();
        while messages.len() < counts.active {
            let more = receiver.receive_messages(counts.active - messages.len(), LONG);
            messages.extend(more.expect("receiving works"));
        }
        messages
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.rules
            .list_rules()
            .map(|rule| rule.expect("listing works").name().to_owned())
            .collect()
    }

    pub(crate) fn inject(&self, fault: Fault) -> FaultId {
        self.emulator.inject(fault).expect("the fault is valid")
    }

    /// What the emulator saw, for the messages of failing tests.
    pub(crate) fn seen(&self) -> String {
        self.emulator.journal().join("\n")
    }
}
