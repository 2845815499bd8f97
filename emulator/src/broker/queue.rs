//! One sequence of messages with its own numbers: a queue proper, or the dead-letter queue of one.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::agenda::{Agenda, Due};
use super::consumer::Consumer;
use super::duplicates::History;
use super::lock_token::LockToken;
use super::session::Sessions;
use super::{
    ConsumerId, EntityId, EntitySettings, MessageState, MessageTotals, Part, QueueCounts, QueueRef,
    Timestamp,
};
use crate::journal::{Happening, Journal};
use crate::message::{Message, PropertyChanges};

/// What an operation on a queue changes beside the queue.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) agenda: Agenda,
    /// Consumers whose outbox has something since their owner last looked.
    pub(super) ready: Vec<ConsumerId>,
    pub(super) journal: Journal,
    /// Messages on their way from one entity to others.
    pub(super) leaving: VecDeque<Leaving>,
}

/// A message that has arrived where it does not stay.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) from: QueueRef,
    /// The number it got there.
    pub(super) sequence: i64,
    pub(super) stored: Stored,
    /// Where its sender wants it; else the settings of the entity say where it goes.
    pub(super) destination: Option<EntityId>,
}

/// The circumstances of one operation on a queue.
pub(super) struct Step<'a> {
    pub(super) now: Timestamp,
    pub(super) options: &'a EntitySettings,
    /// What arrives does not stay: it is passed on.
    pub(super) passes_on: bool,
    pub(super) effects: &'a mut Effects,
}

/// A message at rest, with what the broker knows about it.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) message: Arc<Message>,
    pub(super) enqueued_at: Timestamp,
    /// The number the message had where it was first enqueued, once it has moved from there.
    pub(super) first_sequence: Option<i64>,
    /// When its time to live is over.
    pub(super) expires_at: Option<Timestamp>,
    /// Earlier deliveries that failed.
    pub(super) delivery_count: u32,
    /// How often it was forwarded.
    pub(super) hops: u8,
    /// Where it was dead-lettered, once it has been forwarded from there.
    pub(super) dead_letter_source: Option<Arc<str>>,
    pub(super) state: MessageState,
    /// The session it belongs to, in a queue that has sessions.
    pub(super) session: Option<Arc<str>>,
    pub(super) hold: Hold,
}

impl Stored {
    /// A message that was never anywhere before.
    pub(super) fn new(message: Arc<Message>, now: Timestamp) -> Self {
        Self {
            message,
            enqueued_at: now,
            first_sequence: None,
            expires_at: None,
            delivery_count: 0,
            hops: 0,
            dead_letter_source: None,
            state: MessageState::Active,
            session: None,
            hold: Hold::Free,
        }
    }
}

/// Who has a message at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Nobody: it waits for what its state says.
    Free,
    /// It waits in the outbox of a consumer that will delete it by taking it.
    Promised { consumer: ConsumerId },
    /// It is locked; `outbox` names the consumer in whose outbox it still waits.
    Locked {
        token: LockToken,
        /// When the lock runs out by itself; `None` where the session's lock decides.
        until: Option<Timestamp>,
        outbox: Option<ConsumerId>,
    },
}

/// A message on its way to the dead-letter queue.
pub(super) struct Departed {
    pub(super) stored: Stored,
    pub(super) sequence: i64,
    pub(super) changes: PropertyChanges,
}

#[derive(Debug)]
pub(super) struct Queue {
    pub(super) id: QueueRef,
    pub(super) path: Arc<str>,
    last_sequence: i64,
    /// The bytes of its messages and of the states of its sessions.
    pub(super) size: u64,
    pub(super) totals: MessageTotals,
    pub(super) messages: BTreeMap<i64, Stored>,
    /// Messages that wait for any consumer.
    pub(super) available: BTreeSet<i64>,
    pub(super) locks: HashMap<LockToken, i64>,
    pub(super) consumers: HashMap<ConsumerId, Consumer>,
    pub(super) history: History,
    /// Consumers that want messages, in the order in which their turn comes.
    pub(super) line: VecDeque<ConsumerId>,
    /// Where messages are grouped into sessions, they are available there instead.
    pub(super) sessions: Option<Sessions>,
}

impl Queue {
    pub(super) fn new(id: QueueRef, path: Arc<str>, sessions: Option<Sessions>) -> Self {
        Self {
            id,
            path,
            last_sequence: 0,
            size: 0,
            totals: MessageTotals::default(),
            messages: BTreeMap::new(),
            available: BTreeSet::new(),
            locks: HashMap::new(),
            consumers: HashMap::new(),
            history: History::default(),
            line: VecDeque::new(),
            sessions,
        }
    }

    /// Appends a message and says its number; [`Queue::dispatch`] is left to the caller, who may have more.
    pub(super) fn append(&mut self, stored: Stored, step: &mut Step<'_>) -> i64 {
        let sequence = self.next_sequence();
        self.insert(sequence, stored, step);
        sequence
    }

    /// A number that no message of the queue has had.
    pub(super) fn next_sequence(&mut self) -> i64 {
        self.last_sequence += 1;
        self.last_sequence
    }

    /// Puts a message in the place that its number gives it; or lets it leave, where none stays.
    pub(super) fn insert(&mut self, sequence: i64, mut stored: Stored, step: &mut Step<'_>) {
        stored.expires_at = self.expiry_of(&stored, step);
        if step.passes_on && stored.state == MessageState::Active {
            self.leave(sequence, stored, None, step);
            return;
        }
        if let Some((at, due)) = self.expiry(sequence, &stored) {
            step.effects.agenda.add(at, due);
        }
        let what = match self.activation(sequence, stored.state) {
            Some((at, due)) => {
                step.effects.agenda.add(at, due);
                Happening::Scheduled
            }
            None => Happening::Enqueued,
        };
        if let (Some(sessions), Some(id)) = (&mut self.sessions, stored.message.session_id()) {
            stored.session = Some(sessions.enter(id, sequence));
        }
        self.resize(0, stored.message.size());
        self.messages.insert(sequence, stored);
        if !self.is_overdue(sequence, step) {
            self.make_available(sequence);
        }
        self.record(sequence, what, step);
    }

    /// The lock on a message has run out; its agenda entry is gone already. The caller dispatches.
    ///
    /// A delivery that never left the emulator has not failed, so it does not count.
    pub(super) fn lock_expired(&mut self, sequence: i64, step: &mut Step<'_>) -> Option<Departed> {
        let undelivered = match self.messages.get(&sequence)?.hold {
            Hold::Locked { outbox, .. } => outbox.is_some(),
            Hold::Promised { .. } => true,
            Hold::Free => return None,
        };
        self.record(sequence, Happening::LockExpired, step);
        if undelivered {
            self.free(sequence, step);
            None
        } else {
            self.count_failure(sequence, step)
        }
    }

    /// A delivery has failed: the message is available again, or departs for the dead-letter queue.
    pub(super) fn count_failure(&mut self, sequence: i64, step: &mut Step<'_>) -> Option<Departed> {
        let stored = self.messages.get_mut(&sequence)?;
        if self.id.part == Part::Main {
            stored.delivery_count = stored.delivery_count.saturating_add(1);
            let attempts = stored.delivery_count;
            if attempts >= step.options.max_delivery_count {
                let mut changes = PropertyChanges::default();
                changes.set_text("DeadLetterReason", "MaxDeliveryCountExceeded");
                changes.set_text(
                    "DeadLetterErrorDescription",
                    &format!("Message could not be consumed after {attempts} delivery attempts."),
                );
                return self.depart(sequence, changes, step);
            }
        }
        self.free(sequence, step);
        None
    }

    pub(super) fn depart(
        &mut self,
        sequence: i64,
        changes: PropertyChanges,
        step: &mut Step<'_>,
    ) -> Option<Departed> {
        let stored = self.remove(sequence, step)?;
        self.record(sequence, Happening::DeadLettered, step);
        Some(Departed {
            stored,
            sequence,
            changes,
        })
    }

    pub(super) fn remove(&mut self, sequence: i64, step: &mut Step<'_>) -> Option<Stored> {
        self.let_go(sequence, step);
        self.make_unavailable(sequence);
        let stored = self.messages.remove(&sequence)?;
        self.resize(stored.message.size(), 0);
        if let (Some(sessions), Some(session)) = (&mut self.sessions, &stored.session) {
            sessions.strike(session, sequence);
        }
        let events = [
            self.activation(sequence, stored.state),
            self.expiry(sequence, &stored),
        ];
        for (at, due) in events.into_iter().flatten() {
            step.effects.agenda.cancel(at, due);
        }
        Some(stored)
    }

    /// Something in the queue is exchanged for something of another size.
    pub(super) fn resize(&mut self, before: u64, after: u64) {
        self.size = self.size.saturating_sub(before).saturating_add(after);
    }

    /// Lets go of a held message; one that is active is available again, at its old place.
    pub(super) fn free(&mut self, sequence: i64, step: &mut Step<'_>) {
        self.let_go(sequence, step);
        if !self.is_overdue(sequence, step) {
            self.make_available(sequence);
        }
    }

    /// A message waits to be received; by its state, and in its session if it has one.
    fn make_available(&mut self, sequence: i64) {
        let Some(stored) = self.messages.get(&sequence) else {
            return;
        };
        if stored.state != MessageState::Active {
            return;
        }
        match (&mut self.sessions, &stored.session) {
            (Some(sessions), Some(session)) => sessions.make_available(session, sequence),
            (_, _) => {
                self.available.insert(sequence);
            }
        }
    }

    pub(super) fn make_unavailable(&mut self, sequence: i64) {
        let session = self.messages.get(&sequence).map(|stored| &stored.session);
        match (&mut self.sessions, session) {
            (Some(sessions), Some(Some(session))) => sessions.make_unavailable(session, sequence),
            (_, _) => {
                self.available.remove(&sequence);
            }
        }
    }

    /// Ends whatever hold there is on a message.
    fn let_go(&mut self, sequence: i64, step: &mut Step<'_>) {
        let Some(stored) = self.messages.get_mut(&sequence) else {
            return;
        };
        if let (Some(sessions), Some(session)) = (&mut self.sessions, &stored.session) {
            sessions.uncover(session, sequence);
        }
        let outbox = match std::mem::replace(&mut stored.hold, Hold::Free) {
            Hold::Free => None,
            Hold::Promised { consumer } => Some(consumer),
            Hold::Locked {
                token,
                until,
                outbox,
            } => {
                self.locks.remove(&token);
                if let Some(until) = until {
                    let due = Due::LockExpiry {
                        queue: self.id,
                        sequence,
                    };
                    step.effects.agenda.cancel(until, due);
                }
                outbox
            }
        };
        if let Some(id) = outbox {
            if let Some(consumer) = self.consumers.get_mut(&id) {
                consumer.withdraw(sequence);
            }
            self.join_line(id);
        }
    }

    /// Messages from the number `from` upwards, whatever their state.
    pub(super) fn messages_from(&self, from: i64) -> impl Iterator<Item = (i64, &Stored)> {
        self.messages
            .range(from..)
            .map(|(sequence, stored)| (*sequence, stored))
    }

    pub(super) fn counts(&self) -> QueueCounts {
        let mut counts = QueueCounts::default();
        for stored in self.messages.values() {
            let count = match (stored.hold, stored.state) {
                (Hold::Locked { .. }, _) => &mut counts.locked,
                (_, MessageState::Active) => &mut counts.active,
                (_, MessageState::Deferred) => &mut counts.deferred,
                (_, MessageState::Scheduled { .. }) => &mut counts.scheduled,
            };
            *count += 1;
        }
        counts
    }

    pub(super) fn record(&mut self, sequence: i64, what: Happening, step: &mut Step<'_>) {
        self.totals.count_message(what);
        let journal = &mut step.effects.journal;
        journal.message(step.now, &self.path, sequence, what);
    }
}
