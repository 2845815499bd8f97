//! Entities that are deleted because nobody has used them for long.
//!
//! Sending to an entity, receiving from it, looking at it and changing it are uses; an attached receiver and a
//! scheduled message keep it in use (Service Bus docs, "AutoDeleteOnIdle"). What a topic gives its subscription is no
//! use of the subscription.

use std::collections::BTreeSet;

use super::entity::Entity;
use super::options::FOREVER;
use super::{Broker, EntityId, Part, Timestamp};

/// When to look which entity over.
#[derive(Debug, Default)]
pub(super) struct IdleWatch {
    looks: BTreeSet<(Timestamp, EntityId)>,
}

impl IdleWatch {
    pub(super) fn next_look(&self) -> Option<Timestamp> {
        self.looks.first().map(|(at, _)| *at)
    }

    fn take_due(&mut self, now: Timestamp) -> Option<EntityId> {
        if self.next_look()? > now {
            return None;
        }
        self.looks.pop_first().map(|(_, id)| id)
    }
}

impl Broker {
    /// Plans the next look at an entity that was created or changed.
    pub(super) fn watch_idleness(&mut self, id: EntityId) {
        let end = self
            .entities
            .get(&id)
            .and_then(|entity| entity.idle_end(self.time));
        self.idle.looks.extend(end.map(|end| (end, id)));
    }

    pub(super) fn delete_idle(&mut self, now: Timestamp) {
        while let Some(id) = self.idle.take_due(now) {
            let Some(entity) = self.entities.get(&id) else {
                continue;
            };
            match entity.idle_end(now) {
                Some(end) if end <= now => {
                    let path = entity.queue(Part::Main).path.to_string();
                    if self.delete_entity(&path).is_ok() {
                        self.journal()
                            .note(now, format!("{path} deleted: nobody used it"));
                    }
                }
                later => self.idle.looks.extend(later.map(|end| (end, id))),
            }
        }
    }
}

impl Entity {
    /// When the entity will have been idle for too long, as things are; `None` for never.
    fn idle_end(&self, now: Timestamp) -> Option<Timestamp> {
        let options = self.options();
        let span = options.auto_delete_on_idle;
        if span == FOREVER || options.forward_to.is_some() {
            return None;
        }
        let attached = Part::ALL
            .iter()
            .any(|part| !self.queue(*part).consumers.is_empty());
        let used = if attached || self.queue(Part::Main).counts().scheduled > 0 {
            now
        } else {
            self.accessed_at()
                .unwrap_or(self.created_at())
                .max(self.updated_at())
        };
        Some(used.after(span))
    }
}
