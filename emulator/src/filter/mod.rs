//! The filters and actions of subscription rules: which messages a subscription gets, and what is
//! changed in its copies of them.

mod action;
mod correlation;
mod error;
mod like;
mod operators;
mod parameters;
mod sql;
mod system_property;
#[cfg(test)]
mod tests;
mod value;
mod view;

pub(crate) use self::action::Action;
pub(crate) use self::correlation::CorrelationFilter;
pub(crate) use self::error::{EvaluationError, FilterError};
pub(crate) use self::parameters::Parameters;
pub(crate) use self::system_property::SystemProperty;
pub(crate) use self::value::{IntegerType, Value};
pub(crate) use self::view::{Arrival, MessageView};

use self::sql::Expression;

/// How SDKs write the constant filters as expressions.
pub(crate) const TRUE: &str = "1=1";
pub(crate) const FALSE: &str = "1=0";

/// Which messages a rule selects.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    True,
    False,
    Correlation(CorrelationFilter),
    Sql(SqlFilter),
}

impl Filter {
    /// Reads an expression where there is no other way to write a filter: `1=1` and `1=0` are then the
    /// constant ones.
    pub(crate) fn of_expression(expression: &str) -> Result<Self, FilterError> {
        match expression {
            TRUE => Ok(Self::True),
            FALSE => Ok(Self::False),
            other => Ok(Self::Sql(SqlFilter::new(other, &Parameters::default())?)),
        }
    }

    /// Whether the rule selects the message.
    ///
    /// # Errors
    ///
    /// The message has properties that the expression cannot be evaluated on.
    pub(crate) fn matches(&self, message: &MessageView<'_>) -> Result<bool, EvaluationError> {
        match self {
            Self::True => Ok(true),
            Self::False => Ok(false),
            Self::Correlation(filter) => Ok(filter.matches(message)),
            Self::Sql(filter) => Ok(filter.condition.holds(message)? == Some(true)),
        }
    }
}

/// A condition in SQL.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SqlFilter {
    expression: String,
    parameters: Parameters,
    condition: Expression,
}

impl SqlFilter {
    /// Reads an expression in which parameters stand for values.
    pub(crate) fn new(expression: &str, parameters: &Parameters) -> Result<Self, FilterError> {
        Ok(Self {
            condition: sql::parse_condition(expression, parameters)?,
            expression: expression.to_owned(),
            parameters: parameters.clone(),
        })
    }

    /// The expression as it was written.
    pub(crate) fn expression(&self) -> &str {
        &self.expression
    }

    pub(crate) fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}
