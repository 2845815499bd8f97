//! A namespace kept naively: plain settings, and every message in one flat list.

mod arriving;
mod time;
mod transaction;
mod verdict;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;
pub(super) use transaction::{ModelTransaction, Work};
pub(super) use verdict::Verdict;

/// One queue of an entity, which is named by its place in the arrangement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) entity: usize,
    pub(super) part: Part,
}

/// What a sender says about a message.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) body: String,
    pub(super) red: bool,
    pub(super) id: Option<&'static str>,
    pub(super) session: Option<&'static str>,
    pub(super) life: Option<Duration>,
    pub(super) at: Option<Timestamp>,
}

/// A message, or a subscription's copy of one.
#[derive(Clone, Debug)]
pub(super) struct ModelMessage {
    pub(super) sent: Sent,
    pub(super) place: Place,
    pub(super) sequence: i64,
    pub(super) first_sequence: Option<i64>,
    pub(super) count: u32,
    pub(super) state: MessageState,
    pub(super) enqueued_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) hops: u32,
    /// From whose dead-letter queue it was forwarded.
    pub(super) source: Option<String>,
    /// Why it was dead-lettered last.
    pub(super) reason: Option<&'static str>,
    /// The rule with the action made it.
    pub(super) marked: bool,
    /// The lock under which somebody has got it; what waits in an outbox has none here.
    pub(super) lock: Option<Lock>,
}

/// The rules that a subscription may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ModelRule {
    Everything,
    Red,
    /// The one with an action: it makes copies of its own.
    MarksRed,
}

#[derive(Debug)]
pub(super) enum ModelKind {
    Queue,
    Topic,
    Subscription {
        topic: usize,
        rules: BTreeSet<ModelRule>,
    },
}

#[derive(Debug)]
pub(super) struct ModelEntity {
    pub(super) path: String,
    pub(super) queue: QueueRef,
    pub(super) kind: ModelKind,
    pub(super) options: EntitySettings,
    /// The number given last, for each of its queues.
    pub(super) last: BTreeMap<Part, i64>,
    /// When each id was last seen in a message that was no duplicate.
    pub(super) seen: BTreeMap<String, Timestamp>,
}

/// Who holds a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    pub(super) consumer: ConsumerId,
    pub(super) until: Timestamp,
}

#[derive(Debug)]
pub(super) struct Reference {
    pub(super) now: Timestamp,
    pub(super) entities: Vec<ModelEntity>,
    pub(super) messages: Vec<ModelMessage>,
    /// What has arrived where it does not stay.
    leaving: VecDeque<ModelMessage>,
    /// By entity and session.
    pub(super) holders: BTreeMap<(usize, &'static str), Holder>,
    /// The transactions that were declared and not discharged.
    pub(super) open: BTreeMap<TransactionId, ModelTransaction>,
    /// How many copies there are of each message ever sent: those made less those that ended.
    pub(super) balance: BTreeMap<String, usize>,
}

impl Reference {
    pub(super) fn new(now: Timestamp, entities: Vec<ModelEntity>) -> Self {
        Self {
            now,
            entities,
            messages: Vec::new(),
            leaving: VecDeque::new(),
            holders: BTreeMap::new(),
            open: BTreeMap::new(),
            balance: BTreeMap::new(),
        }
    }

    pub(super) fn queue(&self, place: Place) -> QueueRef {
        let part = place.part;
        let queue = self.entities[place.entity].queue;
        QueueRef { part, ..queue }
    }

    pub(super) fn options(&self, place: Place) -> &EntitySettings {
        &self.entities[place.entity].options
    }

    pub(super) fn has_sessions(&self, place: Place) -> bool {
        place.part == Part::Main && self.options(place).requires_session
    }

    pub(super) fn can_send(&self, entity: usize) -> bool {
        let entity = &self.entities[entity];
        let status = entity.options.status;
        let takes = matches!(status, EntityStatus::Active | EntityStatus::ReceiveDisabled);
        takes && !matches!(entity.kind, ModelKind::Subscription { .. })
    }

    pub(super) fn can_receive(&self, place: Place) -> bool {
        let entity = &self.entities[place.entity];
        let status = entity.options.status;
        let gives = matches!(status, EntityStatus::Active | EntityStatus::SendDisabled);
        let topic = matches!(entity.kind, ModelKind::Topic);
        match place.part {
            Part::TransferDeadLetter => gives,
            _ => gives && !topic && !self.passes_on(place),
        }
    }

    /// Whether what arrives somewhere does not stay.
    fn passes_on(&self, place: Place) -> bool {
        let entity = &self.entities[place.entity];
        let options = &entity.options;
        match place.part {
            Part::Main => matches!(entity.kind, ModelKind::Topic) || options.forward_to.is_some(),
            Part::DeadLetter => options.forward_dead_lettered_messages_to.is_some(),
            Part::TransferDeadLetter => false,
        }
    }

    /// The message under a lock that stands.
    pub(super) fn locked(&self, token: LockToken) -> Option<usize> {
        let locked = |message: &ModelMessage| message.lock.is_some_and(|lock| lock.token == token);
        self.messages.iter().position(locked)
    }

    fn made(&mut self, message: &ModelMessage) {
        *self.balance.entry(message.sent.body.clone()).or_default() += 1;
    }

    fn ended(&mut self, message: &ModelMessage) {
        *self.balance.get_mut(&message.sent.body).unwrap() -= 1;
    }

    /// A message is gone.
    pub(super) fn end(&mut self, place: usize) {
        let message = self.messages.remove(place);
        self.ended(&message);
    }
}
