use super::correlation_filter::CorrelationRuleFilter;
use super::value::AmqpValue;

/// Which messages a rule of a subscription selects.
///
/// Filters see the properties of a message, never its body (Service Bus docs, "Topic filters and actions").
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RuleFilter {
    /// Every message.
    True,
    /// No message.
    False,
    /// The messages for which a condition in SQL holds.
    Sql(SqlRuleFilter),
    /// The messages whose properties have given values; costs the service less than SQL.
    Correlation(Box<CorrelationRuleFilter>),
    /// A filter of a kind that this crate does not know, as the service describes it. It is read, never sent.
    Other(AmqpValue),
}

/// A condition in the SQL of the service, for example `colour = 'red' AND sys.Label LIKE 'order%'` (Service Bus docs,
/// "Subscription rule SQL filter syntax"); at most 1,024 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlRuleFilter {
    sql_expression: String,
}

impl RuleFilter {
    /// Selects by a condition in SQL; see [`SqlRuleFilter`].
    pub fn sql(expression: impl Into<String>) -> Self {
        SqlRuleFilter::new(expression).into()
    }
}

impl SqlRuleFilter {
    /// A condition. It is read by the service, when the rule is added.
    pub fn new(expression: impl Into<String>) -> Self {
        SqlRuleFilter {
            sql_expression: expression.into(),
        }
    }

    /// The text of the condition.
    pub fn sql_expression(&self) -> &str {
        &self.sql_expression
    }
}

impl From<SqlRuleFilter> for RuleFilter {
    fn from(filter: SqlRuleFilter) -> Self {
        RuleFilter::Sql(filter)
    }
}

impl From<CorrelationRuleFilter> for RuleFilter {
    fn from(filter: CorrelationRuleFilter) -> Self {
        RuleFilter::Correlation(Box::new(filter))
    }
}
