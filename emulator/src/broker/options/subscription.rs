//! The settings of a subscription.

use std::time::Duration;

use super::{
    check_auto_delete, check_delivery_count, check_locks, check_metadata, check_time_to_live,
    EntityStatus, QueueOptions, FOREVER,
};
use crate::broker::BrokerError;

/// Settings of a subscription.
///
/// The defaults are those of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionOptions {
    pub(crate) lock_duration: Duration,
    pub(crate) requires_session: bool,
    pub(crate) default_message_time_to_live: Duration,
    pub(crate) dead_lettering_on_message_expiration: bool,
    pub(crate) dead_lettering_on_filter_errors: bool,
    pub(crate) max_delivery_count: u32,
    pub(crate) enable_batched_operations: bool,
    pub(crate) status: EntityStatus,
    pub(crate) forward_to: Option<String>,
    pub(crate) user_metadata: Option<String>,
    pub(crate) auto_delete_on_idle: Duration,
    pub(crate) forward_dead_lettered_messages_to: Option<String>,
}

impl Default for SubscriptionOptions {
    fn default() -> Self {
        Self {
            lock_duration: Duration::from_secs(60),
            requires_session: false,
            default_message_time_to_live: FOREVER,
            dead_lettering_on_message_expiration: false,
            dead_lettering_on_filter_errors: true,
            max_delivery_count: 10,
            enable_batched_operations: true,
            status: EntityStatus::Active,
            forward_to: None,
            user_metadata: None,
            auto_delete_on_idle: FOREVER,
            forward_dead_lettered_messages_to: None,
        }
    }
}

impl SubscriptionOptions {
    /// The settings of a subscription that was created without any.
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

    /// Moves messages on which a filter fails to the dead-letter queue; it does unless set otherwise.
    #[must_use]
    pub fn dead_lettering_on_filter_errors(mut self, moves: bool) -> Self {
        self.dead_lettering_on_filter_errors = moves;
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

    /// Deletes the entity when nobody has used it for so long; at least five minutes, never unless set.
    #[must_use]
    pub fn auto_delete_on_idle(mut self, span: Duration) -> Self {
        self.auto_delete_on_idle = span;
        self
    }

    /// Passes dead-lettered messages on to another queue or topic of the namespace, by its path.
    #[must_use]
    pub fn forward_dead_lettered_messages_to(mut self, path: impl Into<String>) -> Self {
        self.forward_dead_lettered_messages_to = Some(path.into());
        self
    }

    /// What rules the queues of the subscription.
    pub(crate) fn as_queue(&self) -> QueueOptions {
        QueueOptions {
            lock_duration: self.lock_duration,
            requires_session: self.requires_session,
            default_message_time_to_live: self.default_message_time_to_live,
            dead_lettering_on_message_expiration: self.dead_lettering_on_message_expiration,
            max_delivery_count: self.max_delivery_count,
            enable_batched_operations: self.enable_batched_operations,
            status: self.status,
            forward_to: self.forward_to.clone(),
            user_metadata: self.user_metadata.clone(),
            auto_delete_on_idle: self.auto_delete_on_idle,
            forward_dead_lettered_messages_to: self.forward_dead_lettered_messages_to.clone(),
            ..QueueOptions::default()
        }
    }

    pub(crate) fn check(&self) -> Result<(), BrokerError> {
        check_locks(self.lock_duration)?;
        check_time_to_live(self.default_message_time_to_live)?;
        check_delivery_count(self.max_delivery_count)?;
        check_metadata(self.user_metadata.as_deref())?;
        check_auto_delete(self.auto_delete_on_idle)
    }
}
