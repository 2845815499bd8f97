//! Rules as their managers wrote them.
//!
//! The service gives back what it was sent where that means nothing to it: the zone that an instant
//! lacks, a hint to preprocess. What a rule does is known without; so this is kept beside it, for as
//! long as the rule stands as it was written.

use std::collections::HashMap;

use super::rule_description::{kind, whole};
use super::typed_value::SERIALIZATION;
use super::xml::{Element, Kind};
use crate::broker::{Broker, EntityId, QueueRef, Rule};

/// Of the language of expressions; there is one, 20, and the service adds it where it is not given.
const LEVEL: &str = "CompatibilityLevel";

/// What was written of the rules that stand.
#[derive(Debug, Default)]
pub(crate) struct WrittenRules {
    by_place: HashMap<(EntityId, String), (Rule, Element)>,
}

impl WrittenRules {
    /// Keeps a description, and forgets those of rules that are gone or changed.
    pub(super) fn keep(
        &mut self,
        subscription: QueueRef,
        rule: Rule,
        description: Element,
        broker: &Broker,
    ) {
        self.by_place.retain(|(entity, _), (rule, _)| {
            let place = QueueRef {
                entity: *entity,
                ..subscription
            };
            let rules = broker.rules(place);
            rules.is_ok_and(|rules| rules.iter().any(|known| known == rule))
        });
        let place = (subscription.entity, rule.name.to_lowercase());
        self.by_place.insert(place, (rule, description));
    }

    /// The description of a rule, if it stands as it was written.
    pub(super) fn of(&self, subscription: QueueRef, rule: &Rule) -> Option<&Element> {
        let place = (subscription.entity, rule.name.to_lowercase());
        let (written, description) = self.by_place.get(&place)?;
        (written == rule).then_some(description)
    }
}

/// What the service gives back of a description with which a rule was made.
pub(super) fn given_back(asked: &Element, rule: &Rule) -> Element {
    let filter = match asked.child("Filter") {
        Some(filter) => part(filter),
        None => constant("TrueFilter", "1=1"),
    };
    let action = match asked.child("Action") {
        Some(action) => part(action),
        None => Element::new("Action").of_kind("EmptyRuleAction"),
    };
    whole(filter, action, rule)
}

fn part(asked: &Element) -> Element {
    let names: &[&str] = match kind(asked) {
        "TrueFilter" => return constant("TrueFilter", "1=1"),
        "FalseFilter" => return constant("FalseFilter", "1=0"),
        "EmptyRuleAction" => &[],
        "CorrelationFilter" => &[
            "CorrelationId",
            "MessageId",
            "To",
            "ReplyTo",
            "Label",
            "SessionId",
            "ReplyToSessionId",
            "ContentType",
            "Properties",
        ],
        _ => &[
            "SqlExpression",
            LEVEL,
            "Parameters",
            "RequiresPreprocessing",
        ],
    };
    let mut part = asked.clone();
    part.children
        .retain(|child| names.contains(&child.name.as_str()));
    if names.contains(&LEVEL) && part.child(LEVEL).is_none() {
        let at = part.children.len().min(1);
        part.children.insert(at, Element::leaf(LEVEL, 20));
    }
    let maps = part
        .children
        .iter_mut()
        .flat_map(|child| &mut child.children);
    for value in maps.flat_map(|entry| &mut entry.children) {
        if let Some(Kind { namespace, name }) = &mut value.kind {
            if name == "duration" {
                *namespace = SERIALIZATION.to_owned();
            }
        }
    }
    part
}

/// To a look at a rule the service adds the parameters that a condition or action has not.
pub(super) fn with_parameters(mut description: Element) -> Element {
    for part in &mut description.children {
        let is_sql = matches!(kind(part), "SqlFilter" | "SqlRuleAction");
        if is_sql && part.child("Parameters").is_none() {
            part.children.push(Element::new("Parameters"));
        }
    }
    description
}

fn constant(kind: &str, expression: &str) -> Element {
    let mut filter = Element::new("Filter").of_kind(kind);
    filter.children = vec![
        Element::leaf("SqlExpression", expression),
        Element::leaf("CompatibilityLevel", 20),
    ];
    filter
}
