//! The subscriptions of a topic: create, update, look at, delete, list.

use hyper::Method;

use super::answer::Answer;
use super::atom::{self, Entry};
use super::entities::kept;
use super::fault::Fault;
use super::feed::{nothing_listed, Feed};
use super::request::Inquiry;
use super::rule_description;
use super::subscription_description::{self, NAME};
use super::target::Query;
use crate::broker::{EntityKind, EntityState, Rule, SubscriptionOptions};
use crate::hub::Hub;

/// The name of the first rule, unless it is given.
const DEFAULT_RULE: &str = "$Default";

/// Where a subscription is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) topic: &'a str,
    pub(super) subscription: &'a str,
}

impl Place<'_> {
    pub(super) fn path(&self) -> String {
        format!("{}/subscriptions/{}", self.topic, self.subscription)
    }

    /// How the service names it in texts, behind the namespace and the kind.
    pub(super) fn label(&self) -> String {
        format!("{}|{}", self.topic, self.subscription)
    }
}

pub(super) fn answer(
    inquiry: &Inquiry,
    query: Query,
    place: Place<'_>,
    body: &[u8],
    hub: &mut Hub,
) -> Result<Answer, Fault> {
    if place.subscription.contains('$') {
        let fault = Fault::verb(inquiry.method.as_str());
        return Err(fault.tracked("Topic", place.topic));
    }
    let has_topic = hub.broker.entity_state(place.topic).is_some();
    match inquiry.method {
        Method::PUT if !has_topic => Err(Fault::no_policy()),
        Method::PUT if inquiry.is_update() => update(inquiry, query, place, body, hub),
        Method::PUT => create(inquiry, query, place, body, hub),
        Method::GET if !has_topic => Ok(Answer::feed(nothing_listed(hub.now()))),
        Method::GET => get(inquiry, query, place, hub),
        Method::DELETE if !has_topic => Err(Fault::not_hosted()),
        Method::DELETE => {
            let path = place.path();
            hub.broker
                .delete_entity(&path)
                .map_err(|_| Fault::could_not_be_found(&place.label()))?;
            Ok(Answer::empty(200))
        }
        _ => Err(Fault::verb(inquiry.method.as_str())),
    }
}

fn create(
    inquiry: &Inquiry,
    query: Query,
    place: Place<'_>,
    body: &[u8],
    hub: &mut Hub,
) -> Result<Answer, Fault> {
    let asked = atom::description(body, &[NAME])?;
    let options = subscription_description::read(&asked, SubscriptionOptions::default())?;
    if hub.broker.entity_state(&place.path()).is_some() {
        return Err(Fault::subscription_exists(&place.label()));
    }
    let now = hub.now();
    let rule = match asked.child(rule_description::DEFAULT) {
        None => Rule::default_at(now),
        Some(rule) => {
            let name = rule.text_of("Name").filter(|name| !name.is_empty());
            rule_description::read(rule, name.unwrap_or(DEFAULT_RULE), now)?
        }
    };
    inquiry
        .check_forwarding(&options.0, hub)
        .map_err(|fault| fault.tracked("Topic", &place.label()))?;
    hub.broker
        .create_subscription_with(place.topic, place.subscription, options, rule)?;
    let entry = found(inquiry, query, place, false, hub)?;
    Ok(Answer::entry(201, entry.document(inquiry)))
}

/// What a description does not mention gets its default again, unless it cannot change.
fn update(
    inquiry: &Inquiry,
    query: Query,
    place: Place<'_>,
    body: &[u8],
    hub: &mut Hub,
) -> Result<Answer, Fault> {
    let asked = atom::description(body, &[NAME])?;
    let current = hub.broker.entity_state(&place.path());
    let current = current.ok_or_else(|| Fault::was_not_found(&place.label()))?;
    let kept = SubscriptionOptions(kept(current.options));
    let options = subscription_description::read(&asked, kept)?;
    inquiry
        .check_forwarding(&options.0, hub)
        .map_err(|fault| fault.tracked("Topic", &place.label()))?;
    hub.broker
        .update_subscription(place.topic, place.subscription, options)
        .map_err(|error| Fault::of_update(error, "Subscription"))?;
    let entry = found(inquiry, query, place, false, hub)?;
    Ok(Answer::entry(200, entry.document(inquiry)))
}

fn get(inquiry: &Inquiry, query: Query, place: Place<'_>, hub: &mut Hub) -> Result<Answer, Fault> {
    let mut entry = found(inquiry, query, place, true, hub)?;
    entry.scheme = "sb";
    Ok(Answer::entry(200, entry.document(inquiry)))
}

/// A page of the subscriptions of a topic.
pub(super) fn list(
    inquiry: &Inquiry,
    query: Query,
    topic: &str,
    hub: &mut Hub,
) -> Result<Answer, Fault> {
    let now = hub.now();
    if inquiry.method != Method::GET {
        return Err(Fault::verb(inquiry.method.as_str()).tracked("Topic", topic));
    }
    if hub.broker.entity_state(topic).is_none() {
        return Ok(Answer::feed(nothing_listed(now)));
    }
    let segment = inquiry.last_segment();
    let page = hub.broker.subscriptions(topic).skip(query.skip);
    let feed = Feed {
        title: "Subscriptions",
        link: &format!("{segment}/"),
        parent: &format!("/{topic}/{segment}/"),
        entries: page
            .take(query.top)
            .filter_map(|state| entry(inquiry, query, &state, true))
            .collect(),
    };
    Ok(Answer::feed(feed.document(inquiry, query, now)))
}

fn found<'a>(
    inquiry: &Inquiry,
    query: Query,
    place: Place<'_>,
    whole: bool,
    hub: &'a Hub,
) -> Result<Entry<'a>, Fault> {
    hub.broker
        .entity_state(&place.path())
        .and_then(|state| entry(inquiry, query, &state, whole))
        .ok_or_else(|| Fault::was_not_found(&place.label()))
}

fn entry<'a>(
    inquiry: &Inquiry,
    query: Query,
    state: &EntityState<'a>,
    whole: bool,
) -> Option<Entry<'a>> {
    matches!(state.kind, EntityKind::Subscription).then(|| Entry {
        title: state.name,
        published: Some(state.created_at),
        updated: state.updated_at,
        author: false,
        scheme: "http",
        description: subscription_description::write(state, inquiry, query.version, whole),
    })
}
