//! How the entities are set up, for those who ask.

use super::{path, Broker, QueueOptions, QueueRef};
use crate::auth::EntityRules;

impl Broker {
    /// The rules of the entity that a path leads to or beneath.
    pub(crate) fn authorization_rules(&self, path: &str) -> Option<EntityRules<'_>> {
        let key = path::name_key(path.trim_matches('/'));
        let ends = key.match_indices('/').map(|(end, _)| end);
        let mut names = ends
            .chain([key.len()])
            .rev()
            .filter_map(|end| key.get(..end));
        let (path, id) = names.find_map(|name| self.names.get_key_value(name))?;
        let rules = &self.entities.get(id)?.options().authorization_rules;
        Some(EntityRules { path, rules })
    }

    /// The settings of a queue; `None` once it is deleted.
    pub(crate) fn queue_options(&self, queue: QueueRef) -> Option<&QueueOptions> {
        Some(self.entities.get(&queue.entity)?.options())
    }
}
