//! The namespace, its queues, topics and subscriptions.

use std::time::Duration;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;

use super::contents::Contents;
use super::document::{Defect, Fields};
use super::rules;
use crate::broker::{EntitySettings, QueueOptions, SubscriptionOptions, TopicOptions};
use crate::initial_entities::NewEntity;
use crate::namespace;

/// Reads the entities of the one namespace that there may be; `at` is where the list of it should be.
pub(super) fn read(
    namespaces: Vec<Value<'_>>,
    at: usize,
    contents: &mut Contents,
) -> Result<(), Defect> {
    let mut namespaces = namespaces.into_iter();
    let Some(first) = namespaces.next() else {
        return Err(Defect::new(at, "Namespaces has no namespace"));
    };
    if let Some(second) = namespaces.next() {
        let reason = "Namespaces has a second namespace: there is one alone";
        return Err(Defect::new(second.start(), reason));
    }
    let mut namespace = Fields::of("a namespace", first)?;
    let name = namespace.needed_text("Name")?;
    if name.text != namespace::NAME {
        let what = format!("the namespace is called {} all the same", namespace::NAME);
        contents.has_no_effect(name.at, what);
    }
    for value in namespace.list("Queues")? {
        queue(value, contents)?;
    }
    for value in namespace.list("Topics")? {
        topic(value, contents)?;
    }
    namespace.finish()
}

fn queue(value: Value<'_>, contents: &mut Contents) -> Result<(), Defect> {
    let mut queue = Fields::of("a queue", value)?;
    let at = queue.at;
    let name = queue.needed_text("Name")?.text.into_owned();
    let options = QueueOptions(settings(&mut queue, QueueOptions::SETTINGS)?);
    queue.finish()?;
    contents.add(at, NewEntity::Queue { name, options });
    Ok(())
}

fn topic(value: Value<'_>, contents: &mut Contents) -> Result<(), Defect> {
    let mut topic = Fields::of("a topic", value)?;
    let at = topic.at;
    let name = topic.needed_text("Name")?.text.into_owned();
    let options = TopicOptions(settings(&mut topic, TopicOptions::SETTINGS)?);
    for value in topic.list("Subscriptions")? {
        subscription(&name, value, contents)?;
    }
    topic.finish()?;
    contents.add(at, NewEntity::Topic { name, options });
    Ok(())
}

fn subscription(topic: &str, value: Value<'_>, contents: &mut Contents) -> Result<(), Defect> {
    let mut subscription = Fields::of("a subscription", value)?;
    let at = subscription.at;
    let name = subscription.needed_text("Name")?.text.into_owned();
    let settings = settings(&mut subscription, SubscriptionOptions::SETTINGS)?;
    for value in subscription.list("Rules")? {
        rules::read(topic, &name, value, contents)?;
    }
    subscription.finish()?;
    let entity = NewEntity::Subscription {
        topic: topic.to_owned(),
        name,
        options: SubscriptionOptions(settings),
    };
    contents.add(at, entity);
    Ok(())
}

fn settings(entity: &mut Fields<'_>, names: &[&str]) -> Result<EntitySettings, Defect> {
    let mut settings = EntitySettings {
        default_message_time_to_live: Duration::from_secs(3_600),
        duplicate_detection_history_time_window: Duration::from_secs(20),
        max_delivery_count: 3,
        ..EntitySettings::default()
    };
    if let Some(properties) = entity.object("Properties")? {
        properties.settings(names, &mut settings)?;
    }
    Ok(settings)
}
