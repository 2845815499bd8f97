//! The entities that an emulator starts with.

use crate::broker::{Broker, BrokerError, QueueOptions, SubscriptionOptions, TopicOptions};
use crate::builder::StartError;

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
}

/// Creates entities, in whatever order they name each other.
pub(crate) fn create_all(broker: &mut Broker, entities: &[NewEntity]) -> Result<(), StartError> {
    for step in [create_topics, create_others, set_forwarding] {
        for entity in entities {
            if let Err(error) = step(broker, entity) {
                let (NewEntity::Queue { name, .. }
                | NewEntity::Topic { name, .. }
                | NewEntity::Subscription { name, .. }) = entity;
                return Err(StartError::Entity {
                    name: name.clone(),
                    reason: error.to_string(),
                });
            }
        }
    }
    Ok(())
}

fn create_topics(broker: &mut Broker, entity: &NewEntity) -> Result<(), BrokerError> {
    match entity {
        NewEntity::Topic { name, options } => broker.create_topic(name, options.clone()),
        NewEntity::Queue { .. } | NewEntity::Subscription { .. } => Ok(()),
    }
}

fn create_others(broker: &mut Broker, entity: &NewEntity) -> Result<(), BrokerError> {
    match entity {
        NewEntity::Topic { .. } => Ok(()),
        NewEntity::Queue { name, options } => {
            let options = QueueOptions {
                forward_to: None,
                forward_dead_lettered_messages_to: None,
                ..options.clone()
            };
            broker.create_queue(name, options)
        }
        NewEntity::Subscription {
            topic,
            name,
            options,
        } => {
            let options = SubscriptionOptions {
                forward_to: None,
                forward_dead_lettered_messages_to: None,
                ..options.clone()
            };
            broker.create_subscription(topic, name, options)
        }
    }
}

fn set_forwarding(broker: &mut Broker, entity: &NewEntity) -> Result<(), BrokerError> {
    match entity {
        NewEntity::Topic { .. } => Ok(()),
        NewEntity::Queue { name, options } => broker.update_queue(name, options.clone()),
        NewEntity::Subscription {
            topic,
            name,
            options,
        } => broker.update_subscription(topic, name, options.clone()),
    }
}
