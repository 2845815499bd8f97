use super::application_properties::ApplicationProperties;
use super::body::AmqpBody;
use super::header::AmqpHeader;
use super::map::AmqpMap;
use super::properties::AmqpProperties;

/// A message section by section, as AMQP has it (AMQP 1.0, 3.2).
///
/// [`Message`](crate::Message) and [`ReceivedMessage`](crate::ReceivedMessage) are views of one of
/// these under the names Service Bus uses. Use it to exchange with applications that speak AMQP
/// directly. A section of which nothing is set is not sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AmqpMessage {
    pub(crate) header: AmqpHeader,
    pub(crate) delivery_annotations: AmqpMap,
    pub(crate) message_annotations: AmqpMap,
    pub(crate) properties: AmqpProperties,
    pub(crate) application_properties: ApplicationProperties,
    pub(crate) body: AmqpBody,
    pub(crate) footer: AmqpMap,
}

impl AmqpMessage {
    /// A message of which only the body is set.
    pub fn new(body: impl Into<AmqpBody>) -> Self {
        Self {
            body: body.into(),
            ..Self::default()
        }
    }

    /// How the message is to be transferred.
    pub fn header(&self) -> &AmqpHeader {
        &self.header
    }

    /// Non-standard facts for the next peer only.
    pub fn delivery_annotations(&self) -> &AmqpMap {
        &self.delivery_annotations
    }

    /// Facts that infrastructure added on the way. Keys beginning with `x-opt-` are the service's.
    pub fn message_annotations(&self) -> &AmqpMap {
        &self.message_annotations
    }

    /// What the sender fixed.
    pub fn properties(&self) -> &AmqpProperties {
        &self.properties
    }

    /// The application's own named values.
    pub fn application_properties(&self) -> &ApplicationProperties {
        &self.application_properties
    }

    /// The body.
    pub fn body(&self) -> &AmqpBody {
        &self.body
    }

    /// What follows the body, such as a signature over it.
    pub fn footer(&self) -> &AmqpMap {
        &self.footer
    }

    /// Sets [`header`](Self::header).
    #[must_use]
    pub fn with_header(mut self, header: AmqpHeader) -> Self {
        self.header = header;
        self
    }

    /// Sets [`delivery_annotations`](Self::delivery_annotations).
    #[must_use]
    pub fn with_delivery_annotations(mut self, annotations: AmqpMap) -> Self {
        self.delivery_annotations = annotations;
        self
    }

    /// Sets [`message_annotations`](Self::message_annotations).
    #[must_use]
    pub fn with_message_annotations(mut self, annotations: AmqpMap) -> Self {
        self.message_annotations = annotations;
        self
    }

    /// Sets [`properties`](Self::properties).
    #[must_use]
    pub fn with_properties(mut self, properties: AmqpProperties) -> Self {
        self.properties = properties;
        self
    }

    /// Sets [`application_properties`](Self::application_properties).
    #[must_use]
    pub fn with_application_properties(mut self, properties: ApplicationProperties) -> Self {
        self.application_properties = properties;
        self
    }

    /// Sets [`body`](Self::body).
    #[must_use]
    pub fn with_body(mut self, body: impl Into<AmqpBody>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets [`footer`](Self::footer).
    #[must_use]
    pub fn with_footer(mut self, footer: AmqpMap) -> Self {
        self.footer = footer;
        self
    }
}
