//! What can be set on an entity, with the defaults and ranges of the service (Service Bus docs, "Quotas").

mod queue;
mod subscription;
mod topic;

use std::ops::RangeInclusive;
use std::time::Duration;

pub use self::queue::QueueOptions;
pub use self::subscription::SubscriptionOptions;
pub use self::topic::TopicOptions;

use super::BrokerError;
use crate::tier::Tier;

/// The longest span of the service, that of .NET's `TimeSpan.MaxValue`: what has it lives for ever.
pub(crate) const FOREVER: Duration = Duration::new(922_337_203_685, 477_580_700);

/// What an entity lets its clients do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EntityStatus {
    /// Sending and receiving.
    #[default]
    Active,
    /// Neither.
    Disabled,
    /// Receiving alone.
    SendDisabled,
    /// Sending alone.
    ReceiveDisabled,
}

impl EntityStatus {
    /// Whether messages can be sent to the entity.
    pub fn can_send(self) -> bool {
        matches!(self, EntityStatus::Active | EntityStatus::ReceiveDisabled)
    }

    /// Whether messages can be received from the entity.
    pub fn can_receive(self) -> bool {
        matches!(self, EntityStatus::Active | EntityStatus::SendDisabled)
    }
}

fn check_span(
    option: &'static str,
    value: Duration,
    allowed: RangeInclusive<Duration>,
    range: &'static str,
) -> Result<(), BrokerError> {
    check(option, allowed.contains(&value), range)
}

fn check(option: &'static str, holds: bool, range: &'static str) -> Result<(), BrokerError> {
    if holds {
        Ok(())
    } else {
        Err(BrokerError::InvalidOption { option, range })
    }
}

fn check_time_to_live(value: Duration) -> Result<(), BrokerError> {
    let allowed = Duration::from_secs(1)..=FOREVER;
    check_span(
        "DefaultMessageTimeToLive",
        value,
        allowed,
        "at least 1 second",
    )
}

fn check_auto_delete(value: Duration) -> Result<(), BrokerError> {
    let allowed = Duration::from_secs(300)..=FOREVER;
    check_span("AutoDeleteOnIdle", value, allowed, "at least 5 minutes")
}

fn check_duplicate_window(window: Duration) -> Result<(), BrokerError> {
    let allowed = Duration::from_secs(20)..=Duration::from_secs(7 * 24 * 3600);
    check_span(
        "DuplicateDetectionHistoryTimeWindow",
        window,
        allowed,
        "20 seconds to 7 days",
    )
}

fn check_locks(duration: Duration) -> Result<(), BrokerError> {
    let allowed = Duration::from_secs(5)..=Duration::from_secs(300);
    check_span("LockDuration", duration, allowed, "5 seconds to 5 minutes")
}

fn check_delivery_count(count: u32) -> Result<(), BrokerError> {
    check(
        "MaxDeliveryCount",
        (1..=2_000).contains(&count),
        "1 to 2000",
    )
}

fn check_size(megabytes: u64) -> Result<(), BrokerError> {
    let holds = (1_024..=81_920).contains(&megabytes) && megabytes % 1_024 == 0;
    check(
        "MaxSizeInMegabytes",
        holds,
        "a multiple of 1024 up to 81920",
    )
}

/// Only the premium tier leaves a choice.
fn check_message_size(kilobytes: Option<u64>, tier: Tier) -> Result<(), BrokerError> {
    let (allowed, range) = match tier {
        Tier::Basic | Tier::Standard => (256..=256, "256 in this tier"),
        Tier::Premium => (1_024..=102_400, "1024 to 102400"),
    };
    let holds = kilobytes.is_none_or(|size| allowed.contains(&size));
    check("MaxMessageSizeInKilobytes", holds, range)
}

fn check_metadata(text: Option<&str>) -> Result<(), BrokerError> {
    let holds = text.is_none_or(|text| text.chars().count() <= 1_024);
    check("UserMetadata", holds, "at most 1024 characters")
}
