//! Why something is refused or ended: an AMQP condition, with the status and the text that go with it.

/// Statuses and texts of the conditions that the service reports (Service Bus docs, "Messaging
/// exceptions" and "AMQP error codes").
const KNOWN: &[(&str, i32, &str)] = &[
    (
        "com.microsoft:server-busy",
        503,
        "The request was terminated because the entity is being throttled. Error code : 50009. \
         Please wait 2 seconds and try again.",
    ),
    (
        "com.microsoft:timeout",
        408,
        "The operation did not complete within the allotted timeout.",
    ),
    (
        "com.microsoft:message-lock-lost",
        410,
        "The lock supplied is invalid. Either the lock expired, or the message has already been \
         removed from the queue.",
    ),
    (
        "com.microsoft:session-lock-lost",
        410,
        "The session lock has expired on the MessageSession. Accept a new MessageSession.",
    ),
    (
        "com.microsoft:session-cannot-be-locked",
        410,
        "The requested session cannot be accepted. It may be locked by another receiver.",
    ),
    (
        "com.microsoft:message-not-found",
        404,
        "Failed to lock one or more specified messages.",
    ),
    (
        "com.microsoft:entity-disabled",
        400,
        "Messaging entity is currently disabled.",
    ),
    (
        "com.microsoft:operation-cancelled",
        400,
        "The operation was cancelled.",
    ),
    (
        "com.microsoft:argument-error",
        400,
        "An argument is not valid.",
    ),
    (
        "amqp:resource-limit-exceeded",
        403,
        "The maximum entity size has been reached or exceeded.",
    ),
    (
        "amqp:unauthorized-access",
        401,
        "Unauthorized access to the entity.",
    ),
    (
        "amqp:not-found",
        404,
        "The messaging entity could not be found.",
    ),
    ("amqp:not-allowed", 400, "The operation is not allowed."),
    (
        "amqp:not-implemented",
        501,
        "The operation is not supported.",
    ),
    (
        "amqp:internal-error",
        500,
        "The service was unable to process the request; please retry the operation.",
    ),
    (
        "amqp:link:detach-forced",
        500,
        "The link is force detached by the broker because it was idle. Error code : 40400.",
    ),
    (
        "amqp:link:message-size-exceeded",
        403,
        "The received message exceeds the limit on the link.",
    ),
    (
        "amqp:link:stolen",
        409,
        "New receiver with higher epoch of '0' is created hence current receiver is getting \
         disconnected.",
    ),
    (
        "amqp:connection:forced",
        500,
        "The connection was inactive for more than the allowed 300000 milliseconds and is closed \
         by the service.",
    ),
];

/// The condition that goes with a status, where only that is given.
const BY_STATUS: &[(i32, &str)] = &[
    (400, "com.microsoft:argument-error"),
    (401, "amqp:unauthorized-access"),
    (403, "amqp:resource-limit-exceeded"),
    (404, "amqp:not-found"),
    (408, "com.microsoft:timeout"),
    (410, "com.microsoft:message-lock-lost"),
    (501, "amqp:not-implemented"),
    (503, "com.microsoft:server-busy"),
];

/// Why something is refused or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) condition: String,
    pub(crate) status: i32,
    pub(crate) text: &'static str,
}

impl Reason {
    /// Any condition; one that the service does not have comes with status 500.
    pub(crate) fn of(condition: impl Into<String>) -> Self {
        let condition = condition.into();
        let known = KNOWN.iter().find(|(name, ..)| *name == condition);
        let (status, text) = known.map_or((500, "A scripted fault."), |(_, status, text)| {
            (*status, *text)
        });
        Self {
            condition,
            status,
            text,
        }
    }

    /// Any status, with the condition that the service reports along with it.
    pub(crate) fn of_status(status: i32) -> Self {
        let known = BY_STATUS.iter().find(|(known, _)| *known == status);
        let condition = known.map_or("amqp:internal-error", |(_, condition)| *condition);
        Self {
            status,
            ..Self::of(condition)
        }
    }
}
