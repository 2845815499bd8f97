//! The entities by name: how they come, change and go.

use std::collections::BTreeMap;

use super::entity::{Entity, Kind};
use super::{
    path, Broker, BrokerError, EntityId, Part, QueueOptions, QueueRef, SubscriptionOptions,
    TopicOptions,
};

impl Broker {
    pub(crate) fn create_queue(
        &mut self,
        name: &str,
        options: QueueOptions,
    ) -> Result<(), BrokerError> {
        path::check_name(name)?;
        options.check()?;
        self.check_targets(name, &options)?;
        self.add((name, name), Kind::Queue, options)?;
        Ok(())
    }

    pub(crate) fn create_topic(
        &mut self,
        name: &str,
        options: TopicOptions,
    ) -> Result<(), BrokerError> {
        path::check_name(name)?;
        options.check()?;
        let queue = options.as_queue();
        let subscriptions = BTreeMap::new();
        let kind = Kind::Topic { subscriptions };
        self.add((name, name), kind, queue)?;
        Ok(())
    }

    pub(crate) fn create_subscription(
        &mut self,
        topic: &str,
        name: &str,
        options: SubscriptionOptions,
    ) -> Result<(), BrokerError> {
        path::check_short_name(name)?;
        options.check()?;
        let id = self.topic(topic)?;
        let topic = self.entities.get(&id).map_or(topic, Entity::name);
        let path = path::of_subscription(topic, name);
        let queue = options.as_queue();
        self.check_targets(&path, &queue)?;
        let subscription = self.add(
            (name, &path),
            Kind::Subscription { options, topic: id },
            queue,
        )?;
        if let Some(Kind::Topic { subscriptions, .. }) =
            self.entities.get_mut(&id).map(Entity::kind_mut)
        {
            subscriptions.insert(path::name_key(name), subscription);
        }
        Ok(())
    }

    fn add(
        &mut self,
        (name, path): (&str, &str),
        kind: Kind,
        options: QueueOptions,
    ) -> Result<EntityId, BrokerError> {
        let key = path::name_key(path);
        if self.names.contains_key(&key) {
            return Err(BrokerError::EntityAlreadyExists {
                name: path.to_owned(),
            });
        }
        let id = EntityId(self.new_id());
        self.names.insert(key, id);
        let entity = Entity::new(id, (name, path), kind, options, self.reached);
        self.entities.insert(id, entity);
        Ok(id)
    }

    /// Deletes an entity with its messages, locks and consumers; a topic with its subscriptions.
    pub(crate) fn delete_entity(&mut self, path: &str) -> Result<(), BrokerError> {
        let found = self.names.remove(&path::name_key(path));
        let removed = found.and_then(|id| Some((id, self.entities.remove(&id)?)));
        let Some((id, entity)) = removed else {
            return Err(BrokerError::EntityNotFound {
                path: path.to_owned(),
            });
        };
        for part in Part::ALL {
            entity.queue(part).cancel_events(&mut self.effects.agenda);
        }
        self.consumers.retain(|_, queue| queue.entity != id);
        match entity.kind() {
            Kind::Queue => {}
            Kind::Topic { subscriptions, .. } => {
                for name in subscriptions.keys() {
                    self.delete_entity(&path::of_subscription(path, name))?;
                }
            }
            Kind::Subscription { topic, .. } => {
                if let Some(Kind::Topic { subscriptions, .. }) =
                    self.entities.get_mut(topic).map(Entity::kind_mut)
                {
                    subscriptions.remove(&path::name_key(entity.name()));
                }
            }
        }
        Ok(())
    }

    /// Gives a queue new settings; its messages stay.
    pub(crate) fn update_queue(
        &mut self,
        name: &str,
        options: QueueOptions,
    ) -> Result<(), BrokerError> {
        options.check()?;
        self.check_targets(name, &options)?;
        let now = self.reached;
        let entity = self.entity_mut(name)?;
        if !matches!(entity.kind(), Kind::Queue) {
            return Err(wrong_kind(name, "queue"));
        }
        check_same(entity.options(), &options)?;
        entity.set_options(options, now);
        Ok(())
    }

    /// Gives a topic new settings.
    pub(crate) fn update_topic(
        &mut self,
        name: &str,
        options: TopicOptions,
    ) -> Result<(), BrokerError> {
        options.check()?;
        let now = self.reached;
        let entity = self.entity_mut(name)?;
        let queue = options.as_queue();
        check_same(entity.options(), &queue)?;
        if !matches!(entity.kind(), Kind::Topic { .. }) {
            return Err(wrong_kind(name, "topic"));
        }
        entity.set_options(queue, now);
        Ok(())
    }

    /// Gives a subscription new settings; its messages stay.
    pub(crate) fn update_subscription(
        &mut self,
        topic: &str,
        name: &str,
        options: SubscriptionOptions,
    ) -> Result<(), BrokerError> {
        options.check()?;
        let path = path::of_subscription(topic, name);
        let queue = options.as_queue();
        self.check_targets(&path, &queue)?;
        let now = self.reached;
        let entity = self.entity_mut(&path)?;
        check_same(entity.options(), &queue)?;
        let Kind::Subscription { options: old, .. } = entity.kind_mut() else {
            return Err(wrong_kind(&path, "subscription"));
        };
        *old = options;
        entity.set_options(queue, now);
        Ok(())
    }

    /// The queue that a path leads to, whatever the case of its letters.
    pub(crate) fn resolve(&self, path: &str) -> Result<QueueRef, BrokerError> {
        let (key, part) = path::split_path(path);
        match self.names.get(&key) {
            Some(entity) => Ok(QueueRef {
                entity: *entity,
                part,
            }),
            None => Err(BrokerError::EntityNotFound {
                path: path.to_owned(),
            }),
        }
    }

    fn entity_mut(&mut self, path: &str) -> Result<&mut Entity, BrokerError> {
        let id = self.resolve(path)?.entity;
        self.entities.get_mut(&id).ok_or(BrokerError::EntityDeleted)
    }

    fn topic(&self, name: &str) -> Result<EntityId, BrokerError> {
        let id = self.resolve(name)?.entity;
        match self.entities.get(&id).map(Entity::kind) {
            Some(Kind::Topic { .. }) => Ok(id),
            _ => Err(wrong_kind(name, "topic")),
        }
    }

    /// Checks where an entity of this path is to forward to.
    fn check_targets(&self, path: &str, options: &QueueOptions) -> Result<(), BrokerError> {
        if options.forward_to.is_some() && options.requires_session {
            return Err(BrokerError::ForwardFromSessions);
        }
        let targets = [
            &options.forward_to,
            &options.forward_dead_lettered_messages_to,
        ];
        for target in targets.into_iter().flatten() {
            if path::name_key(target) == path::name_key(path) {
                return Err(BrokerError::ForwardToItself);
            }
            let found = self.names.get(&path::name_key(target));
            match found.and_then(|id| self.entities.get(id)).map(Entity::kind) {
                Some(Kind::Queue | Kind::Topic { .. }) => {}
                Some(Kind::Subscription { .. }) | None => {
                    return Err(BrokerError::ForwardTargetNotFound {
                        path: target.clone(),
                    })
                }
            }
        }
        Ok(())
    }
}

fn wrong_kind(path: &str, kind: &'static str) -> BrokerError {
    BrokerError::WrongKind {
        path: path.to_owned(),
        kind,
    }
}

/// Checks that an update leaves alone what is fixed when an entity is created.
fn check_same(old: &QueueOptions, new: &QueueOptions) -> Result<(), BrokerError> {
    let fixed = [
        (
            "RequiresSession",
            old.requires_session == new.requires_session,
        ),
        (
            "RequiresDuplicateDetection",
            old.requires_duplicate_detection == new.requires_duplicate_detection,
        ),
        (
            "EnablePartitioning",
            old.enable_partitioning == new.enable_partitioning,
        ),
    ];
    match fixed.into_iter().find(|(_, same)| !same) {
        Some((option, _)) => Err(BrokerError::ImmutableOption { option }),
        None => Ok(()),
    }
}
