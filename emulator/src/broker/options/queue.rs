//! The settings of a queue.

use std::time::Duration;

use super::{
    check_auto_delete, check_delivery_count, check_duplicate_window, check_locks,
    check_message_size, check_metadata, check_size, check_time_to_live, EntityStatus, FOREVER,
};
use crate::auth::AuthorizationRule;
use crate::broker::BrokerError;
use crate::tier::Tier;

/// Settings of a queue.
///
/// The defaults are those of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueOptions {
    pub(crate) lock_duration: Duration,
    pub(crate) max_size_in_megabytes: u64,
    pub(crate) requires_session: bool,
    pub(crate) default_message_time_to_live: Duration,
    pub(crate) dead_lettering_on_message_expiration: bool,
    pub(crate) requires_duplicate_detection: bool,
    pub(crate) duplicate_detection_history_time_window: Duration,
    pub(crate) max_delivery_count: u32,
    pub(crate) enable_batched_operations: bool,
    pub(crate) authorization_rules: Vec<AuthorizationRule>,
    pub(crate) status: EntityStatus,
    pub(crate) forward_to: Option<String>,
    pub(crate) user_metadata: Option<String>,
    pub(crate) support_ordering: bool,
    pub(crate) auto_delete_on_idle: Duration,
    pub(crate) enable_partitioning: bool,
    pub(crate) enable_express: bool,
    pub(crate) forward_dead_lettered_messages_to: Option<String>,
    pub(crate) max_message_size_in_kilobytes: Option<u64>,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            lock_duration: Duration::from_secs(60),
            max_size_in_megabytes: 1_024,
            requires_session: false,
            default_message_time_to_live: FOREVER,
            dead_lettering_on_message_expiration: false,
            requires_duplicate_detection: false,
            duplicate_detection_history_time_window: Duration::from_secs(600),
            max_delivery_count: 10,
            enable_batched_operations: true,
            authorization_rules: Vec::new(),
            status: EntityStatus::Active,
            forward_to: None,
            user_metadata: None,
            support_ordering: true,
            auto_delete_on_idle: FOREVER,
            enable_partitioning: false,
            enable_express: false,
            forward_dead_lettered_messages_to: None,
            max_message_size_in_kilobytes: None,
        }
    }
}

impl QueueOptions {
    /// The settings of a queue that was created without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a delivered message stays locked, and each renewal keeps it so; five seconds to five minutes,
    /// one minute unless set.
    #[must_use]
    pub fn lock_duration(mut self, duration: Duration) -> Self {
        self.lock_duration = duration;
        self
    }

    /// How much the entity may hold; a multiple of 1,024 MiB up to 80 GiB, 1 GiB unless set.
    #[must_use]
    pub fn max_size_in_megabytes(mut self, megabytes: u64) -> Self {
        self.max_size_in_megabytes = megabytes;
        self
    }

    /// Groups the messages into sessions, each of which one receiver holds at a time.
    #[must_use]
    pub fn requires_session(mut self, requires: bool) -> Self {
        self.requires_session = requires;
        self
    }

    /// How long a message lives that asks for no shorter life; at least one second, for ever unless set.
    #[must_use]
    pub fn default_message_time_to_live(mut self, span: Duration) -> Self {
        self.default_message_time_to_live = span;
        self
    }

    /// Moves messages whose time is over to the dead-letter queue, instead of dropping them.
    #[must_use]
    pub fn dead_lettering_on_message_expiration(mut self, moves: bool) -> Self {
        self.dead_lettering_on_message_expiration = moves;
        self
    }

    /// Drops messages whose message id was seen within this window; 20 seconds to 7 days, off unless set.
    #[must_use]
    pub fn duplicate_detection(mut self, window: Duration) -> Self {
        self.requires_duplicate_detection = true;
        self.duplicate_detection_history_time_window = window;
        self
    }

    /// After how many failed deliveries a message goes to the dead-letter queue; 1 to 2,000, 10 unless set.
    #[must_use]
    pub fn max_delivery_count(mut self, count: u32) -> Self {
        self.max_delivery_count = count;
        self
    }

    /// A hint to the service about its store; kept and given back.
    #[must_use]
    pub fn enable_batched_operations(mut self, enable: bool) -> Self {
        self.enable_batched_operations = enable;
        self
    }

    /// What clients may do.
    #[must_use]
    pub fn status(mut self, status: EntityStatus) -> Self {
        self.status = status;
        self
    }

    /// Passes every message on to another queue or topic of the namespace, by its path.
    #[must_use]
    pub fn forward_to(mut self, path: impl Into<String>) -> Self {
        self.forward_to = Some(path.into());
        self
    }

    /// Any text of the user, of at most 1,024 characters; kept and given back.
    #[must_use]
    pub fn user_metadata(mut self, text: impl Into<String>) -> Self {
        self.user_metadata = Some(text.into());
        self
    }

    /// Kept and given back.
    #[must_use]
    pub fn support_ordering(mut self, support: bool) -> Self {
        self.support_ordering = support;
        self
    }

    /// Deletes the entity when nobody has used it for so long; at least five minutes, never unless set.
    #[must_use]
    pub fn auto_delete_on_idle(mut self, span: Duration) -> Self {
        self.auto_delete_on_idle = span;
        self
    }

    /// Spreads the entity over several stores of the service; kept and given back.
    #[must_use]
    pub fn enable_partitioning(mut self, enable: bool) -> Self {
        self.enable_partitioning = enable;
        self
    }

    /// Passes dead-lettered messages on to another queue or topic of the namespace, by its path.
    #[must_use]
    pub fn forward_dead_lettered_messages_to(mut self, path: impl Into<String>) -> Self {
        self.forward_dead_lettered_messages_to = Some(path.into());
        self
    }

    /// A hint to the service about its store; kept and given back.
    #[must_use]
    pub fn enable_express(mut self, enable: bool) -> Self {
        self.enable_express = enable;
        self
    }

    /// The largest message, batches apart; in the premium tier 1,024 to 102,400 KiB, 1,024 unless set.
    /// In the others it cannot but be 256.
    #[must_use]
    pub fn max_message_size_in_kilobytes(mut self, kilobytes: u64) -> Self {
        self.max_message_size_in_kilobytes = Some(kilobytes);
        self
    }

    /// For how long the ids of messages are remembered; `None` if they are not.
    pub(crate) fn duplicate_window(&self) -> Option<Duration> {
        self.requires_duplicate_detection
            .then_some(self.duplicate_detection_history_time_window)
    }

    pub(crate) fn check(&self, tier: Tier) -> Result<(), BrokerError> {
        check_locks(self.lock_duration)?;
        check_size(self.max_size_in_megabytes)?;
        check_time_to_live(self.default_message_time_to_live)?;
        check_duplicate_window(self.duplicate_detection_history_time_window)?;
        check_delivery_count(self.max_delivery_count)?;
        check_metadata(self.user_metadata.as_deref())?;
        check_auto_delete(self.auto_delete_on_idle)?;
        check_message_size(self.max_message_size_in_kilobytes, tier)
    }
}
