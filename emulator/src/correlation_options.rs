//! Correlation filters of rules, in process.

use crate::filter::{CorrelationFilter, Filter, FilterError, IntegerType, SystemProperty, Value};

/// What a rule's correlation filter compares: a message is selected if every property named here has
/// the very same value in it (Service Bus docs, "Topic filters and actions").
///
/// At least one has to be named; an empty text counts as not named, for system properties.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CorrelationOptions {
    system: Vec<(SystemProperty, String)>,
    application: Vec<(String, PropertyValue)>,
}

/// The value of an application property.
///
/// Values are the same if they are of one type and equal; all integers count as one type, whatever
/// their width, and so do floating numbers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PropertyValue {
    /// A text, in which the case of letters matters.
    String(String),
    /// An integer.
    Integer(i64),
    /// A floating number.
    Double(f64),
    /// True or false.
    Bool(bool),
}

impl CorrelationOptions {
    /// A filter that names nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of what the message is about, or answers.
    #[must_use]
    pub fn correlation_id(self, id: impl Into<String>) -> Self {
        self.system(SystemProperty::CorrelationId, id)
    }

    /// The message's own id.
    #[must_use]
    pub fn message_id(self, id: impl Into<String>) -> Self {
        self.system(SystemProperty::MessageId, id)
    }

    /// Where the message is meant to go.
    #[must_use]
    pub fn to(self, address: impl Into<String>) -> Self {
        self.system(SystemProperty::To, address)
    }

    /// Where answers are meant to go.
    #[must_use]
    pub fn reply_to(self, address: impl Into<String>) -> Self {
        self.system(SystemProperty::ReplyTo, address)
    }

    /// The subject, which older SDKs call label.
    #[must_use]
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.system(SystemProperty::Label, subject)
    }

    /// The session of the message.
    #[must_use]
    pub fn session_id(self, id: impl Into<String>) -> Self {
        self.system(SystemProperty::SessionId, id)
    }

    /// The session that answers are meant for.
    #[must_use]
    pub fn reply_to_session_id(self, id: impl Into<String>) -> Self {
        self.system(SystemProperty::ReplyToSessionId, id)
    }

    /// The type of the body.
    #[must_use]
    pub fn content_type(self, content_type: impl Into<String>) -> Self {
        self.system(SystemProperty::ContentType, content_type)
    }

    /// An application property.
    #[must_use]
    pub fn property(mut self, name: impl Into<String>, value: impl Into<PropertyValue>) -> Self {
        self.application.push((name.into(), value.into()));
        self
    }

    /// One of [`CorrelationFilter::FIELDS`].
    pub(crate) fn system(mut self, property: SystemProperty, text: impl Into<String>) -> Self {
        self.system.push((property, text.into()));
        self
    }

    pub(crate) fn filter(&self) -> Result<Filter, FilterError> {
        let application = self.application.iter();
        let application = application.map(|(name, value)| (name.clone(), value.value()));
        let filter = CorrelationFilter::new(self.system.clone(), application.collect())?;
        Ok(Filter::Correlation(filter))
    }
}

impl PropertyValue {
    fn value(&self) -> Value<'static> {
        match self {
            Self::String(text) => Value::String(text.clone().into()),
            Self::Integer(number) => Value::Integer(IntegerType::Long, (*number).into()),
            Self::Double(number) => Value::Double(*number),
            Self::Bool(flag) => Value::Bool(*flag),
        }
    }
}

impl From<&str> for PropertyValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for PropertyValue {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i32> for PropertyValue {
    fn from(number: i32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<i64> for PropertyValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for PropertyValue {
    fn from(number: f64) -> Self {
        Self::Double(number)
    }
}

impl From<bool> for PropertyValue {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}
