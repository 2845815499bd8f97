//! Deliveries that wait for a verdict, and verdicts that wait to leave as one range.

use std::collections::BTreeMap;

use crate::serial::{unwrap_near, wire};
use crate::types::definitions::Role;
use crate::types::messaging::DeliveryState;
use crate::types::performatives::Disposition;

/// The unsettled deliveries of one direction of a session, each with the number of its link.
///
/// Keyed by the unwrapped delivery-id, so that ranges are in order across the wrap-around and a
/// peer's giant range costs only the deliveries that exist.
pub(crate) struct Unsettled {
    deliveries: BTreeMap<u64, u32>,
}

impl Unsettled {
    pub(crate) fn new() -> Self {
        Unsettled {
            deliveries: BTreeMap::new(),
        }
    }

    pub(crate) fn insert(&mut self, id: u64, link: u32) {
        self.deliveries.insert(id, link);
    }

    pub(crate) fn has(&self, id: u64) -> bool {
        self.deliveries.contains_key(&id)
    }

    pub(crate) fn contains(&self, id: u64, link: u32) -> bool {
        self.deliveries.get(&id) == Some(&link)
    }

    pub(crate) fn remove(&mut self, id: u64) {
        self.deliveries.remove(&id);
    }

    pub(crate) fn forget_link(&mut self, link: u32) {
        self.deliveries.retain(|_, owner| *owner != link);
    }

    /// The deliveries that a disposition of the peer speaks of, `near` being a recent id of this
    /// direction. `None` where the range runs backwards.
    pub(crate) fn named_by(&self, disposition: &Disposition, near: u64) -> Option<Vec<(u64, u32)>> {
        let first = unwrap_near(near, disposition.first);
        let last = unwrap_near(first, disposition.last.unwrap_or(disposition.first));
        if last < first {
            return None;
        }
        Some(
            self.deliveries
                .range(first..=last)
                .map(|(id, link)| (*id, *link))
                .collect(),
        )
    }
}

/// A disposition that has not been written yet, because the next one may extend it.
pub(crate) struct HeldDisposition {
    role: Role,
    first: u64,
    last: u64,
    settled: bool,
    state: Option<DeliveryState>,
}

impl HeldDisposition {
    pub(crate) fn new(role: Role, id: u64, settled: bool, state: Option<DeliveryState>) -> Self {
        HeldDisposition {
            role,
            first: id,
            last: id,
            settled,
            state,
        }
    }

    /// Takes the next delivery in where it has the same verdict and no gap lies between. False
    /// where it must leave on its own.
    pub(crate) fn extend(&mut self, next: &HeldDisposition) -> bool {
        let follows = self.role == next.role
            && self.settled == next.settled
            && next.first == self.last + 1
            && self.state == next.state;
        if follows {
            self.last = next.last;
        }
        follows
    }

    pub(crate) fn into_disposition(self) -> Disposition {
        Disposition {
            role: self.role,
            first: wire(self.first),
            last: (self.last != self.first).then(|| wire(self.last)),
            settled: self.settled,
            state: self.state,
            batchable: false,
        }
    }
}
