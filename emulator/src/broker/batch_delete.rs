//! Deleting messages without receiving them.

use super::queue::Hold;
use super::{Broker, BrokerError, MessageState, QueueRef, Timestamp};
use crate::journal::Happening;

impl Broker {
    /// Deletes the first `count` of the messages that wait for a consumer and were enqueued before
    /// an instant; says how many there were.
    ///
    /// Where there are sessions, they must be of one that somebody holds. The tier limits the count.
    /// What is locked, deferred or scheduled stays (Service Bus docs,
    /// "Batch delete messages").
    pub(crate) fn delete_messages(
        &mut self,
        queue: QueueRef,
        session: Option<&str>,
        count: usize,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<usize, BrokerError> {
        let count = count.min(self.tier.max_batch_delete());
        self.at(queue, now, |queue, step| {
            queue.check_held(session)?;
            let doomed: Vec<i64> = queue
                .messages_from(i64::MIN)
                .filter(|(_, stored)| {
                    stored.state == MessageState::Active
                        && stored.hold == Hold::Free
                        && stored.session.as_deref() == session
                        && stored.enqueued_at < before
                })
                .map(|(sequence, _)| sequence)
                .take(count)
                .collect();
            for sequence in &doomed {
                queue.remove(*sequence, step);
                queue.record(*sequence, Happening::Deleted, step);
            }
            Ok(doomed.len())
        })?
    }
}
