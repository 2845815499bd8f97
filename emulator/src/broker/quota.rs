//! How much entities hold, and how much they may.

use super::entity::{Entity, Kind};
use super::{Broker, BrokerError, EntityId, Part};

const MEGABYTE: u64 = 1_024 * 1_024;

impl Broker {
    /// Refuses once an entity holds as much as it may, whatever the state of its messages and in
    /// whichever of its queues; a topic holds what its subscriptions do.
    pub(super) fn check_quota(&self, id: EntityId) -> Result<(), BrokerError> {
        let entity = self.entities.get(&id).ok_or(BrokerError::EntityDeleted)?;
        let megabytes = entity.options().max_size_in_megabytes;
        let limit = megabytes.saturating_mul(MEGABYTE);
        let (kind, size) = match entity.kind() {
            Kind::Topic { subscriptions, .. } => {
                let copies = subscriptions
                    .values()
                    .filter_map(|id| self.entities.get(id));
                (
                    "Topic",
                    copies
                        .map(Entity::size)
                        .fold(entity.size(), u64::saturating_add),
                )
            }
            Kind::Queue | Kind::Subscription { .. } => ("Queue", entity.size()),
        };
        if size < limit {
            return Ok(());
        }
        let path = entity.queue(Part::Main).path.to_string();
        Err(BrokerError::QuotaExceeded {
            kind,
            path,
            size,
            limit,
        })
    }
}
