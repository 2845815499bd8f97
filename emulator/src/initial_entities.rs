//! The entities that an emulator starts with.

use crate::broker::{
    Broker, BrokerError, EntitySettings, QueueOptions, QueueRef, Rule, SubscriptionOptions,
    Timestamp, TopicOptions,
};
use crate::builder::StartError;
use crate::rules::{subscription_path, RuleOptions};

/// An entity to be created, and where it was asked for if that was in a file.
#[derive(Clone, Debug)]
pub(crate) struct InitialEntity {
    pub(crate) entity: NewEntity,
    pub(crate) place: Option<String>,
}

/// An entity to be created.
#[derive(Clone, Debug)]
pub(crate) enum NewEntity {
    Queue {
        name: String,
        options: QueueOptions,
    },
    Topic {
        name: String,
        options: TopicOptions,
    },
    Subscription {
        topic: String,
        name: String,
        options: SubscriptionOptions,
    },
    Rule {
        topic: String,
        subscription: String,
        name: String,
        options: RuleOptions,
    },
}

impl NewEntity {
    fn name(&self) -> &str {
        match self {
            NewEntity::Queue { name, .. }
            | NewEntity::Topic { name, .. }
            | NewEntity::Subscription { name, .. }
            | NewEntity::Rule { name, .. } => name,
        }
    }
}

/// Creates entities, in whatever order they name each other.
pub(crate) fn create_all(
    broker: &mut Broker,
    entities: &[InitialEntity],
    now: Timestamp,
) -> Result<(), StartError> {
    for step in [
        create_topics,
        create_others,
        drop_default_rules,
        add_rules,
        set_forwarding,
    ] {
        for InitialEntity { entity, place } in entities {
            if let Err(error) = step(broker, entity, now) {
                return Err(StartError::Entity {
                    name: entity.name().to_owned(),
                    place: place.clone(),
                    reason: error.to_string(),
                });
            }
        }
    }
    Ok(())
}

fn create_topics(broker: &mut Broker, entity: &NewEntity, _: Timestamp) -> Result<(), BrokerError> {
    match entity {
        NewEntity::Topic { name, options } => broker.create_topic(name, options.clone()),
        NewEntity::Queue { .. } | NewEntity::Subscription { .. } | NewEntity::Rule { .. } => Ok(()),
    }
}

fn create_others(broker: &mut Broker, entity: &NewEntity, _: Timestamp) -> Result<(), BrokerError> {
    match entity {
        NewEntity::Topic { .. } | NewEntity::Rule { .. } => Ok(()),
        NewEntity::Queue { name, options } => {
            let options = QueueOptions(without_forwarding(&options.0));
            broker.create_queue(name, options)
        }
        NewEntity::Subscription {
            topic,
            name,
            options,
        } => {
            let options = SubscriptionOptions(without_forwarding(&options.0));
            broker.create_subscription(topic, name, options)
        }
    }
}

/// A subscription has the rules that were given for it, and `$Default` only if that is one of them.
fn drop_default_rules(
    broker: &mut Broker,
    entity: &NewEntity,
    _: Timestamp,
) -> Result<(), BrokerError> {
    let Some(subscription) = subscription_of_rule(broker, entity)? else {
        return Ok(());
    };
    match broker.remove_rule(subscription, Rule::DEFAULT_NAME) {
        // An earlier rule of the subscription has seen to it.
        Err(BrokerError::EntityNotFound { .. }) => Ok(()),
        outcome => outcome,
    }
}

fn add_rules(broker: &mut Broker, entity: &NewEntity, now: Timestamp) -> Result<(), BrokerError> {
    match (subscription_of_rule(broker, entity)?, entity) {
        (Some(subscription), NewEntity::Rule { name, options, .. }) => {
            broker.add_rule(subscription, options.rule(name, now)?)
        }
        _ => Ok(()),
    }
}

fn subscription_of_rule(
    broker: &Broker,
    entity: &NewEntity,
) -> Result<Option<QueueRef>, BrokerError> {
    match entity {
        NewEntity::Rule {
            topic,
            subscription,
            ..
        } => {
            let path = subscription_path(topic, subscription);
            broker.resolve(&path).map(Some)
        }
        NewEntity::Queue { .. } | NewEntity::Topic { .. } | NewEntity::Subscription { .. } => {
            Ok(None)
        }
    }
}

fn without_forwarding(settings: &EntitySettings) -> EntitySettings {
    EntitySettings {
        forward_to: None,
        forward_dead_lettered_messages_to: None,
        ..settings.clone()
    }
}

fn set_forwarding(
    broker: &mut Broker,
    entity: &NewEntity,
    _: Timestamp,
) -> Result<(), BrokerError> {
    match entity {
        NewEntity::Topic { .. } | NewEntity::Rule { .. } => Ok(()),
        NewEntity::Queue { name, options } => broker.update_queue(name, options.clone()),
        NewEntity::Subscription {
            topic,
            name,
            options,
        } => broker.update_subscription(topic, name, options.clone()),
    }
}
