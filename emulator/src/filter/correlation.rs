//! The correlation filter: equality of some properties, without an expression.

use super::error::FilterError;
use super::system_property::SystemProperty;
use super::value::{Number, Value};
use super::view::MessageView;

/// Selects the messages in which every property that is set here has the very same value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CorrelationFilter {
    system: Vec<(SystemProperty, String)>,
    application: Vec<(String, Value<'static>)>,
}

impl CorrelationFilter {
    /// The system properties that a correlation filter may name, in the order of its encodings.
    pub(crate) const FIELDS: [SystemProperty; 8] = [
        SystemProperty::CorrelationId,
        SystemProperty::MessageId,
        SystemProperty::To,
        SystemProperty::ReplyTo,
        SystemProperty::Label,
        SystemProperty::SessionId,
        SystemProperty::ReplyToSessionId,
        SystemProperty::ContentType,
    ];

    /// A filter on system properties of [`CorrelationFilter::FIELDS`], of which empty ones do not
    /// count, and on application properties.
    pub(crate) fn new(
        mut system: Vec<(SystemProperty, String)>,
        application: Vec<(String, Value<'static>)>,
    ) -> Result<Self, FilterError> {
        system.retain(|(_, text)| !text.is_empty());
        if system.is_empty() && application.is_empty() {
            return Err(FilterError::EmptyCorrelation);
        }
        Ok(Self {
            system,
            application,
        })
    }

    pub(crate) fn system_property(&self, property: SystemProperty) -> Option<&str> {
        let mut entries = self.system.iter();
        let entry = entries.find(|(known, _)| *known == property);
        entry.map(|(_, text)| text.as_str())
    }

    pub(crate) fn application_properties(&self) -> &[(String, Value<'static>)] {
        &self.application
    }

    pub(super) fn matches(&self, message: &MessageView<'_>) -> bool {
        let system = self.system.iter().all(|(property, wanted)| {
            let found = message.system_property(*property);
            found
                .as_text()
                .is_some_and(|found| found == wanted.as_str())
        });
        system
            && self.application.iter().all(|(name, wanted)| {
                let found = message.application_property(name);
                found.is_some_and(|(_, found)| is_same(&found, wanted))
            })
    }
}

/// Whether two values are equal and of one type, where all integers count as one, and all floating
/// numbers: no SDK lets its user choose their widths.
fn is_same(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (Value::Integer(_, left), Value::Integer(_, right)) => left == right,
        (Value::Single(_) | Value::Double(_), Value::Single(_) | Value::Double(_)) => {
            is_same_number(left.as_number(), right.as_number())
        }
        (left, right) => left == right,
    }
}

/// As .NET's `Equals` has it, for which one "not a number" is like the other.
fn is_same_number(left: Option<Number>, right: Option<Number>) -> bool {
    match (left.map(Number::floating), right.map(Number::floating)) {
        (Some(left), Some(right)) => left == right || (left.is_nan() && right.is_nan()),
        _ => false,
    }
}
