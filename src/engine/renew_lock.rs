//! Renewing the lock on a message.

use std::time::Instant;

use chrono::{DateTime, Utc};

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
        let attempt = |deadline| async move {
            let link = self.attached(deadline).await?;
            let call = link
                .management()
                .call(renew_lock::OPERATION, deadline, |writer| {
                    renew_lock::write(writer, &tokens);
                });
            let answer = self.closing().unless_closed(call).await?;
            renew_lock::read(&answer, tokens.len())?
                .pop()
                .ok_or_else(|| Error::new(ErrorKind::Other, "the service renewed no lock"))
        };
        let until = self.retry(deadline, attempt).await?;
        lock.renewed(LockExpiry::from_service(until, Utc::now(), Instant::now()));
        Ok(until)
    }
}
