//! Deleting messages without receiving them.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::receiver::Receiver;
use super::retry::Repeat;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::management::batch_delete::{self, MAX_COUNT};
use crate::model::deadline::Deadline;

impl Receiver {
    /// Returns how many messages were deleted.
    pub(crate) async fn delete_messages(
        &self,
        max_count: i32,
        before: DateTime<Utc>,
        deadline: Deadline,
    ) -> Result<usize> {
        let attempt = |deadline| async move {
            let link = self.attached(deadline).await?;
            let session = link.session().map(|session| &**session.id());
            let call = link
                .management()
                .call(batch_delete::OPERATION, deadline, |writer| {
                    batch_delete::write(writer, max_count, before, session);
                });
            let answer = self.closing().unless_closed_underway(call).await?;
            batch_delete::read(&answer)
        };
        // A second request would delete other messages.
        self.retries()
            .run(self.closing(), Repeat::Doubles, deadline, attempt)
            .await
    }

    /// Deletes until there is nothing left to delete. Returns how many messages there were.
    pub(crate) async fn purge(&self, before: DateTime<Utc>, deadline: Deadline) -> Result<usize> {
        let mut purged = 0_usize;
        loop {
            let deleted = if deadline.remaining() == Some(Duration::ZERO) {
                let text = "the time was over before all messages were deleted";
                Err(Error::new(ErrorKind::OperationTimeout, text))
            } else {
                self.delete_messages(MAX_COUNT, before, deadline).await
            };
            match deleted {
                Ok(0) => return Ok(purged),
                Ok(deleted) => purged = purged.saturating_add(deleted),
                Err(error) => {
                    return Err(error.with_progress(format!("{purged} messages had been deleted")))
                }
            }
        }
    }
}
