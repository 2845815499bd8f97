use super::application_properties::ApplicationProperties;
use super::value::AmqpValue;

/// Selects the messages that have every property named here, with exactly this value.
///
/// Texts are compared with their case. A value is compared with its type: the string `"5"` is not the int 5. The service
/// takes an empty text for no condition, and refuses a filter without any condition.
///
/// # Examples
///
/// ```
/// use servicebus::CorrelationRuleFilter;
///
/// let filter = CorrelationRuleFilter::new()
///     .with_subject("order")
///     .with_application_property("region", "north")
///     .with_application_property("priority", 5);
/// assert_eq!(filter.subject(), Some("order"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CorrelationRuleFilter {
    pub(crate) correlation_id: Option<String>,
    pub(crate) message_id: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) reply_to: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) reply_to_session_id: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) application_properties: ApplicationProperties,
}

impl CorrelationRuleFilter {
    /// A filter without any condition yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for an application property of this value.
    #[must_use]
    pub fn with_application_property(
        mut self,
        name: impl Into<String>,
        value: impl Into<AmqpValue>,
    ) -> Self {
        self.application_properties.insert(name, value);
        self
    }

    /// The application properties that a message must have.
    pub fn application_properties(&self) -> &ApplicationProperties {
        &self.application_properties
    }
}

macro_rules! conditions {
    ($($field:ident, $setter:ident, $of:literal;)*) => {
        impl CorrelationRuleFilter {$(
            #[doc = concat!("Asks for ", $of, ".")]
            #[must_use]
            pub fn $setter(mut self, $field: impl Into<String>) -> Self {
                self.$field = Some($field.into());
                self
            }

            #[doc = concat!("What the filter asks for as ", $of, ", if it does.")]
            pub fn $field(&self) -> Option<&str> {
                self.$field.as_deref()
            }
        )*}
    };
}

conditions! {
    correlation_id, with_correlation_id, "this correlation id";
    message_id, with_message_id, "this message id";
    to, with_to, "this `to` address";
    reply_to, with_reply_to, "this reply-to address";
    subject, with_subject, "this subject, which the service calls the label";
    session_id, with_session_id, "this session id";
    reply_to_session_id, with_reply_to_session_id, "this reply-to session id";
    content_type, with_content_type, "this content type";
}
