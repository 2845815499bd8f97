//! What is wrong with a filter or an action, and what goes wrong when one meets a message.

use super::sql::SyntaxError;
use super::value::Value;

/// Why a filter or an action cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FilterError {
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    #[error(
        "The length of the expression exceeds the maximum allowed length of {limit} characters."
    )]
    TooLong { limit: usize },
    #[error("The expression is nested too deeply: at most {limit} levels are allowed.")]
    TooDeep { limit: usize },
    #[error("The number of statements in the action exceeds the maximum of {limit}.")]
    TooManyStatements { limit: usize },
    #[error("The value for the parameter '{name}' is missing.")]
    MissingParameter { name: String },
    #[error("At least one system or user property must be set in the correlation filter.")]
    EmptyCorrelation,
}

/// Why a filter or an action could not be evaluated for one message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EvaluationError {
    #[error("The system property '{name}' does not exist.")]
    UnknownSystemProperty { name: String },
    #[error("Operator '{operator}' cannot be applied to operands of type '{left}' and '{right}'.")]
    Operands {
        operator: &'static str,
        left: &'static str,
        right: &'static str,
    },
    #[error("Operator '{operator}' cannot be applied to operand of type '{operand}'.")]
    Operand {
        operator: &'static str,
        operand: &'static str,
    },
    #[error("Cannot implicitly convert type '{of}' to 'bool'.")]
    NotBool { of: &'static str },
    #[error("Attempted to divide by zero.")]
    DivisionByZero,
    #[error("Arithmetic operation resulted in an overflow.")]
    Overflow,
    #[error("The text that the expression makes is too long.")]
    TextTooLong,
    #[error("The escape character of LIKE must be a string of length 1, with a character to escape after it.")]
    Escape,
    #[error("The name of a property must be a string that is not empty.")]
    PropertyName,
    #[error("The system property '{name}' cannot be set to a value of type '{of}'.")]
    SystemPropertyType {
        name: &'static str,
        of: &'static str,
    },
    #[error("The system property '{name}' cannot be changed.")]
    ReadOnlySystemProperty { name: &'static str },
}

impl EvaluationError {
    pub(super) fn operands(operator: &'static str, left: &Value<'_>, right: &Value<'_>) -> Self {
        Self::Operands {
            operator,
            left: left.type_name(),
            right: right.type_name(),
        }
    }

    pub(super) fn operand(operator: &'static str, operand: &Value<'_>) -> Self {
        Self::Operand {
            operator,
            operand: operand.type_name(),
        }
    }
}
