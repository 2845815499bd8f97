//! What can be set on an entity, with the defaults and ranges of the service (Service Bus docs, "Quotas").

mod entity_settings;
mod queue;
mod subscription;
mod topic;

pub use self::queue::QueueOptions;
pub use self::subscription::SubscriptionOptions;
pub use self::topic::TopicOptions;

pub(crate) use self::entity_settings::{EntitySettings, Expected, FOREVER};

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
    const ALL: [Self; 4] = [
        Self::Active,
        Self::Disabled,
        Self::SendDisabled,
        Self::ReceiveDisabled,
    ];

    /// Whether messages can be sent to the entity.
    pub fn can_send(self) -> bool {
        matches!(self, EntityStatus::Active | EntityStatus::ReceiveDisabled)
    }

    /// Whether messages can be received from the entity.
    pub fn can_receive(self) -> bool {
        matches!(self, EntityStatus::Active | EntityStatus::SendDisabled)
    }

    /// What the service calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Disabled => "Disabled",
            Self::SendDisabled => "SendDisabled",
            Self::ReceiveDisabled => "ReceiveDisabled",
        }
    }

    fn of_name(name: &str) -> Result<Self, Expected> {
        let mut known = Self::ALL.into_iter().filter(|known| known.name() == name);
        let expected = "Active, Disabled, SendDisabled or ReceiveDisabled";
        known.next().ok_or(Expected(expected))
    }
}
