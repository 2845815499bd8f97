//! How the entities are set up and how they stand, for those who ask.

use std::sync::Arc;

use super::entity::{Entity, Kind};
use super::{
    path, Broker, EntityId, EntitySettings, FilterCounts, Part, QueueCounts, QueueRef, Timestamp,
};
use crate::auth::EntityRules;
use crate::tier::Tier;

/// What an entity is, with what only its kind has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum EntityKind {
    Queue,
    Topic {
        subscriptions: usize,
        filters: FilterCounts,
    },
    Subscription,
}

/// An entity as its manager sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntityState<'a> {
    pub(crate) kind: EntityKind,
    /// In the letters it was created with; of a subscription without the path of its topic.
    pub(crate) name: &'a str,
    /// What rules its queues, whatever its kind.
    pub(crate) options: &'a EntitySettings,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// When it was last sent to or received from, if ever.
    pub(crate) accessed_at: Option<Timestamp>,
    pub(crate) main: QueueCounts,
    pub(crate) dead_letter: QueueCounts,
    pub(crate) transfer_dead_letter: QueueCounts,
    /// The bytes of all its messages.
    pub(crate) size: u64,
}

impl Broker {
    pub(crate) fn tier(&self) -> Tier {
        self.tier
    }

    /// How the service names a queue in its errors, in small letters: `Queue:orders`,
    /// `Topic:prices|all`. `None` once it is deleted.
    pub(crate) fn label(&self, queue: QueueRef) -> Option<String> {
        let entity = self.entities.get(&queue.entity)?;
        let name = entity.name();
        let label = match entity.kind() {
            Kind::Queue => format!("Queue:{}", path::name_key(name)),
            Kind::Topic { .. } => format!("Topic:{}", path::name_key(name)),
            Kind::Subscription { topic, .. } => {
                let topic = path::name_key(self.entities.get(topic)?.name());
                format!("Topic:{topic}|{}", path::name_key(name))
            }
        };
        let main = entity.queue(Part::Main).path.len();
        let beneath = entity.queue(queue.part).path.get(main..)?;
        Some(label + &beneath.replace('/', "|"))
    }

    /// The rules of the entity that a path leads to or beneath.
    pub(crate) fn authorization_rules(&self, path: &str) -> Option<EntityRules<'_>> {
        let key = path::name_key(path.trim_matches('/'));
        let ends = key.match_indices('/').map(|(end, _)| end);
        let mut names = ends
            .chain([key.len()])
            .rev()
            .filter_map(|end| key.get(..end));
        // The keys of a topic are those of its subscriptions too.
        names.find_map(|name| {
            let (path, id) = self.names.get_key_value(name)?;
            let entity = self.entities.get(id)?;
            let rules = &entity.options().authorization_rules;
            match entity.kind() {
                Kind::Queue | Kind::Topic { .. } => Some(EntityRules { path, rules }),
                Kind::Subscription { .. } => None,
            }
        })
    }

    /// How an entity stands; `None` if there is none of that path.
    pub(crate) fn entity_state(&self, path: &str) -> Option<EntityState<'_>> {
        let id = self.names.get(&path::name_key(path))?;
        Some(self.entities.get(id)?.state(self))
    }

    /// The paths of all queues, topics and subscriptions, in the order of their names.
    pub(crate) fn paths(&self) -> Vec<Arc<str>> {
        let entities = self.names.values().filter_map(|id| self.entities.get(id));
        entities
            .map(|entity| Arc::clone(&entity.queue(Part::Main).path))
            .collect()
    }

    /// Every queue and topic, in the order of their names.
    pub(crate) fn queues_and_topics(&self) -> impl Iterator<Item = EntityState<'_>> {
        self.names
            .values()
            .filter_map(|id| Some(self.entities.get(id)?.state(self)))
            .filter(|state| !matches!(state.kind, EntityKind::Subscription))
    }

    /// The subscriptions of a topic, in the order of their names; none if there is no such topic.
    pub(crate) fn subscriptions(&self, topic: &str) -> impl Iterator<Item = EntityState<'_>> {
        let id = self.names.get(&path::name_key(topic));
        let entity = id.and_then(|id| self.entities.get(id));
        let subscriptions = entity.and_then(|entity| match entity.kind() {
            Kind::Topic { subscriptions } => Some(subscriptions),
            Kind::Queue | Kind::Subscription { .. } => None,
        });
        let ids = subscriptions.into_iter().flat_map(|known| known.values());
        ids.filter_map(|id: &EntityId| Some(self.entities.get(id)?.state(self)))
    }
}

impl Entity {
    fn state(&self, broker: &Broker) -> EntityState<'_> {
        let parts = Part::ALL.into_iter();
        let messages = parts.flat_map(|part| self.queue(part).messages_from(i64::MIN));
        EntityState {
            kind: match self.kind() {
                Kind::Queue => EntityKind::Queue,
                Kind::Topic { subscriptions } => EntityKind::Topic {
                    subscriptions: subscriptions.len(),
                    filters: broker.filter_counts(subscriptions),
                },
                Kind::Subscription { .. } => EntityKind::Subscription,
            },
            name: self.name(),
            options: self.options(),
            created_at: self.created_at(),
            updated_at: self.updated_at(),
            accessed_at: self.accessed_at(),
            main: self.queue(Part::Main).counts(),
            dead_letter: self.queue(Part::DeadLetter).counts(),
            transfer_dead_letter: self.queue(Part::TransferDeadLetter).counts(),
            size: messages.map(|(_, stored)| stored.message.size()).sum(),
        }
    }
}
