//! The filter by which a receiver asks for a session, and the grant in the answer.

use chrono::{DateTime, Utc};
use servicebus_amqp::types::definitions::Fields;
use servicebus_amqp::types::messaging::FilterSet;
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::types::primitives::{Symbol, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::model::session_request::SessionRequest;
use crate::model::timestamp;

const SESSION_FILTER: &str = "com.microsoft:session-filter";
const TIMEOUT: &str = "com.microsoft:timeout";
const LOCKED_UNTIL: &str = "com.microsoft:locked-until-utc";

/// .NET counts time in units of 100 nanoseconds from the year 1.
const TICKS_PER_MILLISECOND: i64 = 10_000;
const TICKS_AT_UNIX_EPOCH: i64 = 621_355_968_000_000_000;

/// What the service granted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) session_id: String,
    /// `None` where the service does not say.
    pub(crate) locked_until: Option<DateTime<Utc>>,
}

/// Asks for a session in an attach. A service that is to look for one answers after `wait_millis` at the latest.
pub(crate) fn request(attach: &mut Attach, session: &SessionRequest, wait_millis: Option<u32>) {
    let id = match session {
        SessionRequest::Named(id) => Value::String(id.clone()),
        SessionRequest::NextAvailable(_) => Value::Null,
    };
    if let Some(source) = &mut attach.source {
        let filters = source.filter.get_or_insert_with(FilterSet::new);
        filters.insert(Symbol::from(SESSION_FILTER), id);
    }
    if let (SessionRequest::NextAvailable(_), Some(millis)) = (session, wait_millis) {
        let properties = attach.properties.get_or_insert_with(Fields::new);
        // The service refuses wider types.
        properties.insert(Symbol::from(TIMEOUT), Value::Uint(millis));
    }
}

/// Reads which session was granted, and until when.
///
/// # Errors
/// `InvalidOperation` for an answer without a session: the entity has none.
pub(crate) fn read_grant(answer: &Attach) -> Result<Grant> {
    let filters = answer
        .source
        .as_ref()
        .and_then(|source| source.filter.as_ref());
    let value = filters.and_then(|filters| filters.get(&Symbol::from(SESSION_FILTER)));
    let bare = match value {
        Some(Value::Described(described)) => Some(&described.value),
        other => other,
    };
    let Some(Value::String(session_id)) = bare else {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "the service granted no session",
        ));
    };
    let ticks = answer
        .properties
        .as_ref()
        .and_then(|properties| properties.get(&Symbol::from(LOCKED_UNTIL)));
    let locked_until = match ticks {
        Some(Value::Long(ticks)) => timestamp::from_millis(
            ticks.saturating_sub(TICKS_AT_UNIX_EPOCH) / TICKS_PER_MILLISECOND,
        ),
        Some(Value::Timestamp(instant)) => timestamp::from_millis(instant.milliseconds()),
        _ => None,
    };
    Ok(Grant {
        session_id: session_id.clone(),
        locked_until,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::attach;
    use crate::model::options::ReceiveMode;

    fn attach() -> Attach {
        attach::receiver("me", "link", "orders", ReceiveMode::PeekLock)
    }

    fn property<'a>(attach: &'a Attach, name: &str) -> Option<&'a Value> {
        attach.properties.as_ref()?.get(&Symbol::from(name))
    }

    #[test]
    fn the_next_session_is_asked_for_with_a_null_and_a_wait() {
        let mut attach = attach();
        request(&mut attach, &SessionRequest::NextAvailable(None), Some(7));
        let source = attach.source.as_ref().expect("a source");
        let filter = source.filter.as_ref().expect("a filter");
        assert_eq!(
            filter.get(&Symbol::from(SESSION_FILTER)),
            Some(&Value::Null)
        );
        assert_eq!(property(&attach, TIMEOUT), Some(&Value::Uint(7)));
        assert!(property(&attach, "com.microsoft:receiver-name").is_some());
    }

    #[test]
    fn the_grant_is_a_name_and_net_ticks() {
        let mut answer = attach();
        request(&mut answer, &SessionRequest::Named(String::new()), Some(7));
        assert_eq!(property(&answer, TIMEOUT), None, "nothing is looked for");
        let ticks = TICKS_AT_UNIX_EPOCH + 1_500 * TICKS_PER_MILLISECOND;
        let properties = answer.properties.get_or_insert_with(Fields::new);
        properties.insert(Symbol::from(LOCKED_UNTIL), Value::Long(ticks));
        let grant = read_grant(&answer).expect("a grant");
        assert_eq!(grant.session_id, "");
        assert_eq!(
            grant.locked_until,
            DateTime::from_timestamp_millis(1_500),
            "{ticks} ticks"
        );
    }

    #[test]
    fn an_answer_without_a_session_is_no_grant() {
        let error = read_grant(&attach()).expect_err("there is no filter");
        assert_eq!(error.kind(), ErrorKind::InvalidOperation);
        let mut next = attach();
        request(&mut next, &SessionRequest::NextAvailable(None), None);
        read_grant(&next).expect_err("the null came back");
    }
}
