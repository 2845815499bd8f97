//! What a rule changes in its copy of a message.

use std::borrow::Cow;

use super::error::{EvaluationError, FilterError};
use super::parameters::Parameters;
use super::sql::{parse_statements, PropertyName, Scope, Statement};
use super::system_property::SystemProperty;
use super::value::{Value, TICKS_PER_MILLI};
use super::view::MessageView;
use crate::message::{
    Message, PropertyChanges, PropertyField, PARTITION_KEY, SCHEDULED_ENQUEUE_TIME,
    VIA_PARTITION_KEY,
};

/// Statements in SQL that set and remove properties.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Action {
    expression: String,
    parameters: Parameters,
    statements: Vec<Statement>,
}

impl Action {
    /// Reads statements in which parameters stand for values.
    pub(crate) fn new(expression: &str, parameters: &Parameters) -> Result<Self, FilterError> {
        Ok(Self {
            statements: parse_statements(expression, parameters)?,
            expression: expression.to_owned(),
            parameters: parameters.clone(),
        })
    }

    /// The statements as they were written.
    pub(crate) fn expression(&self) -> &str {
        &self.expression
    }

    pub(crate) fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The message as the statements leave it, each working on what the one before has left.
    ///
    /// # Errors
    ///
    /// A statement cannot be carried out on this message.
    pub(crate) fn apply(&self, view: &MessageView<'_>) -> Result<Message, EvaluationError> {
        let mut changed = view.message().clone();
        for statement in &self.statements {
            changed = statement.apply(&view.of(&changed))?;
        }
        Ok(changed)
    }
}

impl Statement {
    fn apply(&self, view: &MessageView<'_>) -> Result<Message, EvaluationError> {
        match self {
            Self::Set(property, expression) => set(view, property, expression.value(view)?),
            Self::Remove(property) => remove(view, property),
        }
    }
}

fn set(
    view: &MessageView<'_>,
    property: &PropertyName,
    value: Value<'_>,
) -> Result<Message, EvaluationError> {
    if property.scope == Scope::System {
        return set_system(view.message(), property.system()?, &value);
    }
    let mut changes = PropertyChanges::default();
    match view.application_property(&property.name) {
        Some((name, replaced)) => {
            let value = value.converted_like(&replaced);
            changes.set_with(name, |writer| value.write(writer));
        }
        None => changes.set_with(&property.name, |writer| value.write(writer)),
    }
    Ok(view.message().with_changes(&changes))
}

fn remove(view: &MessageView<'_>, property: &PropertyName) -> Result<Message, EvaluationError> {
    if property.scope == Scope::System {
        return set_system(view.message(), property.system()?, &Value::Null);
    }
    let mut changes = PropertyChanges::default();
    if let Some((name, _)) = view.application_property(&property.name) {
        changes.remove(name);
    }
    Ok(view.message().with_changes(&changes))
}

/// Sets a system property, or unsets it by null.
fn set_system(
    message: &Message,
    property: SystemProperty,
    value: &Value<'_>,
) -> Result<Message, EvaluationError> {
    let field = |field| set_field(message, property, field, value);
    let annotation = |key| set_annotation(message, property, key, value);
    match property {
        SystemProperty::MessageId => field(PropertyField::MessageId),
        SystemProperty::CorrelationId => field(PropertyField::CorrelationId),
        SystemProperty::ContentType => field(PropertyField::ContentType),
        SystemProperty::Label => field(PropertyField::Subject),
        SystemProperty::To => field(PropertyField::To),
        SystemProperty::ReplyTo => field(PropertyField::ReplyTo),
        SystemProperty::SessionId => field(PropertyField::GroupId),
        SystemProperty::ReplyToSessionId => field(PropertyField::ReplyToGroupId),
        SystemProperty::PartitionKey => annotation(PARTITION_KEY),
        SystemProperty::ViaPartitionKey => annotation(VIA_PARTITION_KEY),
        SystemProperty::ScheduledEnqueueTimeUtc => annotation(SCHEDULED_ENQUEUE_TIME),
        SystemProperty::TimeToLive => set_ttl(message, value),
        SystemProperty::EnqueuedTimeUtc
        | SystemProperty::EnqueuedSequenceNumber
        | SystemProperty::SequenceNumber
        | SystemProperty::ExpiresAtUtc
        | SystemProperty::DeliveryCount
        | SystemProperty::Size => Err(EvaluationError::ReadOnlySystemProperty {
            name: property.name(),
        }),
    }
}

fn set_field(
    message: &Message,
    property: SystemProperty,
    field: PropertyField,
    value: &Value<'_>,
) -> Result<Message, EvaluationError> {
    match text_of(value) {
        Some(text) if field == PropertyField::ContentType => {
            Ok(message.with_property(field, |writer| writer.put_symbol(&text)))
        }
        Some(text) => Ok(message.with_property(field, |writer| writer.put_string(&text))),
        None if value.is_null() && field != PropertyField::MessageId => {
            Ok(message.with_property(field, |writer| writer.put_null()))
        }
        None => Err(unfit(property, value)),
    }
}

fn set_annotation(
    message: &Message,
    property: SystemProperty,
    key: &str,
    value: &Value<'_>,
) -> Result<Message, EvaluationError> {
    let value = match value {
        Value::Null => return Ok(message.with_annotation(key, None)),
        Value::DateTime(_) if property == SystemProperty::ScheduledEnqueueTimeUtc => {
            value.borrowed()
        }
        _ if property == SystemProperty::ScheduledEnqueueTimeUtc => {
            return Err(unfit(property, value));
        }
        _ => Value::String(text_of(value).ok_or_else(|| unfit(property, value))?),
    };
    Ok(message.with_annotation(key, Some(&|writer| value.write(writer))))
}

/// A time to live beyond what the header holds is the longest that it holds.
fn set_ttl(message: &Message, value: &Value<'_>) -> Result<Message, EvaluationError> {
    let ttl = match value {
        Value::Null | Value::TimeSpan(i64::MAX) => None,
        Value::TimeSpan(ticks) if *ticks > 0 => {
            Some(u32::try_from(ticks / TICKS_PER_MILLI).unwrap_or(u32::MAX))
        }
        _ => return Err(unfit(SystemProperty::TimeToLive, value)),
    };
    Ok(message.with_ttl(ttl))
}

/// The text that a property becomes: also a GUID's, which `newid()` makes.
fn text_of<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match value {
        Value::Guid(_) => value.to_text(),
        _ => value.as_text(),
    }
}

fn unfit(property: SystemProperty, value: &Value<'_>) -> EvaluationError {
    EvaluationError::SystemPropertyType {
        name: property.name(),
        of: value.type_name(),
    }
}
