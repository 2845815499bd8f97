//! The settings of a topic.

use std::time::Duration;

use super::{
    check_auto_delete, check_duplicate_window, check_message_size, check_metadata, check_size,
    check_time_to_live, EntityStatus, QueueOptions, FOREVER,
};
use crate::auth::AuthorizationRule;
use crate::broker::BrokerError;
use crate::tier::Tier;

/// Settings of a topic.
///
/// The defaults are those of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicOptions {
    pub(crate) default_message_time_to_live: Duration,
    pub(crate) max_size_in_megabytes: u64,
    pub(crate) requires_duplicate_detection: bool,
    pub(crate) duplicate_detection_history_time_window: Duration,
    pub(crate) enable_batched_operations: bool,
    pub(crate) authorization_rules: Vec<AuthorizationRule>,
    pub(crate) status: EntityStatus,
    pub(crate) user_metadata: Option<String>,
    pub(crate) support_ordering: bool,
    pub(crate) auto_delete_on_idle: Duration,
    pub(crate) enable_partitioning: bool,
    pub(crate) enable_express: bool,
    pub(crate) max_message_size_in_kilobytes: Option<u64>,
}

impl Default for TopicOptions {
    fn default() -> Self {
        Self {
            default_message_time_to_live: FOREVER,
            max_size_in_megabytes: 1_024,
            requires_duplicate_detection: false,
            duplicate_detection_history_time_window: Duration::from_secs(600),
            enable_batched_operations: true,
            authorization_rules: Vec::new(),
            status: EntityStatus::Active,
            user_metadata: None,
            support_ordering: true,
            auto_delete_on_idle: FOREVER,
            enable_partitioning: false,
            enable_express: false,
            max_message_size_in_kilobytes: None,
        }
    }
}

impl TopicOptions {
    /// The settings of a topic that was created without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a message lives that asks for no shorter life; at least one second, for ever unless set.
    #[must_use]
    pub fn default_message_time_to_live(mut self, span: Duration) -> Self {
        self.default_message_time_to_live = span;
        self
    }

    /// How much the entity may hold; a multiple of 1,024 MiB up to 80 GiB, 1 GiB unless set.
    #[must_use]
    pub fn max_size_in_megabytes(mut self, megabytes: u64) -> Self {
        self.max_size_in_megabytes = megabytes;
        self
    }

    /// Drops messages whose message id was seen within this window; 20 seconds to 7 days, off unless set.
    #[must_use]
    pub fn duplicate_detection(mut self, window: Duration) -> Self {
        self.requires_duplicate_detection = true;
        self.duplicate_detection_history_time_window = window;
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

    /// What rules the queues of the topic.
    pub(crate) fn as_queue(&self) -> QueueOptions {
        QueueOptions {
            default_message_time_to_live: self.default_message_time_to_live,
            max_size_in_megabytes: self.max_size_in_megabytes,
            requires_duplicate_detection: self.requires_duplicate_detection,
            duplicate_detection_history_time_window: self.duplicate_detection_history_time_window,
            enable_batched_operations: self.enable_batched_operations,
            authorization_rules: self.authorization_rules.clone(),
            status: self.status,
            user_metadata: self.user_metadata.clone(),
            support_ordering: self.support_ordering,
            auto_delete_on_idle: self.auto_delete_on_idle,
            enable_partitioning: self.enable_partitioning,
            enable_express: self.enable_express,
            max_message_size_in_kilobytes: self.max_message_size_in_kilobytes,
            ..QueueOptions::default()
        }
    }

    pub(crate) fn check(&self, tier: Tier) -> Result<(), BrokerError> {
        check_time_to_live(self.default_message_time_to_live)?;
        check_size(self.max_size_in_megabytes)?;
        check_duplicate_window(self.duplicate_detection_history_time_window)?;
        check_metadata(self.user_metadata.as_deref())?;
        check_auto_delete(self.auto_delete_on_idle)?;
        check_message_size(self.max_message_size_in_kilobytes, tier)
    }
}
