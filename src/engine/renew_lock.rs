//! Renewing the locks on messages.

use std::time::Instant;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::receiver::Receiver;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::management::renew_lock;
use crate::model::deadline::Deadline;
use crate::model::lock::{LockExpiry, MessageLock};

impl Receiver {
    /// Returns until when the message is locked now, by the clock of the service.
    pub(crate) async fn renew_lock(
        &self,
        lock: &MessageLock,
        deadline: Deadline,
    ) -> Result<DateTime<Utc>> {
        self.check_own(lock)?;
        let tokens = [lock.token()];
        let attempt = |deadline| self.renew_locks_once(&tokens, deadline);
        let expiry = self
            .retry(deadline, attempt)
            .await?
            .pop()
            .ok_or_else(|| Error::new(ErrorKind::Other, "the service renewed no lock"))?;
        lock.renewed(expiry);
        Ok(expiry.until)
    }

    /// Renews locks with one request, without trying again. Returns when each ends now, in the same order.
    ///
    /// # Errors
    /// `MessageLockLost` where any of them is.
    pub(super) async fn renew_locks_once(
        &self,
        tokens: &[Uuid],
        deadline: Deadline,
    ) -> Result<Vec<LockExpiry>> {
        let link = self.attached(deadline).await?;
        let call = link
            .management()
            .call(renew_lock::OPERATION, deadline, |writer| {
                renew_lock::write(writer, tokens);
            });
        let answer = self.closing().unless_closed(call).await?;
        let (wall, now) = (Utc::now(), Instant::now());
        let expiries = renew_lock::read(&answer, tokens.len())?;
        self.tally().renewed(expiries.len());
        Ok(expiries
            .into_iter()
            .map(|until| LockExpiry::from_service(until, wall, now))
            .collect())
    }
}
