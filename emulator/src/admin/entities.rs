//! Queues and topics, which share their names: create, update, look at, delete, list.

use hyper::Method;

use super::answer::Answer;
use super::atom::{self, Entry};
use super::fault::Fault;
use super::feed::{nothing_listed, Feed};
use super::request::Inquiry;
use super::target::Query;
use super::xml::Element;
use super::{queue_description, topic_description};
use crate::broker::{EntityKind, EntitySettings, EntityState, QueueOptions, TopicOptions};
use crate::hub::Hub;

pub(super) fn answer(
    inquiry: &Inquiry,
    query: Query,
    name: &str,
    body: &[u8],
    hub: &mut Hub,
) -> Result<Answer, Fault> {
    if let Some((queue, _)) = name.split_once("/$") {
        return Err(Fault::verb(inquiry.method.as_str()).tracked("Queue", queue));
    }
    match inquiry.method {
        Method::PUT => put(inquiry, query, name, body, hub),
        Method::GET => Ok(get(inquiry, query, name, hub)),
        Method::DELETE => {
            hub.broker.delete_entity(name)?;
            Ok(Answer::empty(200))
        }
        _ => Err(Fault::verb(inquiry.method.as_str())),
    }
}

fn put(
    inquiry: &Inquiry,
    query: Query,
    name: &str,
    body: &[u8],
    hub: &mut Hub,
) -> Result<Answer, Fault> {
    let kinds = [queue_description::NAME, topic_description::NAME];
    let asked = atom::description(body, &kinds)?;
    let is_queue = asked.name == queue_description::NAME;
    match (inquiry.is_update(), is_queue) {
        (false, true) => create_queue(inquiry, query, name, &asked, hub)?,
        (false, false) => create_topic(query, name, &asked, hub)?,
        (true, true) => update_queue(inquiry, query, name, &asked, hub)?,
        (true, false) => update_topic(query, name, &asked, hub)?,
    }
    let entity = hub
        .broker
        .entity_state(name)
        .ok_or_else(Fault::not_hosted)?;
    let mut entry = entry(inquiry, query, &entity, inquiry.is_update(), hub);
    if !inquiry.is_update() {
        return Ok(Answer::entry(201, entry.document(inquiry)));
    }
    // The answer has what the request had, no more.
    entry.published = None;
    let elements = &mut entry.description.children;
    elements.retain(|element| asked.child(&element.name).is_some());
    Ok(Answer::entry(200, entry.document(inquiry)))
}

fn create_queue(
    inquiry: &Inquiry,
    query: Query,
    name: &str,
    asked: &Element,
    hub: &mut Hub,
) -> Result<(), Fault> {
    let tier = hub.broker.tier();
    let defaults = QueueOptions::default();
    let options = queue_description::read(asked, defaults, query.version, tier)?;
    inquiry
        .check_forwarding(&options.0, hub)
        .map_err(|fault| fault.tracked("Queue", name))?;
    Ok(hub.broker.create_queue(name, options)?)
}

fn create_topic(query: Query, name: &str, asked: &Element, hub: &mut Hub) -> Result<(), Fault> {
    let tier = hub.broker.tier();
    let defaults = TopicOptions::default();
    let options = topic_description::read(asked, defaults, query.version, tier)?;
    Ok(hub.broker.create_topic(name, options)?)
}

/// What a description does not mention gets its default again, unless it cannot change.
fn update_queue(
    inquiry: &Inquiry,
    query: Query,
    name: &str,
    asked: &Element,
    hub: &mut Hub,
) -> Result<(), Fault> {
    let kept = QueueOptions(kept(current(name, hub)?.options));
    let options = queue_description::read(asked, kept, query.version, hub.broker.tier())?;
    inquiry
        .check_forwarding(&options.0, hub)
        .map_err(|fault| fault.tracked("Queue", name))?;
    hub.broker
        .update_queue(name, options)
        .map_err(|error| Fault::of_update(error, "Queue"))
}

fn update_topic(query: Query, name: &str, asked: &Element, hub: &mut Hub) -> Result<(), Fault> {
    let kept = TopicOptions(kept(current(name, hub)?.options));
    let options = topic_description::read(asked, kept, query.version, hub.broker.tier())?;
    hub.broker
        .update_topic(name, options)
        .map_err(|error| Fault::of_update(error, "Topic"))
}

/// What an update that does not mention it leaves as it is: all that cannot change.
pub(super) fn kept(current: &EntitySettings) -> EntitySettings {
    EntitySettings {
        requires_session: current.requires_session,
        requires_duplicate_detection: current.requires_duplicate_detection,
        enable_partitioning: current.enable_partitioning,
        ..EntitySettings::default()
    }
}

fn current<'a>(name: &str, hub: &'a Hub) -> Result<EntityState<'a>, Fault> {
    let state = hub.broker.entity_state(name);
    state.ok_or_else(Fault::nothing_to_update)
}

fn get(inquiry: &Inquiry, query: Query, name: &str, hub: &mut Hub) -> Answer {
    let now = hub.now();
    match hub.broker.entity_state(name) {
        None => Answer::feed(nothing_listed(now)),
        Some(entity) => {
            let entry = entry(inquiry, query, &entity, true, hub);
            Answer::entry(200, entry.document(inquiry))
        }
    }
}

/// A page of all queues.
pub(super) fn list_queues(inquiry: &Inquiry, query: Query, hub: &mut Hub) -> Answer {
    list("Queues", inquiry, query, hub, |kind| {
        matches!(kind, EntityKind::Queue)
    })
}

/// A page of all topics.
pub(super) fn list_topics(inquiry: &Inquiry, query: Query, hub: &mut Hub) -> Answer {
    list("Topics", inquiry, query, hub, |kind| {
        matches!(kind, EntityKind::Topic { .. })
    })
}

fn list(
    title: &'static str,
    inquiry: &Inquiry,
    query: Query,
    hub: &mut Hub,
    wanted: impl Fn(EntityKind) -> bool,
) -> Answer {
    let now = hub.now();
    let all = hub.broker.queues_and_topics();
    let page = all
        .filter(|entity| wanted(entity.kind))
        .skip(query.skip)
        .take(query.top);
    let feed = Feed {
        title,
        link: "../",
        parent: "/",
        entries: page
            .map(|entity| entry(inquiry, query, &entity, true, hub))
            .collect(),
    };
    Answer::feed(feed.document(inquiry, query, now))
}

fn entry<'a>(
    inquiry: &Inquiry,
    query: Query,
    entity: &EntityState<'a>,
    whole: bool,
    hub: &Hub,
) -> Entry<'a> {
    let (version, tier) = (query.version, hub.broker.tier());
    let description = match entity.kind {
        EntityKind::Topic {
            subscriptions,
            filters,
        } => {
            let holds = (subscriptions, filters);
            topic_description::write(entity, holds, version, tier, whole)
        }
        EntityKind::Queue | EntityKind::Subscription => {
            queue_description::write(entity, inquiry, version, tier, whole)
        }
    };
    Entry {
        title: entity.name,
        published: Some(entity.created_at),
        updated: entity.updated_at,
        author: true,
        scheme: "http",
        description,
    }
}
