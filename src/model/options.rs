use super::application_properties::ApplicationProperties;
use super::value::AmqpValue;

/// What becomes of a message when it is handed to a receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReceiveMode {
    /// The message is locked for this receiver, which then settles it: completes, abandons, defers
    /// or dead-letters it.
    #[default]
    PeekLock,
    /// The message is gone from the entity when the service sends it. A crash of the receiver loses
    /// it.
    ReceiveAndDelete,
}

/// A queue that belongs to another entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubQueue {
    /// Messages that could not be processed, `$DeadLetterQueue`.
    DeadLetter,
    /// Messages that could not be forwarded to another entity, `$Transfer/$DeadLetterQueue`.
    TransferDeadLetter,
}

/// How to abandon a message.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AbandonOptions {
    pub(crate) properties_to_modify: ApplicationProperties,
}

impl AbandonOptions {
    /// Abandons the message unchanged.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an application property on the message before it becomes available again.
    #[must_use]
    pub fn with_property(mut self, name: impl Into<String>, value: impl Into<AmqpValue>) -> Self {
        self.properties_to_modify.insert(name, value);
        self
    }
}

/// How to defer a message.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DeferOptions {
    pub(crate) properties_to_modify: ApplicationProperties,
}

impl DeferOptions {
    /// Defers the message unchanged.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an application property on the message that is set aside.
    #[must_use]
    pub fn with_property(mut self, name: impl Into<String>, value: impl Into<AmqpValue>) -> Self {
        self.properties_to_modify.insert(name, value);
        self
    }
}

/// How to dead-letter a message.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DeadLetterOptions {
    pub(crate) reason: Option<String>,
    pub(crate) error_description: Option<String>,
    pub(crate) properties_to_modify: ApplicationProperties,
}

impl DeadLetterOptions {
    /// Moves the message without a reason.
    pub fn new() -> Self {
        Self::default()
    }

    /// Why, in a word or two, at most 4,096 characters. The dead-lettered message carries it as
    /// `DeadLetterReason`.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Why, in detail, at most 4,096 characters. The dead-lettered message carries it as
    /// `DeadLetterErrorDescription`.
    #[must_use]
    pub fn with_error_description(mut self, description: impl Into<String>) -> Self {
        self.error_description = Some(description.into());
        self
    }

    /// Sets an application property on the dead-lettered message.
    #[must_use]
    pub fn with_property(mut self, name: impl Into<String>, value: impl Into<AmqpValue>) -> Self {
        self.properties_to_modify.insert(name, value);
        self
    }
}

/// How to make a batch.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct MessageBatchOptions {
    pub(crate) max_size_in_bytes: Option<usize>,
}

impl MessageBatchOptions {
    /// A batch as large as the entity takes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most bytes that the batch may take, at most what the entity does.
    #[must_use]
    pub fn with_max_size_in_bytes(mut self, max_size_in_bytes: usize) -> Self {
        self.max_size_in_bytes = Some(max_size_in_bytes);
        self
    }
}
