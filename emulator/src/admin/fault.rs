//! Why a management request is refused, and how the service says so.

use std::time::Duration;

use crate::auth::TokenError;
use crate::broker::{BrokerError, Timestamp};
use crate::duration;
use crate::guid::new_guid;
use crate::namespace;

use super::instant::seconds_without_zone;
use super::xml;

const MORE: &str = "To know more visit https://aka.ms/sbResourceMgrExceptions.";

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The status of the answer.
    pub(super) status: u16,
    text: String,
    /// What stands for the part of the service that refused; `None`: the host and the path.
    tracker: Option<String>,
}

impl Fault {
    pub(super) fn new(status: u16, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            status,
            text,
            tracker: None,
        }
    }

    /// The same, refused by the part of the service that a resource lies in.
    pub(super) fn tracked(mut self, kind: &str, name: &str) -> Self {
        self.tracker = Some(format!("{}:{kind}:{name}", namespace::NAME));
        self
    }

    /// The same, refused by the front end of the service, which names nothing.
    fn untracked(mut self) -> Self {
        self.tracker = Some("NoSystemTracker".to_owned());
        self
    }

    pub(super) fn unknown_version() -> Self {
        Self::new(
            400,
            format!("SubCode=40000. The api-version in the request is not supported. {MORE} ."),
        )
    }

    pub(super) fn no_number(name: &str) -> Self {
        Self::new(
            400,
            format!(
                "Parameter '{name}' should be non-negative integer.\r\nParameter name: {name}."
            ),
        )
    }

    pub(super) fn bad_request() -> Self {
        Self::new(400, format!("SubCode=40000. Bad Request. {MORE} ."))
    }

    pub(super) fn too_large() -> Self {
        Self::new(413, "The request body is too large.").untracked()
    }

    /// A body that is no description.
    pub(super) fn unreadable(reason: &str) -> Self {
        Self::new(400, format!("SubCode=40000. Bad Request. {MORE} {reason}."))
    }

    pub(super) fn lock_too_long(span: Duration) -> Self {
        let text = format!(
            "SubCode=40000. The supplied lock time exceeds the allowed maximum of '5' minutes. \
             {MORE} \r\nParameter name: LockDuration\r\nActual value was {}.",
            duration::print(span)
        );
        Self::new(400, text)
    }

    /// A setting of a later version of the API than the client asks for.
    pub(super) fn unsupported_properties(kind: &str, version: &str) -> Self {
        let text = format!(
            "SubCode=40000. The entity description of type '{kind}' has unsupported properties \
             for api-version '{version}' in the request. Try including the correct api-version \
             query string in the request."
        );
        Self::new(400, text)
    }

    /// A setting that the service would not take; the sentence is without its full stop.
    pub(super) fn invalid(reason: &str) -> Self {
        Self::new(400, format!("SubCode=40000. {reason}. {MORE} ."))
    }

    /// A method that the resource has not.
    pub(super) fn verb(method: &str) -> Self {
        Self::new(
            400,
            format!("The specified HTTP verb ({method}) is not valid. {MORE} ."),
        )
    }

    pub(super) fn no_token() -> Self {
        Self::new(401, "MissingToken: The authorization header was not found.").untracked()
    }

    /// A token without the right to manage.
    pub(super) fn no_claim() -> Self {
        let text = "Manage,EntityRead claims required for this operation.";
        Self::new(401, text).untracked()
    }

    /// A forwarding to where the client has not proved that it may send.
    pub(super) fn unauthorized() -> Self {
        Self::new(401, "SubCode=40100. Unauthorized.")
    }

    /// The entity has changed since the client read it.
    pub(super) fn other_version() -> Self {
        Self::new(412, format!("SubCode=41200. Precondition Failed. {MORE} ."))
    }

    /// The service looks for what has no name in its resource manager, which refuses.
    pub(super) fn no_name() -> Self {
        let text = format!(
            "Generic: Provided resource identifier \
             '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/emulator\
             /providers/Microsoft.ServiceBus/namespaces/{}/queues/' is invalid.",
            namespace::NAME
        );
        Self::new(401, text).untracked()
    }

    /// An update of a queue or topic that is not there.
    pub(super) fn nothing_to_update() -> Self {
        Self::new(
            404,
            format!("SubCode=40400. Not Found. The Operation doesn't exist. {MORE} ."),
        )
    }

    pub(super) fn not_hosted() -> Self {
        Self::new(404, "No service is hosted at the specified address.")
    }

    /// A queue or topic of the name exists.
    pub(super) fn conflict() -> Self {
        Self::new(
            409,
            format!(
                "SubCode=40900. Conflict. You're requesting an operation that isn't allowed in \
                 the resource's current state. {MORE} ."
            ),
        )
    }

    /// A subscription of a topic that is not there.
    pub(super) fn no_policy() -> Self {
        let text = "The incoming request is not recognized as a namespace policy put request.";
        Self::new(404, format!("{text} {MORE}"))
    }

    pub(super) fn was_not_found(label: &str) -> Self {
        let name = namespace::NAME;
        let text = format!("Entity '{name}:Topic:{label}' was not found. {MORE} ");
        Self::new(404, text).untracked()
    }

    pub(super) fn could_not_be_found(label: &str) -> Self {
        let name = namespace::NAME;
        let text =
            format!("The messaging entity '{name}:Topic:{label}' could not be found. {MORE} ");
        Self::new(404, text).untracked()
    }

    pub(super) fn subscription_exists(label: &str) -> Self {
        let name = namespace::NAME;
        let text = format!("Entity '{name}:Topic:{label}' already exists.");
        Self::new(409, text).tracked("Topic", label)
    }

    pub(super) fn rule_exists(label: &str) -> Self {
        let name = namespace::NAME;
        let text = format!("The messaging entity '{name}:Topic:{label}' already exists. {MORE} ");
        Self::new(409, text).untracked()
    }

    /// Why an update of an entity of this kind is refused.
    pub(super) fn of_update(error: BrokerError, kind: &str) -> Self {
        match error {
            BrokerError::ImmutableOption { option } => Self::invalid(&format!(
                "The value for the {option} property of an existing {kind} cannot be changed"
            )),
            other => other.into(),
        }
    }

    /// The body of the answer.
    pub(super) fn body(&self, host: &str, path: &str, now: Timestamp) -> String {
        let path = path.trim_start_matches('/');
        let host = host.split(':').next().unwrap_or_default();
        let here = || format!("{host}:{path}");
        let tracker = self.tracker.clone().unwrap_or_else(here);
        let detail = format!(
            "{} TrackingId:{}_G0, SystemTracker:{tracker}, Timestamp:{}",
            self.text,
            new_guid(),
            seconds_without_zone(now)
        );
        let (code, detail) = (self.status, xml::text(&detail));
        format!("<Error><Code>{code}</Code><Detail>{detail}</Detail></Error>")
    }
}

impl From<BrokerError> for Fault {
    fn from(error: BrokerError) -> Self {
        match error {
            BrokerError::EntityNotFound { .. } | BrokerError::EntityDeleted => Fault::not_hosted(),
            BrokerError::EntityAlreadyExists { .. } => Fault::conflict(),
            BrokerError::ForwardTargetNotFound { .. } => {
                let text = "The auto forwarding destination entity does not exist.";
                Fault::new(400, format!("SubCode=40400. {text} {MORE} ."))
            }
            BrokerError::TooMany { .. } => Fault::new(403, format!("SubCode=40300. {error}")),
            other => Fault::invalid(other.to_string().trim_end_matches('.')),
        }
    }
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        Self::new(401, error.to_string()).untracked()
    }
}
