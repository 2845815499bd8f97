//! What can be set on an entity, with the defaults and ranges of the service.

use std::time::Duration;

use super::BrokerError;
use crate::auth::AuthorizationRule;

/// Settings of a queue.
///
/// The defaults are those of the service: a lock of one minute, ten deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueOptions {
    pub(crate) lock_duration: Duration,
    pub(crate) max_delivery_count: u32,
    pub(crate) requires_session: bool,
    pub(crate) authorization_rules: Vec<AuthorizationRule>,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            lock_duration: Duration::from_secs(60),
            max_delivery_count: 10,
            requires_session: false,
            authorization_rules: Vec::new(),
        }
    }
}

impl QueueOptions {
    /// The settings of a queue that was created without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long a delivered message stays locked, and each renewal keeps it so; five seconds to five minutes.
    #[must_use]
    pub fn lock_duration(mut self, duration: Duration) -> Self {
        self.lock_duration = duration;
        self
    }

    /// After how many failed deliveries a message goes to the dead-letter queue; 1 to 2,000.
    #[must_use]
    pub fn max_delivery_count(mut self, count: u32) -> Self {
        self.max_delivery_count = count;
        self
    }

    /// Groups the messages into sessions: each message must have a session id, and receivers
    /// receive the messages of one session, in order, while nobody else receives from it.
    #[must_use]
    pub fn requires_session(mut self, requires: bool) -> Self {
        self.requires_session = requires;
        self
    }

    pub(super) fn check(&self) -> Result<(), BrokerError> {
        let locks = Duration::from_secs(5)..=Duration::from_secs(300);
        if !locks.contains(&self.lock_duration) {
            return Err(BrokerError::InvalidOption {
                option: "LockDuration",
                range: "5 seconds to 5 minutes",
            });
        }
        if !(1..=2_000).contains(&self.max_delivery_count) {
            return Err(BrokerError::InvalidOption {
                option: "MaxDeliveryCount",
                range: "1 to 2000",
            });
        }
        Ok(())
    }
}
