use chrono::{DateTime, Utc};

use super::rule_filter::RuleFilter;
use super::value::AmqpValue;

/// A rule of a subscription, as the service describes it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RuleProperties {
    pub(crate) name: String,
    pub(crate) filter: RuleFilter,
    pub(crate) action: Option<RuleAction>,
    pub(crate) created_at: Option<DateTime<Utc>>,
}

impl RuleProperties {
    /// The name; names that differ only in case are the same to the service.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which messages the rule selects. One that was added as the SQL `1=1` may be told as
    /// [`True`](RuleFilter::True).
    pub fn filter(&self) -> &RuleFilter {
        &self.filter
    }

    /// What the rule changes in its copies of the messages, if anything.
    pub fn action(&self) -> Option<&RuleAction> {
        self.action.as_ref()
    }

    /// When the rule was added, by the clock of the service, where that says so.
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        self.created_at
    }
}

/// What a rule changes in its copies of the messages that it selects.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RuleAction {
    /// Statements in SQL.
    Sql(SqlRuleAction),
    /// An action of a kind that this crate does not know, as the service describes it. It is read, never sent.
    Other(AmqpValue),
}

/// Statements in the SQL of the service, for example `SET priority = 5; REMOVE draft` (Service Bus docs, "Subscription
/// rule SQL action syntax"); at most 1,024 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlRuleAction {
    sql_expression: String,
}

impl SqlRuleAction {
    /// Statements. They are read by the service, when the rule is added.
    pub fn new(expression: impl Into<String>) -> Self {
        SqlRuleAction {
            sql_expression: expression.into(),
        }
    }

    /// The text of the statements.
    pub fn sql_expression(&self) -> &str {
        &self.sql_expression
    }
}

impl RuleAction {
    /// Changes messages by statements in SQL; see [`SqlRuleAction`].
    pub fn sql(expression: impl Into<String>) -> Self {
        SqlRuleAction::new(expression).into()
    }
}

impl From<SqlRuleAction> for RuleAction {
    fn from(action: SqlRuleAction) -> Self {
        RuleAction::Sql(action)
    }
}

/// How to add a rule.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AddRuleOptions {
    pub(crate) action: Option<RuleAction>,
}

impl AddRuleOptions {
    /// Adds the rule without an action.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the messages that the rule selects. Each rule with an action puts a copy of its own into the subscription,
    /// which carries the name of the rule as its application property `RuleName`; all rules without one together put one
    /// (Service Bus docs, "Topic filters and actions").
    #[must_use]
    pub fn with_action(mut self, action: impl Into<RuleAction>) -> Self {
        self.action = Some(action.into());
        self
    }
}
