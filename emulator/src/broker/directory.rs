//! The entities by name: how they come, change and go.

use std::collections::{BTreeMap, BTreeSet};

use super::entity::{Entity, Kind};
use super::{
    path, Broker, BrokerError, EntityId, EntitySettings, Part, QueueOptions, QueueRef, Rule, Rules,
    SubscriptionOptions, TopicOptions,
};
use crate::tier::Tier;

impl Broker {
    pub(crate) fn create_queue(
        &mut self,
        name: &str,
        options: QueueOptions,
    ) -> Result<(), BrokerError> {
        path::check_name(name)?;
        let settings = options.0.spread();
        self.check_tier("sessions", settings.requires_session)?;
        let detects = settings.requires_duplicate_detection;
        self.check_tier("duplicate detection", detects)?;
        self.check_settings(&settings)?;
        self.check_room("Queue", &settings)?;
        self.add((name, name), Kind::Queue, settings)?;
        Ok(())
    }

    pub(crate) fn create_topic(
        &mut self,
        name: &str,
        options: TopicOptions,
    ) -> Result<(), BrokerError> {
        path::check_name(name)?;
        self.check_tier("topics", true)?;
        let settings = options.0.spread();
        self.check_settings(&settings)?;
        self.check_room("Topic", &settings)?;
        let subscriptions = BTreeMap::new();
        let kind = Kind::Topic { subscriptions };
        self.add((name, name), kind, settings)?;
        Ok(())
    }

    /// Creates a subscription that gets every message of its topic.
    pub(crate) fn create_subscription(
        &mut self,
        topic: &str,
        name: &str,
        options: SubscriptionOptions,
    ) -> Result<(), BrokerError> {
        let rule = Rule::default_at(self.time);
        self.create_subscription_with(topic, name, options, rule)
    }

    /// Creates a subscription with one rule.
    pub(crate) fn create_subscription_with(
        &mut self,
        topic: &str,
        name: &str,
        options: SubscriptionOptions,
        rule: Rule,
    ) -> Result<(), BrokerError> {
        path::check_short_name(name)?;
        self.check_settings(&options.0)?;
        let id = self.topic(topic)?;
        self.check_subscriptions(id)?;
        self.check_filters(id, &rule.filter)?;
        let mut rules = Rules::default();
        rules.add(rule)?;
        let topic = self.entities.get(&id).map_or(topic, Entity::name);
        let path = path::of_subscription(topic, name);
        let kind = Kind::Subscription { topic: id, rules };
        let subscription = self.add((name, &path), kind, options.0)?;
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
        settings: EntitySettings,
    ) -> Result<EntityId, BrokerError> {
        let key = path::name_key(path);
        if self.names.contains_key(&key) {
            return Err(BrokerError::EntityAlreadyExists {
                name: path.to_owned(),
            });
        }
        let id = EntityId(self.new_id());
        self.names.insert(key, id);
        let entity = Entity::new(id, (name, path), kind, settings, self.time);
        self.entities.insert(id, entity);
        self.watch_idleness(id);
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
        self.entity_changes += 1;
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

    /// How often an entity was deleted or set up anew: links may have lost their ground.
    pub(crate) fn entity_changes(&self) -> u64 {
        self.entity_changes
    }

    /// Gives a queue new settings; its messages stay.
    pub(crate) fn update_queue(
        &mut self,
        name: &str,
        options: QueueOptions,
    ) -> Result<(), BrokerError> {
        self.update(name, "queue", options.0)
    }

    /// Gives a topic new settings.
    pub(crate) fn update_topic(
        &mut self,
        name: &str,
        options: TopicOptions,
    ) -> Result<(), BrokerError> {
        self.update(name, "topic", options.0)
    }

    /// Gives a subscription new settings; its messages stay.
    pub(crate) fn update_subscription(
        &mut self,
        topic: &str,
        name: &str,
        options: SubscriptionOptions,
    ) -> Result<(), BrokerError> {
        let path = path::of_subscription(topic, name);
        self.update(&path, "subscription", options.0)
    }

    fn update(
        &mut self,
        path: &str,
        kind: &'static str,
        settings: EntitySettings,
    ) -> Result<(), BrokerError> {
        self.check_settings(&settings)?;
        let now = self.time;
        let entity = self.entity_mut(path)?;
        if entity.kind().name() != kind {
            return Err(wrong_kind(path, kind));
        }
        check_same(entity.options(), &settings)?;
        entity.set_options(settings, now);
        self.settings_changed(path);
        Ok(())
    }

    fn check_settings(&self, settings: &EntitySettings) -> Result<(), BrokerError> {
        settings.check(self.tier)?;
        self.check_targets(settings)
    }

    /// Makes new settings effective for what is in an entity, and for those who receive from it.
    fn settings_changed(&mut self, path: &str) {
        let Ok(QueueRef { entity: id, .. }) = self.resolve(path) else {
            return;
        };
        self.entity_changes += 1;
        let now = self.time;
        for part in Part::ALL {
            let queue = QueueRef { entity: id, part };
            if self.check_receiving(queue).is_ok() {
                continue;
            }
            if let Some(entity) = self.entities.get_mut(&id) {
                let (queue, mut step) = entity.step(part, now, &mut self.effects);
                queue.detach_all(&mut step);
            }
            self.consumers.retain(|_, of| *of != queue);
        }
        self.dispatch(BTreeSet::from([id]), now);
        // What has been let go of or passed on may have lived long enough.
        self.fire_due(now);
        self.watch_idleness(id);
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

    /// Service Bus docs, "Service Bus Premium and Standard messaging tiers".
    pub(super) fn check_tier(&self, feature: &'static str, asked: bool) -> Result<(), BrokerError> {
        if asked && self.tier == Tier::Basic {
            return Err(BrokerError::NotInBasicTier { feature });
        }
        Ok(())
    }

    /// Checks where an entity is to forward to. That may be itself, once it exists: the service lets it
    /// be updated so, and the limit on the number of forwardings ends the circle.
    fn check_targets(&self, options: &EntitySettings) -> Result<(), BrokerError> {
        let targets = [
            &options.forward_to,
            &options.forward_dead_lettered_messages_to,
        ];
        for target in targets.into_iter().flatten() {
            self.check_tier("forwarding", true)?;
            let found = self.names.get(&path::target_key(target));
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
fn check_same(old: &EntitySettings, new: &EntitySettings) -> Result<(), BrokerError> {
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
