//! The pricing tiers of the service and the limits that follow from them.

/// A pricing tier of Service Bus; it decides how large messages may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// Messages and batches of up to 262,144 bytes.
    Basic,
    /// Messages and batches of up to 262,144 bytes.
    #[default]
    Standard,
    /// Messages and batches of up to 1,048,576 bytes.
    Premium,
}

impl Tier {
    /// The largest message, in bytes of its whole encoding.
    pub fn max_message_size(self) -> u64 {
        match self {
            Tier::Basic | Tier::Standard => 262_144,
            Tier::Premium => 1_048_576,
        }
    }

    /// The largest message that an entity can be told to take, in bytes (Service Bus docs, "Large messages
    /// support").
    pub(crate) fn largest_message(self) -> usize {
        match self {
            Tier::Basic | Tier::Standard => 262_144,
            Tier::Premium => 104_857_600,
        }
    }

    /// The largest batch, in bytes of the whole transfer.
    pub fn max_batch_size(self) -> u64 {
        self.max_message_size()
    }

    /// The most queues and topics together; in the premium tier those of one messaging unit
    /// (Service Bus docs, "Service Bus quotas").
    pub(crate) fn max_queues_and_topics(self) -> usize {
        match self {
            Tier::Basic | Tier::Standard => 10_000,
            Tier::Premium => 1_000,
        }
    }

    /// Whether messages can be sent and settled in transactions (Service Bus docs, "Pricing tiers").
    pub(crate) fn has_transactions(self) -> bool {
        self != Tier::Basic
    }

    /// The most messages that one request deletes (Service Bus docs, "Batch delete messages").
    pub(crate) fn max_batch_delete(self) -> usize {
        match self {
            Tier::Basic | Tier::Standard => 500,
            Tier::Premium => 4_000,
        }
    }
}

impl std::str::FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(text: &str) -> Result<Self, UnknownTier> {
        match text.to_ascii_lowercase().as_str() {
            "basic" => Ok(Tier::Basic),
            "standard" => Ok(Tier::Standard),
            "premium" => Ok(Tier::Premium),
            _ => Err(UnknownTier(text.to_owned())),
        }
    }
}

/// A text that names no tier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown tier {0:?}: it is one of basic, standard, premium")]
pub struct UnknownTier(String);
