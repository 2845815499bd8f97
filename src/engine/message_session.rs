//! The session that a receiver holds: its lock and its state.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use servicebus_amqp::types::performatives::Attach;

use super::receiver::Receiver;
use super::receiver_link::ReceiverLink;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::management::{session_lock, session_state};
use crate::mapping::session_filter::{self, Grant};
use crate::model::deadline::Deadline;
use crate::model::lock::LockExpiry;
use crate::model::renewal_record::RenewalRecord;
use crate::model::session_request::SessionRequest;

/// The service answers so much before the caller stops waiting for a session.
const ANSWER_MARGIN: Duration = Duration::from_millis(20);

/// A session as it was granted to a link.
#[derive(Debug)]
pub(crate) struct HeldSession {
    id: Arc<str>,
    expiry: Mutex<Option<LockExpiry>>,
    renewal: RenewalRecord,
}

impl HeldSession {
    /// # Errors
    /// `InvalidOperation` where the answer grants none.
    pub(super) fn read(answer: &Attach) -> Result<Self> {
        let Grant {
            session_id,
            locked_until,
        } = session_filter::read_grant(answer)?;
        let expiry =
            locked_until.map(|until| LockExpiry::from_service(until, Utc::now(), Instant::now()));
        Ok(HeldSession {
            id: session_id.into(),
            expiry: Mutex::new(expiry),
            renewal: RenewalRecord::default(),
        })
    }

    pub(crate) fn id(&self) -> &Arc<str> {
        &self.id
    }

    pub(crate) fn expiry(&self) -> Option<LockExpiry> {
        *self.expiry.lock()
    }

    /// How the lock is renewed automatically.
    pub(crate) fn renewal(&self) -> &RenewalRecord {
        &self.renewal
    }
}

/// Asks for a session in an attach that must be answered by the deadline.
pub(super) fn request(attach: &mut Attach, session: &SessionRequest, deadline: Deadline) {
    let wait = match session {
        SessionRequest::Named(_) | SessionRequest::NextAvailable(None) => None,
        SessionRequest::NextAvailable(Some(wait)) => deadline
            .remaining()
            .map(|left| wait.min(&left.saturating_sub(ANSWER_MARGIN)).as_millis())
            // The service takes 0 for its own limit.
            .map(|millis| u32::try_from(millis).unwrap_or(u32::MAX).max(1)),
    };
    session_filter::request(attach, session, wait);
}

impl Receiver {
    /// The state of the session; `None` where none is stored.
    pub(crate) async fn session_state(&self, deadline: Deadline) -> Result<Option<Bytes>> {
        let attempt = |deadline| async move {
            let (link, id) = self.held(deadline).await?;
            let call = link
                .management()
                .call(session_state::GET, deadline, |writer| {
                    session_state::write_get(writer, &id);
                });
            session_state::read_get(&self.closing().unless_closed(call).await?)
        };
        self.retry(deadline, attempt).await
    }

    /// Stores the state of the session; `None` clears it.
    pub(crate) async fn set_session_state(
        &self,
        state: Option<Bytes>,
        deadline: Deadline,
    ) -> Result<()> {
        let state = state.as_ref();
        let attempt = |deadline| async move {
            let (link, id) = self.held(deadline).await?;
            let call = link
                .management()
                .call(session_state::SET, deadline, |writer| {
                    session_state::write_set(writer, &id, state);
                });
            session_state::read_set(&self.closing().unless_closed(call).await?)
        };
        self.retry(deadline, attempt).await
    }

    /// Returns until when the session is locked now, by the clock of the service.
    pub(crate) async fn renew_session_lock(&self, deadline: Deadline) -> Result<DateTime<Utc>> {
        let attempt = |deadline| self.renew_session_lock_once(deadline);
        let expiry = self.retry(deadline, attempt).await?;
        Ok(expiry.until)
    }

    /// Renews the lock without trying again.
    pub(super) async fn renew_session_lock_once(&self, deadline: Deadline) -> Result<LockExpiry> {
        let (link, id) = self.held(deadline).await?;
        let call = link
            .management()
            .call(session_lock::OPERATION, deadline, |writer| {
                session_lock::write(writer, &id);
            });
        let until = session_lock::read(&self.closing().unless_closed(call).await?)?;
        self.tally().renewed(1);
        let expiry = LockExpiry::from_service(until, Utc::now(), Instant::now());
        if let Some(session) = link.session() {
            *session.expiry.lock() = Some(expiry);
        }
        Ok(expiry)
    }

    async fn held(&self, deadline: Deadline) -> Result<(Arc<ReceiverLink>, Arc<str>)> {
        let link = self.attached(deadline).await?;
        let id = link.session().map(|session| session.id.clone());
        match id {
            Some(id) => Ok((link, id)),
            None => Err(no_session()),
        }
    }
}

pub(super) fn no_session() -> Error {
    Error::new(ErrorKind::InvalidOperation, "the receiver holds no session")
}
