//! What can be set on entities of any kind.

use std::time::Duration;

use super::EntityStatus;
use crate::auth::AuthorizationRule;
use crate::broker::BrokerError;
use crate::duration;
use crate::tier::Tier;

/// The longest span of the service, that of .NET's `TimeSpan.MaxValue`: what has it lives for ever.
pub(crate) const FOREVER: Duration = Duration::new(922_337_203_685, 477_580_700);

/// How many partitions an entity is spread over (Service Bus docs, "Partitioned queues and topics").
const PARTITIONS: u64 = 16;

/// The settings of an entity; those that its kind does not have are at their defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntitySettings {
    pub(crate) lock_duration: Duration,
    pub(crate) max_size_in_megabytes: u64,
    pub(crate) requires_session: bool,
    pub(crate) default_message_time_to_live: Duration,
    pub(crate) dead_lettering_on_message_expiration: bool,
    pub(crate) dead_lettering_on_filter_errors: bool,
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

impl Default for EntitySettings {
    fn default() -> Self {
        Self {
            lock_duration: Duration::from_secs(60),
            max_size_in_megabytes: 1_024,
            requires_session: false,
            default_message_time_to_live: FOREVER,
            dead_lettering_on_message_expiration: false,
            dead_lettering_on_filter_errors: true,
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

/// What the text of a setting should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected(pub(crate) &'static str);

impl EntitySettings {
    /// For how long the ids of messages are remembered; `None` if they are not.
    pub(crate) fn duplicate_window(&self) -> Option<Duration> {
        self.requires_duplicate_detection
            .then_some(self.duplicate_detection_history_time_window)
    }

    /// Sets what has this name in descriptions of entities, and in `Config.json`, from its text there.
    ///
    /// Ranges are not looked at; see [`EntitySettings::check`].
    pub(crate) fn set(&mut self, name: &str, text: &str) -> Result<(), Expected> {
        match name {
            "LockDuration" => self.lock_duration = span(text)?,
            "MaxSizeInMegabytes" => self.max_size_in_megabytes = number(text)?,
            "RequiresDuplicateDetection" => self.requires_duplicate_detection = flag(text)?,
            "RequiresSession" => self.requires_session = flag(text)?,
            "DefaultMessageTimeToLive" => self.default_message_time_to_live = span(text)?,
            "DeadLetteringOnMessageExpiration" => {
                self.dead_lettering_on_message_expiration = flag(text)?;
            }
            "DeadLetteringOnFilterEvaluationExceptions" => {
                self.dead_lettering_on_filter_errors = flag(text)?;
            }
            "DuplicateDetectionHistoryTimeWindow" => {
                self.duplicate_detection_history_time_window = span(text)?;
            }
            "MaxDeliveryCount" => self.max_delivery_count = number(text)?,
            "EnableBatchedOperations" => self.enable_batched_operations = flag(text)?,
            "Status" => self.status = EntityStatus::of_name(text)?,
            "ForwardTo" => self.forward_to = target(text),
            "UserMetadata" => {
                self.user_metadata = Some(text.to_owned()).filter(|text| !text.is_empty());
            }
            "SupportOrdering" => self.support_ordering = flag(text)?,
            "AutoDeleteOnIdle" => self.auto_delete_on_idle = span(text)?,
            "EnablePartitioning" => self.enable_partitioning = flag(text)?,
            "EnableExpress" => self.enable_express = flag(text)?,
            "ForwardDeadLetteredMessagesTo" => {
                self.forward_dead_lettered_messages_to = target(text);
            }
            "MaxMessageSizeInKilobytes" => {
                self.max_message_size_in_kilobytes = Some(number(text)?);
            }
            _ => return Err(Expected("the name of a setting")),
        }
        Ok(())
    }

    /// The settings of a new entity: where it is spread over partitions, there is no order among these,
    /// and each is as large as was asked for.
    pub(in crate::broker) fn spread(mut self) -> Self {
        if self.enable_partitioning {
            self.support_ordering = false;
            self.max_size_in_megabytes = self.max_size_in_megabytes.saturating_mul(PARTITIONS);
        }
        self
    }

    /// Refuses values out of the ranges of the service (Service Bus docs, "Quotas").
    pub(crate) fn check(&self, tier: Tier) -> Result<(), BrokerError> {
        let seconds = Duration::from_secs;
        for (option, value, allowed, range) in [
            (
                "LockDuration",
                self.lock_duration,
                seconds(5)..=seconds(300),
                "5 seconds to 5 minutes",
            ),
            (
                "DefaultMessageTimeToLive",
                self.default_message_time_to_live,
                seconds(1)..=FOREVER,
                "at least 1 second",
            ),
            (
                "DuplicateDetectionHistoryTimeWindow",
                self.duplicate_detection_history_time_window,
                seconds(5)..=seconds(7 * 24 * 3600),
                "5 seconds to 7 days",
            ),
            (
                "AutoDeleteOnIdle",
                self.auto_delete_on_idle,
                seconds(300)..=FOREVER,
                "at least 5 minutes",
            ),
        ] {
            check(option, allowed.contains(&value), range)?;
        }
        let delivers = (1..=2_000).contains(&self.max_delivery_count);
        check("MaxDeliveryCount", delivers, "1 to 2000")?;
        let metadata = self.user_metadata.as_deref().unwrap_or_default();
        let short = metadata.chars().count() <= 1_024;
        check("UserMetadata", short, "at most 1024 characters")?;
        let (largest, range) = if tier == Tier::Premium || self.enable_partitioning {
            (81_920, "a multiple of 1024 up to 81920")
        } else {
            (5_120, "a multiple of 1024 up to 5120")
        };
        let megabytes = self.max_size_in_megabytes;
        let sized = (1_024..=largest).contains(&megabytes) && megabytes % 1_024 == 0;
        check("MaxSizeInMegabytes", sized, range)?;
        // Service Bus docs, "Service Bus Premium and Standard messaging tiers".
        for (option, asked) in [
            ("EnablePartitioning", self.enable_partitioning),
            ("EnableExpress", self.enable_express),
        ] {
            check(
                option,
                !asked || tier != Tier::Premium,
                "false in this tier",
            )?;
        }
        // Only the premium tier leaves a choice.
        let (allowed, range) = match tier {
            Tier::Basic | Tier::Standard => (256..=256, "256 in this tier"),
            Tier::Premium => (1_024..=102_400, "1024 to 102400"),
        };
        let kilobytes = self.max_message_size_in_kilobytes;
        let holds = kilobytes.is_none_or(|size| allowed.contains(&size));
        check("MaxMessageSizeInKilobytes", holds, range)
    }
}

fn check(option: &'static str, holds: bool, range: &'static str) -> Result<(), BrokerError> {
    if holds {
        Ok(())
    } else {
        Err(BrokerError::InvalidOption { option, range })
    }
}

fn flag(text: &str) -> Result<bool, Expected> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Expected("true or false")),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, Expected> {
    text.parse().map_err(|_| Expected("a whole number from 0"))
}

fn span(text: &str) -> Result<Duration, Expected> {
    duration::read(text).ok_or(Expected("a span of ISO 8601, such as PT1M"))
}

/// The path in the URL of another entity of the namespace; a bare path is taken as well, and none
/// where there is no text.
fn target(text: &str) -> Option<String> {
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => text,
    };
    Some(path.trim_matches('/').to_owned()).filter(|path| !path.is_empty())
}
