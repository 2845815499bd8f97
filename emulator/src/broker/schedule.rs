//! Messages that are enqueued at a later instant.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::agenda::Due;
use super::queue::{Queue, Step, Stored};
use super::{Broker, BrokerError, MessageState, QueueRef, Timestamp};
use crate::journal::Happening;
use crate::message::Message;

impl Broker {
    /// Takes scheduled messages back, all of them or none.
    pub(crate) fn cancel_scheduled(
        &mut self,
        queue: QueueRef,
        numbers: &[i64],
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        self.at(queue, now, |queue, step| {
            queue.check_scheduled(numbers)?;
            for sequence in numbers {
                queue.remove(*sequence, step);
                queue.record(*sequence, Happening::Cancelled, step);
            }
            Ok(())
        })?
    }
}

impl Queue {
    /// Stores a message as it was sent, at once or for the instant that it names, and says its number;
    /// 0 for a duplicate, which is dropped.
    ///
    /// The number of a scheduled message, which may have been promised before, is good until that
    /// instant: then it gets another one.
    pub(super) fn take_in(
        &mut self,
        message: Message,
        promised: Option<i64>,
        step: &mut Step<'_>,
    ) -> i64 {
        let stored = Stored::new(Arc::new(message), step.now);
        self.arrive(stored, promised, step)
    }

    /// Appends a message that comes from a sender or from another entity, unless it is a duplicate.
    pub(super) fn arrive(
        &mut self,
        mut stored: Stored,
        promised: Option<i64>,
        step: &mut Step<'_>,
    ) -> i64 {
        if self.is_duplicate(&stored.message, step) {
            return 0;
        }
        let at = stored
            .message
            .scheduled_enqueue_time()
            .map(Timestamp::from_millis)
            .filter(|at| *at > step.now);
        let Some(at) = at else {
            return self.append(stored, step);
        };
        stored.state = MessageState::Scheduled { at };
        let sequence = promised.unwrap_or_else(|| self.next_sequence());
        self.insert(sequence, stored, step);
        sequence
    }

    /// The instant of a scheduled message has come; its agenda entry is gone already. The caller
    /// dispatches.
    pub(super) fn activate(&mut self, sequence: i64, step: &mut Step<'_>) {
        if let Some(mut stored) = self.remove(sequence, step) {
            stored.state = MessageState::Active;
            stored.enqueued_at = step.now;
            self.append(stored, step);
        }
    }

    fn check_scheduled(&self, numbers: &[i64]) -> Result<(), BrokerError> {
        let mut seen = BTreeSet::new();
        let missing: Vec<i64> = numbers
            .iter()
            .copied()
            .filter(|sequence| {
                let state = self.messages.get(sequence).map(|stored| stored.state);
                let there = matches!(state, Some(MessageState::Scheduled { .. }));
                !there || !seen.insert(*sequence)
            })
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(BrokerError::MessagesNotScheduled { missing })
        }
    }

    /// The event that a message's state puts on the agenda.
    pub(super) fn activation(
        &self,
        sequence: i64,
        state: MessageState,
    ) -> Option<(Timestamp, Due)> {
        let queue = self.id;
        match state {
            MessageState::Scheduled { at } => Some((at, Due::Activation { queue, sequence })),
            MessageState::Active | MessageState::Deferred => None,
        }
    }
}
