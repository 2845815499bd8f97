//! The meaning of an expression, apart from how it is written.

use crate::filter::operators::{Arithmetic, Comparison};
use crate::filter::value::Value;

/// Whose property a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::filter) enum Scope {
    /// `user.`, which need not be written: an application property.
    User,
    /// `sys.`
    System,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::filter) struct PropertyName {
    pub(in crate::filter) scope: Scope,
    pub(in crate::filter) name: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::filter) enum Expression {
    /// A parameter is one as well.
    Constant(Value<'static>),
    Property(PropertyName),
    /// `property(name)`
    NamedProperty(Box<Expression>),
    NewId,
    Negate(Box<Expression>),
    /// From left to right: an operator and its right side after the other, so that a long sum is not
    /// a deep tree.
    Calculate(Box<Expression>, Vec<(Arithmetic, Expression)>),
    Compare(Box<Expression>, Comparison, Box<Expression>),
    Like {
        text: Box<Expression>,
        pattern: Box<Expression>,
        escape: Option<Box<Expression>>,
    },
    In {
        value: Box<Expression>,
        list: Vec<Expression>,
    },
    IsNull(Box<Expression>),
    Exists(PropertyName),
    Not(Box<Expression>),
    /// At least two.
    All(Vec<Expression>),
    /// At least two.
    Any(Vec<Expression>),
}

impl Expression {
    /// Whether it can be nothing but a condition.
    pub(super) fn is_condition(&self) -> bool {
        match self {
            Self::Compare(..)
            | Self::Like { .. }
            | Self::In { .. }
            | Self::IsNull(_)
            | Self::Exists(_)
            | Self::Not(_)
            | Self::All(_)
            | Self::Any(_) => true,
            Self::Constant(_)
            | Self::Property(_)
            | Self::NamedProperty(_)
            | Self::NewId
            | Self::Negate(_)
            | Self::Calculate(..) => false,
        }
    }

    /// Whether it may turn out to be true or false.
    pub(super) fn may_be_condition(&self) -> bool {
        match self {
            Self::Constant(value) => matches!(value, Value::Bool(_) | Value::Null),
            Self::Property(_) | Self::NamedProperty(_) => true,
            Self::NewId | Self::Negate(_) | Self::Calculate(..) => false,
            _ => self.is_condition(),
        }
    }

    /// Both conditions, in one list however many there are.
    pub(super) fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut conditions) => {
                conditions.push(other);
                Self::All(conditions)
            }
            first => Self::All(vec![first, other]),
        }
    }

    /// Either condition, in one list however many there are.
    pub(super) fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut conditions) => {
                conditions.push(other);
                Self::Any(conditions)
            }
            first => Self::Any(vec![first, other]),
        }
    }

    /// The result of an operator; a left side that is a result itself is carried on.
    pub(super) fn calculated(self, operator: Arithmetic, right: Self) -> Self {
        match self {
            Self::Calculate(first, mut rest) => {
                rest.push((operator, right));
                Self::Calculate(first, rest)
            }
            first => Self::Calculate(Box::new(first), vec![(operator, right)]),
        }
    }

    pub(super) fn negated_if(self, negated: bool) -> Self {
        if negated {
            Self::Not(Box::new(self))
        } else {
            self
        }
    }
}
