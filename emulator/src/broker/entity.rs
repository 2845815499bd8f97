//! A named entity: its settings, its queue and the queues beneath it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::agenda::Due;
use super::lock_token::LockToken;
use super::queue::{Departed, Effects, Hold, Queue, Step, Stored};
use super::rules::Rules;
use super::session::Sessions;
use super::settlement::Settlement;
use super::{BrokerError, EntityId, EntitySettings, MessageState, Part, QueueRef, Timestamp};

/// What an entity is, with what only its kind has.
#[derive(Debug)]
pub(super) enum Kind {
    Queue,
    Topic {
        /// By the key of their names.
        subscriptions: BTreeMap<String, EntityId>,
    },
    Subscription {
        topic: EntityId,
        rules: Rules,
    },
}

impl Kind {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Kind::Queue => "queue",
            Kind::Topic { .. } => "topic",
            Kind::Subscription { .. } => "subscription",
        }
    }
}

#[derive(Debug)]
pub(super) struct Entity {
    kind: Kind,
    /// The name in its own letters; of a subscription without that of its topic.
    name: Arc<str>,
    /// What rules its queues, whatever its kind.
    options: EntitySettings,
    created_at: Timestamp,
    updated_at: Timestamp,
    accessed_at: Option<Timestamp>,
    main: Queue,
    dead_letter: Queue,
    transfer_dead_letter: Queue,
}

impl Entity {
    pub(super) fn new(
        id: EntityId,
        (name, path): (&str, &str),
        kind: Kind,
        options: EntitySettings,
        now: Timestamp,
    ) -> Self {
        let queue =
            |part, path, sessions| Queue::new(QueueRef { entity: id, part }, path, sessions);
        let sessions = options.requires_session.then(Sessions::default);
        let dead_letter = format!("{path}/$DeadLetterQueue").into();
        let transfer = format!("{path}/$Transfer/$DeadLetterQueue").into();
        Self {
            kind,
            name: name.into(),
            main: queue(Part::Main, path.into(), sessions),
            // Whatever the entity requires: what is set aside is received one by one.
            dead_letter: queue(Part::DeadLetter, dead_letter, None),
            transfer_dead_letter: queue(Part::TransferDeadLetter, transfer, None),
            options,
            created_at: now,
            updated_at: now,
            accessed_at: None,
        }
    }

    pub(super) fn created_at(&self) -> Timestamp {
        self.created_at
    }

    pub(super) fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    /// When it was last sent to, received from or looked at, if ever.
    pub(super) fn accessed_at(&self) -> Option<Timestamp> {
        self.accessed_at
    }

    pub(super) fn access(&mut self, now: Timestamp) {
        self.accessed_at = Some(now);
    }

    pub(super) fn kind(&self) -> &Kind {
        &self.kind
    }

    pub(super) fn kind_mut(&mut self) -> &mut Kind {
        &mut self.kind
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn options(&self) -> &EntitySettings {
        &self.options
    }

    pub(super) fn set_options(&mut self, options: EntitySettings, now: Timestamp) {
        self.options = options;
        self.updated_at = now;
    }

    /// The bytes in all of its queues.
    pub(super) fn size(&self) -> u64 {
        let sizes = Part::ALL.into_iter().map(|part| self.queue(part).size);
        sizes.fold(0, u64::saturating_add)
    }

    pub(super) fn queue(&self, part: Part) -> &Queue {
        match part {
            Part::Main => &self.main,
            Part::DeadLetter => &self.dead_letter,
            Part::TransferDeadLetter => &self.transfer_dead_letter,
        }
    }

    pub(super) fn queue_mut(&mut self, part: Part) -> &mut Queue {
        match part {
            Part::Main => &mut self.main,
            Part::DeadLetter => &mut self.dead_letter,
            Part::TransferDeadLetter => &mut self.transfer_dead_letter,
        }
    }

    /// One of the queues, with the circumstances of an operation on it.
    pub(super) fn step<'a>(
        &'a mut self,
        part: Part,
        now: Timestamp,
        effects: &'a mut Effects,
    ) -> (&'a mut Queue, Step<'a>) {
        let options = &self.options;
        let (queue, passes_on) = match part {
            Part::Main => {
                let distributes = matches!(self.kind, Kind::Topic { .. });
                (&mut self.main, distributes || options.forward_to.is_some())
            }
            Part::DeadLetter => (
                &mut self.dead_letter,
                options.forward_dead_lettered_messages_to.is_some(),
            ),
            Part::TransferDeadLetter => (&mut self.transfer_dead_letter, false),
        };
        (
            queue,
            Step {
                now,
                options,
                passes_on,
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
        self.set_aside(Part::DeadLetter, departed, now, effects);
    }

    /// Appends a message to a queue of those that went no further; the caller dispatches.
    pub(super) fn set_aside(
        &mut self,
        part: Part,
        departed: Departed,
        now: Timestamp,
        effects: &mut Effects,
    ) {
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
            expires_at: None,
            state: MessageState::Active,
            session: None,
            hold: Hold::Free,
            ..stored
        };
        let (queue, mut step) = self.step(part, now, effects);
        queue.append(buried, &mut step);
    }
}
