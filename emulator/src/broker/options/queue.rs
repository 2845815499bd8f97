//! The settings of a queue.

use std::time::Duration;

use super::{EntitySettings, EntityStatus};

/// Settings of a queue.
///
/// The defaults are those of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueOptions(pub(crate) EntitySettings);

impl QueueOptions {
    /// The settings of a queue, by their names in descriptions.
    pub(crate) const SETTINGS: &'static [&'static str] = &[
        "LockDuration",
        "MaxSizeInMegabytes",
        "RequiresDuplicateDetection",
        "RequiresSession",
        "DefaultMessageTimeToLive",
        "DeadLetteringOnMessageExpiration",
        "DuplicateDetectionHistoryTimeWindow",
        "MaxDeliveryCount",
        "EnableBatchedOperations",
        "Status",
        "ForwardTo",
        "UserMetadata",
        "SupportOrdering",
        "AutoDeleteOnIdle",
        "EnablePartitioning",
        "ForwardDeadLetteredMessagesTo",
        "EnableExpress",
        "MaxMessageSizeInKilobytes",
    ];

    /// The settings of a queue that was created without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a delivered message stays locked, and each renewal keeps it so; five seconds to five minutes,
    /// one minute unless set.
    #[must_use]
    pub fn lock_duration(mut self, duration: Duration) -> Self {
        self.0.lock_duration = duration;
        self
    }

    /// How much the entity may hold; a multiple of 1,024 MiB up to 5 GiB, or 80 GiB in the premium tier;
    /// 1 GiB unless set.
    #[must_use]
    pub fn max_size_in_megabytes(mut self, megabytes: u64) -> Self {
        self.0.max_size_in_megabytes = megabytes;
        self
    }

    /// Groups the messages into sessions, each of which one receiver holds at a time.
    #[must_use]
    pub fn requires_session(mut self, requires: bool) -> Self {
        self.0.requires_session = requires;
        self
    }

    /// How long a message lives that asks for no shorter life; at least one second, for ever unless set.
    #[must_use]
    pub fn default_message_time_to_live(mut self, span: Duration) -> Self {
        self.0.default_message_time_to_live = span;
        self
    }

    /// Moves messages whose time is over to the dead-letter queue, instead of dropping them.
    #[must_use]
    pub fn dead_lettering_on_message_expiration(mut self, moves: bool) -> Self {
        self.0.dead_lettering_on_message_expiration = moves;
        self
    }

    /// Drops messages whose message id was seen within this window; 20 seconds to 7 days as
    /// in the service, and from 5 seconds as in Microsoft's emulator. Off unless set.
    #[must_use]
    pub fn duplicate_detection(mut self, window: Duration) -> Self {
        self.0.requires_duplicate_detection = true;
        self.0.duplicate_detection_history_time_window = window;
        self
    }

    /// After how many failed deliveries a message goes to the dead-letter queue; 1 to 2,000, 10 unless set.
    #[must_use]
    pub fn max_delivery_count(mut self, count: u32) -> Self {
        self.0.max_delivery_count = count;
        self
    }

    /// A hint to the service about its store; kept and given back.
    #[must_use]
    pub fn enable_batched_operations(mut self, enable: bool) -> Self {
        self.0.enable_batched_operations = enable;
        self
    }

    /// What clients may do.
    #[must_use]
    pub fn status(mut self, status: EntityStatus) -> Self {
        self.0.status = status;
        self
    }

    /// Passes every message on to another queue or topic of the namespace, by its path.
    #[must_use]
    pub fn forward_to(mut self, path: impl Into<String>) -> Self {
        self.0.forward_to = Some(path.into());
        self
    }

    /// Any text of the user, of at most 1,024 characters; kept and given back.
    #[must_use]
    pub fn user_metadata(mut self, text: impl Into<String>) -> Self {
        self.0.user_metadata = Some(text.into());
        self
    }

    /// Kept and given back.
    #[must_use]
    pub fn support_ordering(mut self, support: bool) -> Self {
        self.0.support_ordering = support;
        self
    }

    /// Deletes the entity when nobody has used it for so long; at least five minutes, never unless set.
    #[must_use]
    pub fn auto_delete_on_idle(mut self, span: Duration) -> Self {
        self.0.auto_delete_on_idle = span;
        self
    }

    /// Spreads the entity over several stores of the service; kept and given back.
    #[must_use]
    pub fn enable_partitioning(mut self, enable: bool) -> Self {
        self.0.enable_partitioning = enable;
        self
    }

    /// Passes dead-lettered messages on to another queue or topic of the namespace, by its path.
    #[must_use]
    pub fn forward_dead_lettered_messages_to(mut self, path: impl Into<String>) -> Self {
        self.0.forward_dead_lettered_messages_to = Some(path.into());
        self
    }

    /// A hint to the service about its store; kept and given back.
    #[must_use]
    pub fn enable_express(mut self, enable: bool) -> Self {
        self.0.enable_express = enable;
        self
    }

    /// The largest message, batches apart; in the premium tier 1,024 to 102,400 KiB, 1,024 unless set.
    /// In the others it cannot but be 256.
    #[must_use]
    pub fn max_message_size_in_kilobytes(mut self, kilobytes: u64) -> Self {
        self.0.max_message_size_in_kilobytes = Some(kilobytes);
        self
    }
}
