//! A named entity: its settings, its queue and the dead-letter queue beneath it.

use std::sync::Arc;

use super::agenda::Due;
use super::lock_token::LockToken;
use super::queue::{Departed, Effects, Hold, Queue, Step, Stored};
use super::session::Sessions;
use super::settlement::Settlement;
use super::{BrokerError, EntityId, MessageState, Part, QueueOptions, QueueRef, Timestamp};

#[derive(Debug)]
pub(super) struct Entity {
    options: QueueOptions,
    main: Queue,
    dead_letter: Queue,
}

impl Entity {
    pub(super) fn new(id: EntityId, name: &str, options: QueueOptions) -> Self {
        let queue =
            |part, path, sessions| Queue::new(QueueRef { entity: id, part }, path, sessions);
        let sessions = options.requires_session.then(Sessions::default);
        let dead_letter = format!("{name}/$DeadLetterQueue").into();
        Self {
            main: queue(Part::Main, name.into(), sessions),
            // Whatever the entity requires: what is set aside is received one by one.
            dead_letter: queue(Part::DeadLetter, dead_letter, None),
            options,
        }
    }

    pub(super) fn options(&self) -> &QueueOptions {
        &self.options
    }

    pub(super) fn queue(&self, part: Part) -> &Queue {
        match part {
            Part::Main => &self.main,
            Part::DeadLetter => &self.dead_letter,
        }
    }

    pub(super) fn queue_mut(&mut self, part: Part) -> &mut Queue {
        match part {
            Part::Main => &mut self.main,
            Part::DeadLetter => &mut self.dead_letter,
        }
    }

    /// One of the queues, with the circumstances of an operation on it.
    pub(super) fn step<'a>(
        &'a mut self,
        part: Part,
        now: Timestamp,
        effects: &'a mut Effects,
    ) -> (&'a mut Queue, Step<'a>) {
        let queue = match part {
            Part::Main => &mut self.main,
            Part::DeadLetter => &mut self.dead_letter,
        };
        let options = &self.options;
        (
            queue,
            Step {
                now,
                options,
                effects,
            },
        )
    }

    pub(super) fn settle(
        &mut self,
        part: Part,
        token: LockToken,
        settlement: Settlement,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), BrokerError> {
        let (queue, mut step) = self.step(part, now, effects);
        let departed = queue.settle(token, settlement, &mut step)?;
        queue.dispatch(&mut step);
        if let Some(departed) = departed {
            self.bury(departed, now, effects);
            self.dispatch(Part::DeadLetter, now, effects);
        }
        Ok(())
    }

    /// Something has fallen due; whoever waits is served by a later [`Entity::dispatch`].
    pub(super) fn fire(&mut self, due: Due, at: Timestamp, effects: &mut Effects) {
        let (queue, mut step) = self.step(due.queue().part, at, effects);
        let departed: Vec<Departed> = match due {
            Due::LockExpiry { sequence, .. } => queue
                .lock_expired(sequence, &mut step)
                .into_iter()
                .collect(),
            Due::Activation { sequence, .. } => {
                queue.activate(sequence, &mut step);
                Vec::new()
            }
            Due::SessionLockExpiry { holder, .. } => queue.session_lock_expired(holder, &mut step),
            Due::Expiry { sequence, .. } => {
                queue.expired(sequence, &mut step).into_iter().collect()
            }
        };
        for departed in departed {
            self.bury(departed, at, effects);
        }
    }

    pub(super) fn dispatch(&mut self, part: Part, now: Timestamp, effects: &mut Effects) {
        let (queue, mut step) = self.step(part, now, effects);
        queue.dispatch(&mut step);
    }

    /// Appends a message to the dead-letter queue; it keeps its enqueued time and delivery count.
    fn bury(&mut self, departed: Departed, now: Timestamp, effects: &mut Effects) {
        let Departed {
            stored,
            sequence,
            changes,
        } = departed;
        let message = if changes.is_empty() {
            stored.message
        } else {
            Arc::new(stored.message.with_changes(&changes))
        };
        let buried = Stored {
            message,
            first_sequence: stored.first_sequence.or(Some(sequence)),
            state: MessageState::Active,
            session: None,
            hold: Hold::Free,
            ..stored
        };
        let (queue, mut step) = self.step(Part::DeadLetter, now, effects);
        queue.append(buried, &mut step);
    }
}
