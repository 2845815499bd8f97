//! Rules of subscriptions, in process.

use crate::broker::{BrokerError, Rule};
use crate::emulator::{Emulator, EntityError};
use crate::filter::{Action, Filter, Parameters, SqlFilter};
use crate::hub::Hub;

/// Which messages a rule selects, and what it changes in its copies of them.
///
/// The text is that of the service ("Subscription Rule SQL Filter Syntax" and "Subscription Rule SQL
/// Action Syntax", Service Bus docs); it is read when the rule is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleOptions {
    filter: String,
    action: Option<String>,
}

impl RuleOptions {
    /// Selects the messages for which a condition in SQL holds.
    pub fn sql(filter: impl Into<String>) -> Self {
        Self {
            filter: filter.into(),
            action: None,
        }
    }

    /// Gives the rule a copy of its own of each message, and changes it by statements in SQL.
    #[must_use]
    pub fn action(mut self, statements: impl Into<String>) -> Self {
        self.action = Some(statements.into());
        self
    }

    fn rule(&self, name: &str, hub: &mut Hub) -> Result<Rule, BrokerError> {
        let parameters = Parameters::default();
        let invalid = |error: crate::filter::FilterError| BrokerError::InvalidRule {
            reason: error.to_string(),
        };
        let filter = SqlFilter::new(&self.filter, &parameters).map_err(invalid)?;
        let action = self.action.as_deref();
        let action = action.map(|text| Action::new(text, &parameters));
        Ok(Rule {
            name: name.to_owned(),
            filter: Filter::Sql(filter),
            action: action.transpose().map_err(invalid)?,
            created_at: hub.now(),
        })
    }
}

impl Emulator {
    /// Adds a rule to a subscription; it selects among the messages that are sent from now on.
    ///
    /// A subscription is created with the rule `$Default`, which selects every message.
    ///
    /// # Errors
    ///
    /// There is no such subscription, it has a rule of that name, the name is no rule name, or the
    /// text cannot be read.
    pub fn create_rule(
        &self,
        topic: &str,
        subscription: &str,
        name: &str,
        options: RuleOptions,
    ) -> Result<(), EntityError> {
        let (path, name) = (path(topic, subscription), name.to_owned());
        self.ask(move |hub| {
            let subscription = hub.broker.resolve(&path)?;
            let rule = options.rule(&name, hub)?;
            hub.broker.add_rule(subscription, rule)
        })
        .map_err(EntityError)
    }

    /// Takes a rule from a subscription. Without any rule it gets no messages.
    ///
    /// # Errors
    ///
    /// There is no such subscription, or it has no rule of that name.
    pub fn delete_rule(
        &self,
        topic: &str,
        subscription: &str,
        name: &str,
    ) -> Result<(), EntityError> {
        let (path, name) = (path(topic, subscription), name.to_owned());
        self.ask(move |hub| {
            let subscription = hub.broker.resolve(&path)?;
            hub.broker.remove_rule(subscription, &name)
        })
        .map_err(EntityError)
    }
}

fn path(topic: &str, subscription: &str) -> String {
    format!("{topic}/Subscriptions/{subscription}")
}
