//! What an expression comes to for one message.

use super::{Expression, PropertyName, Scope};
use crate::filter::error::EvaluationError;
use crate::filter::like::is_like;
use crate::filter::operators::{calculate, compare, negate, Comparison};
use crate::filter::system_property::SystemProperty;
use crate::filter::value::Value;
use crate::filter::view::MessageView;
use crate::guid::new_guid;

impl Expression {
    /// Whether the condition is true; `None` is *unknown*.
    pub(in crate::filter) fn holds(
        &self,
        message: &MessageView<'_>,
    ) -> Result<Option<bool>, EvaluationError> {
        match self {
            Self::Compare(left, comparison, right) => {
                compare(&left.value(message)?, *comparison, &right.value(message)?)
            }
            Self::Like {
                text,
                pattern,
                escape,
            } => holds_like(text, pattern, escape.as_deref(), message),
            Self::In { value, list } => holds_in(&value.value(message)?, list, message),
            Self::IsNull(property) => Ok(Some(property.value(message)?.is_null())),
            Self::Exists(property) => property.exists(message).map(Some),
            Self::Not(condition) => Ok(condition.holds(message)?.map(|holds| !holds)),
            Self::All(conditions) => first_or_unknown(conditions, false, message),
            Self::Any(conditions) => first_or_unknown(conditions, true, message),
            _ => match self.value(message)? {
                Value::Bool(value) => Ok(Some(value)),
                Value::Null => Ok(None),
                other => Err(EvaluationError::NotBool {
                    of: other.type_name(),
                }),
            },
        }
    }

    /// The value; of a condition as well.
    pub(in crate::filter) fn value<'m>(
        &'m self,
        message: &MessageView<'m>,
    ) -> Result<Value<'m>, EvaluationError> {
        match self {
            Self::Constant(value) => Ok(value.borrowed()),
            Self::Property(property) => property.value(message),
            Self::NamedProperty(name) => match name.value(message)? {
                Value::Null => Ok(Value::Null),
                Value::String(name) if !name.is_empty() => {
                    let found = message.application_property(&name);
                    Ok(found.map_or(Value::Null, |(_, value)| value))
                }
                _ => Err(EvaluationError::PropertyName),
            },
            Self::NewId => Ok(Value::Guid(new_guid().into_bytes())),
            Self::Negate(operand) => negate(&operand.value(message)?),
            Self::Calculate(first, rest) => {
                let first = first.value(message)?;
                rest.iter().try_fold(first, |left, (operator, right)| {
                    calculate(&left, *operator, &right.value(message)?)
                })
            }
            _ => Ok(self.holds(message)?.map_or(Value::Null, Value::Bool)),
        }
    }
}

impl PropertyName {
    fn value<'m>(&self, message: &MessageView<'m>) -> Result<Value<'m>, EvaluationError> {
        match self.scope {
            Scope::User => {
                let found = message.application_property(&self.name);
                Ok(found.map_or(Value::Null, |(_, value)| value))
            }
            Scope::System => Ok(message.system_property(self.system()?)),
        }
    }

    fn exists(&self, message: &MessageView<'_>) -> Result<bool, EvaluationError> {
        match self.scope {
            Scope::User => Ok(message.application_property(&self.name).is_some()),
            Scope::System => Ok(!message.system_property(self.system()?).is_null()),
        }
    }

    /// The system property of this name. That there is none shows only when a message comes (Service
    /// Bus docs, "Property evaluation semantics").
    pub(in crate::filter) fn system(&self) -> Result<SystemProperty, EvaluationError> {
        SystemProperty::of_name(&self.name).ok_or_else(|| EvaluationError::UnknownSystemProperty {
            name: self.name.clone(),
        })
    }
}

/// The truth that decides a list, if a condition has it; else *unknown* if one is, else the other.
fn first_or_unknown(
    conditions: &[Expression],
    decisive: bool,
    message: &MessageView<'_>,
) -> Result<Option<bool>, EvaluationError> {
    let mut result = Some(!decisive);
    for condition in conditions {
        match condition.holds(message)? {
            Some(holds) if holds == decisive => return Ok(Some(decisive)),
            Some(_) => {}
            None => result = None,
        }
    }
    Ok(result)
}

fn holds_in(
    value: &Value<'_>,
    list: &[Expression],
    message: &MessageView<'_>,
) -> Result<Option<bool>, EvaluationError> {
    if value.is_null() {
        return Ok(None);
    }
    let mut result = Some(false);
    for candidate in list {
        match compare(value, Comparison::Equal, &candidate.value(message)?)? {
            Some(true) => return Ok(Some(true)),
            Some(false) => {}
            None => result = None,
        }
    }
    Ok(result)
}

fn holds_like(
    text: &Expression,
    pattern: &Expression,
    escape: Option<&Expression>,
    message: &MessageView<'_>,
) -> Result<Option<bool>, EvaluationError> {
    let text = text.value(message)?;
    let pattern = pattern.value(message)?;
    let escape = escape.map(|escape| escape.value(message)).transpose()?;
    if text.is_null() || pattern.is_null() || escape.as_ref().is_some_and(Value::is_null) {
        return Ok(None);
    }
    let (Some(left), Some(right)) = (text.as_text(), pattern.as_text()) else {
        return Err(EvaluationError::operands("LIKE", &text, &pattern));
    };
    let escape = escape.map(|escape| single_character(&escape)).transpose()?;
    is_like(&left, &right, escape)
        .map(Some)
        .ok_or(EvaluationError::Escape)
}

fn single_character(value: &Value<'_>) -> Result<char, EvaluationError> {
    let text = value.as_text().ok_or(EvaluationError::Escape)?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(EvaluationError::Escape),
    }
}
