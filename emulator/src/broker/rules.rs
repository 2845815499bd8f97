//! The rules of a subscription: which messages it gets copies of, and how these are changed.

use std::collections::btree_map::{BTreeMap, Entry};
use std::mem::discriminant;
use std::sync::Arc;

use super::entity::{Entity, Kind};
use super::path::name_key;
use super::{Broker, BrokerError, QueueRef, Timestamp};
use crate::filter::{Action, EvaluationError, Filter, MessageView};
use crate::message::{Message, PropertyChanges};

/// The application property by which a copy says which rule's action has changed it.
const RULE_NAME: &str = "RuleName";

/// The longest name of a rule, in characters (Service Bus docs, "Quotas").
const MAX_NAME_LENGTH: usize = 50;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) filter: Filter,
    pub(crate) action: Option<Action>,
    pub(crate) created_at: Timestamp,
}

impl Rule {
    /// Of the rule that a subscription is created with unless another one is given.
    pub(crate) const DEFAULT_NAME: &'static str = "$Default";

    /// The rule that selects every message.
    pub(crate) fn default_at(now: Timestamp) -> Self {
        Self {
            name: Self::DEFAULT_NAME.to_owned(),
            filter: Filter::True,
            action: None,
            created_at: now,
        }
    }

    fn has_valid_name(&self) -> bool {
        let name = &self.name;
        let allowed = |c: char| !matches!(c, '/' | '\\' | '@' | '?' | '#' | '*') && !c.is_control();
        (1..=MAX_NAME_LENGTH).contains(&name.chars().count()) && name.chars().all(allowed)
    }
}

/// The rules of one subscription, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rules {
    by_key: BTreeMap<String, Rule>,
}

/// What a subscription gets of one message.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(crate) copies: Vec<Arc<Message>>,
    /// Of the first rule that could not be applied.
    pub(crate) failure: Option<Failure>,
}

/// Why a rule could not be applied to a message, as its dead-letter copy tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What the service calls the exception: of a filter, or of an action.
    pub(crate) reason: &'static str,
    pub(crate) description: String,
}

impl Broker {
    /// Adds a rule to a subscription; it selects among the messages that come from now on.
    pub(crate) fn add_rule(
        &mut self,
        subscription: QueueRef,
        rule: Rule,
    ) -> Result<(), BrokerError> {
        self.check_filter(subscription, &rule)?;
        self.rules_mut(subscription)?.add(rule)
    }

    /// Takes a rule from a subscription, which gets nothing once it has none.
    pub(crate) fn remove_rule(
        &mut self,
        subscription: QueueRef,
        name: &str,
    ) -> Result<(), BrokerError> {
        self.rules_mut(subscription)?.remove(name)
    }

    /// Puts a rule in the place of the one of its name, which it has been created as.
    pub(crate) fn replace_rule(
        &mut self,
        subscription: QueueRef,
        rule: Rule,
    ) -> Result<(), BrokerError> {
        let present = self.rules(subscription)?.get(&rule.name);
        if present
            .is_some_and(|present| discriminant(&present.filter) != discriminant(&rule.filter))
        {
            self.check_filter(subscription, &rule)?;
        }
        self.rules_mut(subscription)?.replace(rule)
    }

    fn check_filter(&self, subscription: QueueRef, rule: &Rule) -> Result<(), BrokerError> {
        match self.entities.get(&subscription.entity).map(Entity::kind) {
            Some(Kind::Subscription { topic, .. }) => self.check_filters(*topic, &rule.filter),
            _ => Ok(()),
        }
    }

    pub(crate) fn rules(&self, subscription: QueueRef) -> Result<&Rules, BrokerError> {
        let entity = self.entities.get(&subscription.entity);
        let entity = entity.ok_or(BrokerError::EntityDeleted)?;
        match entity.kind() {
            Kind::Subscription { rules, .. } => Ok(rules),
            Kind::Queue | Kind::Topic { .. } => Err(BrokerError::WrongKind {
                path: entity.name().to_owned(),
                kind: "subscription",
            }),
        }
    }

    fn rules_mut(&mut self, subscription: QueueRef) -> Result<&mut Rules, BrokerError> {
        let entity = self.entities.get_mut(&subscription.entity);
        let entity = entity.ok_or(BrokerError::EntityDeleted)?;
        let path = entity.name().to_owned();
        match entity.kind_mut() {
            Kind::Subscription { rules, .. } => Ok(rules),
            Kind::Queue | Kind::Topic { .. } => Err(BrokerError::WrongKind {
                path,
                kind: "subscription",
            }),
        }
    }
}

impl Rules {
    /// Adds a rule, unless there is one of that name, whatever the case of its letters.
    pub(crate) fn add(&mut self, rule: Rule) -> Result<(), BrokerError> {
        let name = || rule.name.clone();
        if !rule.has_valid_name() {
            return Err(BrokerError::InvalidName { name: name() });
        }
        match self.by_key.entry(name_key(&rule.name)) {
            Entry::Occupied(_) => Err(BrokerError::EntityAlreadyExists { name: name() }),
            Entry::Vacant(place) => {
                place.insert(rule);
                Ok(())
            }
        }
    }

    pub(crate) fn replace(&mut self, rule: Rule) -> Result<(), BrokerError> {
        match self.by_key.get_mut(&name_key(&rule.name)) {
            Some(present) => {
                *present = Rule {
                    created_at: present.created_at,
                    ..rule
                };
                Ok(())
            }
            None => Err(BrokerError::EntityNotFound { path: rule.name }),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) -> Result<(), BrokerError> {
        match self.by_key.remove(&name_key(name)) {
            Some(_) => Ok(()),
            None => Err(BrokerError::EntityNotFound {
                path: name.to_owned(),
            }),
        }
    }

    fn get(&self, name: &str) -> Option<&Rule> {
        self.by_key.get(&name_key(name))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.by_key.values()
    }

    /// Applies every rule to a message: one copy for all the matching rules without an action
    /// together, and one for each with an action (Service Bus docs, "Topic filters and actions").
    pub(crate) fn select(&self, message: &Arc<Message>, view: &MessageView<'_>) -> Selection {
        let mut unchanged = None;
        let mut changed = Vec::new();
        let mut failure = None;
        for rule in self.iter() {
            match rule.copy(message, view) {
                Ok(Some(copy)) if rule.action.is_none() => unchanged = Some(copy),
                Ok(Some(copy)) => changed.push(copy),
                Ok(None) => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Selection {
            copies: unchanged.into_iter().chain(changed).collect(),
            failure,
        }
    }
}

impl Rule {
    fn copy(
        &self,
        message: &Arc<Message>,
        view: &MessageView<'_>,
    ) -> Result<Option<Arc<Message>>, Failure> {
        let failure = |reason| {
            move |error: EvaluationError| Failure {
                reason,
                description: error.to_string(),
            }
        };
        let matches = self.filter.matches(view);
        if !matches.map_err(failure("FilterException"))? {
            return Ok(None);
        }
        let Some(action) = &self.action else {
            return Ok(Some(Arc::clone(message)));
        };
        let mut name = PropertyChanges::default();
        name.set_text(RULE_NAME, &self.name);
        let changed = action.apply(view);
        let changed = changed.map_err(failure("RuleActionException"))?;
        Ok(Some(Arc::new(changed.with_changes(&name))))
    }
}
