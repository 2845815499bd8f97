//! Rules of subscriptions, in process.

use crate::broker::{BrokerError, Rule, Timestamp};
use crate::correlation_options::CorrelationOptions;
use crate::emulator::{Emulator, EntityError};
use crate::filter::{Action, Filter, FilterError, Parameters};

/// Which messages a rule selects, and what it changes in its copies of them.
///
/// Text is in the language of the service ("Subscription Rule SQL Filter Syntax" and "Subscription
/// Rule SQL Action Syntax", Service Bus docs); it is read when the rule is created.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleOptions {
    filter: FilterOptions,
    action: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum FilterOptions {
    Sql(String),
    Correlation(CorrelationOptions),
}

impl RuleOptions {
    /// Selects the messages for which a condition in SQL holds; `1=1` is the filter that selects all.
    pub fn sql(filter: impl Into<String>) -> Self {
        Self {
            filter: FilterOptions::Sql(filter.into()),
            action: None,
        }
    }

    /// Selects the messages that have the same properties.
    pub fn correlation(filter: CorrelationOptions) -> Self {
        Self {
            filter: FilterOptions::Correlation(filter),
            action: None,
        }
    }

    /// Gives the rule a copy of its own of each message, and changes it by statements in SQL.
    #[must_use]
    pub fn action(mut self, statements: impl Into<String>) -> Self {
        self.action = Some(statements.into());
        self
    }

    pub(crate) fn rule(&self, name: &str, created_at: Timestamp) -> Result<Rule, BrokerError> {
        let invalid = |error: FilterError| BrokerError::InvalidRule {
            reason: error.to_string(),
        };
        let filter = match &self.filter {
            FilterOptions::Sql(expression) => Filter::of_expression(expression),
            FilterOptions::Correlation(correlation) => correlation.filter(),
        };
        let action = self.action.as_deref();
        let action = action.map(|text| Action::new(text, &Parameters::default()));
        Ok(Rule {
            name: name.to_owned(),
            filter: filter.map_err(invalid)?,
            action: action.transpose().map_err(invalid)?,
            created_at,
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
        let (path, name) = (subscription_path(topic, subscription), name.to_owned());
        self.ask(move |hub| {
            let subscription = hub.broker.resolve(&path)?;
            let rule = options.rule(&name, hub.now())?;
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
        let (path, name) = (subscription_path(topic, subscription), name.to_owned());
        self.ask(move |hub| {
            let subscription = hub.broker.resolve(&path)?;
            hub.broker.remove_rule(subscription, &name)
        })
        .map_err(EntityError)
    }
}

/// The path of a subscription.
pub(crate) fn subscription_path(topic: &str, subscription: &str) -> String {
    format!("{topic}/Subscriptions/{subscription}")
}
