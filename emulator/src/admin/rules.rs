//! The rules of a subscription: create, update, look at, delete, list.

use hyper::Method;

use super::answer::Answer;
use super::atom::{self, Entry};
use super::fault::Fault;
use super::feed::{nothing_listed, Feed};
use super::request::Inquiry;
use super::rule_description::{self, NAME};
use super::subscriptions::Place;
use super::target::Query;
use super::written_rules::{given_back, with_parameters};
use super::xml::Element;
use crate::broker::{BrokerError, QueueRef, Rule};
use crate::hub::Hub;

pub(super) fn answer(
    inquiry: &Inquiry,
    place: Place<'_>,
    name: &str,
    body: &[u8],
    hub: &mut Hub,
) -> Result<Answer, Fault> {
    let method = &inquiry.method;
    let label = format!("{}|{name}", place.label());
    let subscription = match hub.broker.resolve(&place.path()) {
        Ok(subscription) => subscription,
        Err(_) if hub.broker.entity_state(place.topic).is_some() => {
            return Err(Fault::was_not_found(&place.label()));
        }
        Err(_) if *method == Method::GET => {
            return Ok(Answer::feed(nothing_listed(hub.now())));
        }
        Err(_) => return Err(Fault::not_hosted()),
    };
    match *method {
        Method::PUT => put(inquiry, subscription, name, &label, body, hub),
        Method::GET => {
            let rule = find(subscription, name, hub).ok_or_else(|| Fault::was_not_found(&label))?;
            let description = shown(subscription, rule, hub);
            let entry = entry(rule, description, "sb");
            Ok(Answer::entry(200, entry.document(inquiry)))
        }
        Method::DELETE => {
            hub.broker
                .remove_rule(subscription, name)
                .map_err(|_| Fault::could_not_be_found(&label))?;
            Ok(Answer::empty(200))
        }
        _ => Err(Fault::verb(method.as_str())),
    }
}

fn put(
    inquiry: &Inquiry,
    subscription: QueueRef,
    name: &str,
    label: &str,
    body: &[u8],
    hub: &mut Hub,
) -> Result<Answer, Fault> {
    let asked = atom::description(body, &[NAME])?;
    let rule = rule_description::read(&asked, name, hub.now())?;
    let (status, outcome) = if inquiry.is_update() {
        (200, hub.broker.replace_rule(subscription, rule))
    } else {
        (201, hub.broker.add_rule(subscription, rule))
    };
    outcome.map_err(|error| match error {
        BrokerError::EntityNotFound { .. } => Fault::was_not_found(label),
        BrokerError::EntityAlreadyExists { .. } => Fault::rule_exists(label),
        other => other.into(),
    })?;
    let rule = find(subscription, name, hub).ok_or_else(|| Fault::was_not_found(label))?;
    let rule = rule.clone();
    let description = given_back(&asked, &rule);
    let document = entry(&rule, description.clone(), "http").document(inquiry);
    hub.written_rules
        .keep(subscription, rule, description, &hub.broker);
    Ok(Answer::entry(status, document))
}

/// A page of the rules of a subscription.
pub(super) fn list(
    inquiry: &Inquiry,
    query: Query,
    place: Place<'_>,
    hub: &mut Hub,
) -> Result<Answer, Fault> {
    let now = hub.now();
    if inquiry.method != Method::GET {
        return Err(Fault::verb(inquiry.method.as_str()).tracked("Topic", place.topic));
    }
    let Ok(subscription) = hub.broker.resolve(&place.path()) else {
        return Ok(Answer::feed(nothing_listed(now)));
    };
    let segment = inquiry.last_segment();
    let path = inquiry.path.trim_end_matches('/');
    let rules = hub.broker.rules(subscription)?;
    let page = rules.iter().skip(query.skip).take(query.top);
    let feed = Feed {
        title: "Rules",
        link: &format!("{segment}/"),
        parent: &format!("{path}/"),
        entries: page
            .map(|rule| entry(rule, shown(subscription, rule, hub), "http"))
            .collect(),
    };
    Ok(Answer::feed(feed.document(inquiry, query, now)))
}

fn find<'a>(subscription: QueueRef, name: &str, hub: &'a Hub) -> Option<&'a Rule> {
    let name = name.to_lowercase();
    let mut rules = hub.broker.rules(subscription).ok()?.iter();
    rules.find(|rule| rule.name.to_lowercase() == name)
}

fn shown(subscription: QueueRef, rule: &Rule, hub: &Hub) -> Element {
    let written = hub.written_rules.of(subscription, rule).cloned();
    with_parameters(written.unwrap_or_else(|| rule_description::write(rule)))
}

fn entry<'a>(rule: &'a Rule, description: Element, scheme: &'static str) -> Entry<'a> {
    Entry {
        title: &rule.name,
        published: Some(rule.created_at),
        updated: rule.created_at,
        author: false,
        scheme,
        description,
    }
}
