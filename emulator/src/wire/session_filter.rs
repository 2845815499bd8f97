//! The filter by which a receiver asks for a session, and by which it is told which one it got.

use serde_amqp::primitives::Symbol;
use serde_amqp::Value;
use servicebus_amqp::types::messaging::FilterSet;
use servicebus_amqp::types::performatives::Attach;

use super::refusal::Refusal;

const SESSION_FILTER: &str = "com.microsoft:session-filter";

/// The session that a receiver asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Named(String),
    /// Any that nobody holds and that has something to deliver.
    Next,
}

/// What an attach asks for; `None` without the filter.
pub(super) fn read(attach: &Attach) -> Result<Option<Wanted>, Refusal> {
    let filters = attach
        .source
        .as_ref()
        .and_then(|source| source.filter.as_ref());
    let filter = filters.and_then(|filters| filters.get(&Symbol::from(SESSION_FILTER)));
    filter.map(wanted).transpose()
}

/// SDKs write the id as it is, or described as a session filter; a null asks for any session.
fn wanted(value: &Value) -> Result<Wanted, Refusal> {
    let bare = match value {
        Value::Described(described) => &described.value,
        other => other,
    };
    match bare {
        Value::String(id) => Ok(Wanted::Named(id.clone())),
        Value::Symbol(id) => Ok(Wanted::Named(id.as_str().to_owned())),
        Value::Null => Ok(Wanted::Next),
        _ => Err(Refusal::argument(
            "The session filter is neither a string nor null.",
        )),
    }
}

/// Puts the granted session into the attach that goes back, described if it was asked for so.
///
/// The Go SDK reads nothing but described filters, the others read a plain string.
pub(super) fn grant(attach: &mut Attach, session: &str) {
    let Some(source) = &mut attach.source else {
        return;
    };
    let key = Symbol::from(SESSION_FILTER);
    let filters = source.filter.get_or_insert_with(FilterSet::new);
    let id = Value::String(session.to_owned());
    match filters.get_mut(&key) {
        Some(Value::Described(described)) => described.value = id,
        _ => {
            filters.insert(key, id);
        }
    }
}
