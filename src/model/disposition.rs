use super::options::{AbandonOptions, DeadLetterOptions, DeferOptions};

/// What the receiver of a locked message wants to become of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Disposition {
    /// It was processed and is removed.
    Complete,
    /// It becomes available again, and the failed delivery is counted.
    Abandon(AbandonOptions),
    /// It is set aside, and received by its sequence number from then on.
    Defer(DeferOptions),
    /// It moves to the dead-letter queue.
    DeadLetter(DeadLetterOptions),
}

impl Disposition {
    /// The operation, as error texts name it.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Complete => "complete message of",
            Self::Abandon(_) => "abandon message of",
            Self::Defer(_) => "defer message of",
            Self::DeadLetter(_) => "dead-letter message of",
        }
    }
}
