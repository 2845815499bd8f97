//! The properties that the service itself defines: what stands behind `sys.` in an expression.

/// A property of every message ("Messages, payloads, and serialization", Service Bus docs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SystemProperty {
    MessageId,
    CorrelationId,
    ContentType,
    /// `Subject` in newer SDKs.
    Label,
    To,
    ReplyTo,
    SessionId,
    ReplyToSessionId,
    PartitionKey,
    ViaPartitionKey,
    TimeToLive,
    ScheduledEnqueueTimeUtc,
    EnqueuedTimeUtc,
    EnqueuedSequenceNumber,
    SequenceNumber,
    ExpiresAtUtc,
    DeliveryCount,
    Size,
}

impl SystemProperty {
    pub(crate) const ALL: [Self; 18] = [
        Self::MessageId,
        Self::CorrelationId,
        Self::ContentType,
        Self::Label,
        Self::To,
        Self::ReplyTo,
        Self::SessionId,
        Self::ReplyToSessionId,
        Self::PartitionKey,
        Self::ViaPartitionKey,
        Self::TimeToLive,
        Self::ScheduledEnqueueTimeUtc,
        Self::EnqueuedTimeUtc,
        Self::EnqueuedSequenceNumber,
        Self::SequenceNumber,
        Self::ExpiresAtUtc,
        Self::DeliveryCount,
        Self::Size,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MessageId => "MessageId",
            Self::CorrelationId => "CorrelationId",
            Self::ContentType => "ContentType",
            Self::Label => "Label",
            Self::To => "To",
            Self::ReplyTo => "ReplyTo",
            Self::SessionId => "SessionId",
            Self::ReplyToSessionId => "ReplyToSessionId",
            Self::PartitionKey => "PartitionKey",
            Self::ViaPartitionKey => "ViaPartitionKey",
            Self::TimeToLive => "TimeToLive",
            Self::ScheduledEnqueueTimeUtc => "ScheduledEnqueueTimeUtc",
            Self::EnqueuedTimeUtc => "EnqueuedTimeUtc",
            Self::EnqueuedSequenceNumber => "EnqueuedSequenceNumber",
            Self::SequenceNumber => "SequenceNumber",
            Self::ExpiresAtUtc => "ExpiresAtUtc",
            Self::DeliveryCount => "DeliveryCount",
            Self::Size => "Size",
        }
    }

    /// The property of a name, whatever the case of its letters.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("Subject") {
            return Some(Self::Label);
        }
        Self::ALL
            .into_iter()
            .find(|property| property.name().eq_ignore_ascii_case(name))
    }
}
