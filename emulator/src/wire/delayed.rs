//! What faults have put off, until its instant of transport time comes.

use std::collections::BTreeMap;
use std::time::Duration;

use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::{DeliveryId, LinkId};

/// Something that is to be done later.
#[derive(Debug)]
pub(super) enum Late {
    /// A request for a link is to be answered.
    Attach { link: LinkId, attach: Box<Attach> },
    /// An outcome is to be told.
    Disposition {
        link: LinkId,
        delivery: DeliveryId,
        state: DeliveryState,
    },
    /// Answers to requests may be due.
    Replies { link: LinkId },
}

impl Late {
    fn link(&self) -> LinkId {
        match self {
            Late::Attach { link, .. } | Late::Disposition { link, .. } | Late::Replies { link } => {
                *link
            }
        }
    }
}

/// What is put off, by the instant at which it is to be done. Never more than the client has handles,
/// credit, and locks for.
#[derive(Debug, Default)]
pub(super) struct Delayed {
    waiting: BTreeMap<(Duration, u64), Late>,
    last: u64,
}

impl Delayed {
    pub(super) fn add(&mut self, at: Duration, late: Late) {
        self.last += 1;
        self.waiting.insert((at, self.last), late);
    }

    /// When the next is due.
    pub(super) fn next(&self) -> Option<Duration> {
        self.waiting.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn take_due(&mut self, now: Duration) -> Option<Late> {
        let first = self.waiting.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// Drops what was meant for a link that is gone.
    pub(super) fn forget(&mut self, link: LinkId) {
        self.waiting.retain(|_, late| late.link() != link);
    }
}
