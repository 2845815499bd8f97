//! When the broker goes away, and how.

use std::fmt;
use std::time::Duration;

/// The moment of a strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The client has chosen its mechanism.
    Sasl,
    /// The opens are exchanged.
    Open,
    /// The first session has begun.
    Begin,
    /// A token was put.
    Cbs,
    /// A link to the queue was asked for.
    Attach,
    /// The sender has no credit.
    Credit,
    /// A message has arrived and was stored.
    Transfer,
    /// The management links have no credit.
    RequestCredit,
    /// The receiver has granted credit.
    Waiting,
    /// One message was sent to the receiver.
    Receiving,
    /// A settlement has arrived, and was not applied.
    Settling,
    /// A settlement has arrived, and was applied.
    Settled,
    /// A management request has arrived, and nothing was done.
    Request,
}

/// The manner of a strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Cut,
    Close { error: bool },
    End { error: bool },
    Detach { error: bool },
    Silence,
}

pub(crate) const MANNERS: [Manner; 8] = [
    Manner::Cut,
    Manner::Close { error: false },
    Manner::Close { error: true },
    Manner::End { error: false },
    Manner::End { error: true },
    Manner::Detach { error: false },
    Manner::Detach { error: true },
    Manner::Silence,
];

/// One strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) stage: Stage,
    pub(crate) manner: Manner,
    /// Of the calls under test.
    pub(crate) deadline: Duration,
}

impl Strike {
    /// Whether there is anything yet that can be ended in this manner.
    pub(crate) fn is_possible(self) -> bool {
        match self.manner {
            Manner::Cut | Manner::Silence => true,
            // At that stage, the refusal of the mechanism.
            Manner::Close { error } => error || self.stage != Stage::Sasl,
            Manner::End { .. } => !matches!(self.stage, Stage::Sasl | Stage::Open),
            Manner::Detach { .. } => {
                !matches!(self.stage, Stage::Sasl | Stage::Open | Stage::Begin)
            }
        }
    }
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (manner, stage, deadline) = (self.manner, self.stage, self.deadline);
        write!(f, "{manner:?} at {stage:?} within {deadline:?}")
    }
}
