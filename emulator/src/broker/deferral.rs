//! Messages that were set aside, and are received by their numbers alone.

use std::collections::BTreeSet;

use super::queue::{Hold, Queue, Step};
use super::{Broker, BrokerError, Delivery, MessageState, QueueRef, ReceiveMode, Timestamp};
use crate::journal::Happening;

impl Broker {
    /// Receives deferred messages by their numbers, all of them or none.
    ///
    /// Under a lock they stay deferred, however the lock ends, until they are completed or
    /// dead-lettered. Where there are sessions, they must be of one that somebody holds. `limit` is the
    /// most bytes that they may have together.
    pub(crate) fn receive_deferred(
        &mut self,
        queue: QueueRef,
        session: Option<&str>,
        numbers: &[i64],
        mode: ReceiveMode,
        limit: u64,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, BrokerError> {
        self.check_receiving(queue)?;
        self.at(queue, now, |queue, step| {
            queue.check_held(session)?;
            let size = queue.deferred_size(session, numbers)?;
            if size > limit {
                return Err(BrokerError::AnswerSizeExceeded { size, limit });
            }
            let deliveries = numbers
                .iter()
                .filter_map(|sequence| queue.receive_by_number(*sequence, mode, step));
            Ok(deliveries.collect())
        })?
    }
}

impl Queue {
    /// The bytes of deferred messages; an error unless each of the numbers is that of another one
    /// which nobody has locked.
    fn deferred_size(&self, session: Option<&str>, numbers: &[i64]) -> Result<u64, BrokerError> {
        let mut seen = BTreeSet::new();
        let mut size = 0_u64;
        for sequence in numbers {
            let stored = self.messages.get(sequence).filter(|stored| {
                stored.state == MessageState::Deferred
                    && stored.hold == Hold::Free
                    && stored.session.as_deref() == session
            });
            match stored {
                Some(stored) if seen.insert(*sequence) => {
                    size = size.saturating_add(stored.message.size());
                }
                _ => return Err(BrokerError::MessageNotDeferred),
            }
        }
        Ok(size)
    }

    fn receive_by_number(
        &mut self,
        sequence: i64,
        mode: ReceiveMode,
        step: &mut Step<'_>,
    ) -> Option<Delivery> {
        match mode {
            ReceiveMode::PeekLock => {
                let lock = self.lock(sequence, None, step)?;
                self.record(sequence, Happening::Delivered, step);
                let stored = self.messages.get(&sequence)?;
                Some(Delivery::new(sequence, stored, Some(lock)))
            }
            ReceiveMode::ReceiveAndDelete => {
                let stored = self.remove(sequence, step)?;
                self.record(sequence, Happening::Removed, step);
                Some(Delivery::new(sequence, &stored, None))
            }
        }
    }
}
