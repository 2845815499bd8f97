//! The broker: entities, messages, locks and consumers, as a state machine.
//!
//! It does no IO, reads no clock and knows no AMQP: the instant is an argument of every operation
//! that depends on it, and a message is its encoded sections. Before an operation looks at anything,
//! whatever has fallen due by then is fired, so a lock that ran out is lost at that very instant,
//! whether or not a timer has woken anybody.

mod agenda;
mod batch_delete;
mod capacity;
mod consumer;
mod deferral;
mod delivery;
mod directory;
mod dispatch;
mod duplicates;
mod entity;
mod error;
mod expiry;
mod idle;
mod intake;
mod lock_token;
mod locking;
mod message_state;
mod onward;
mod options;
mod path;
mod queue;
mod quota;
mod rules;
mod schedule;
mod session;
mod settings;
mod settlement;
#[cfg(test)]
mod tests;
mod time;
mod totals;
mod transaction;
mod transfer;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(crate) use self::capacity::FilterCounts;
pub(crate) use self::consumer::{ConsumerId, ReceiveMode};
pub(crate) use self::delivery::{Delivery, Lock};
pub(crate) use self::error::BrokerError;
pub(crate) use self::lock_token::LockToken;
pub(crate) use self::message_state::MessageState;
pub(crate) use self::options::{EntitySettings, Expected, FOREVER};
pub use self::options::{EntityStatus, QueueOptions, SubscriptionOptions, TopicOptions};
pub(crate) use self::rules::{Rule, Rules};
pub(crate) use self::session::SessionStanding;
pub(crate) use self::settings::{EntityKind, EntityState};
pub(crate) use self::settlement::Settlement;
pub(crate) use self::time::Timestamp;
pub use self::totals::MessageTotals;
pub(crate) use self::transaction::TransactionId;

use self::entity::{Entity, Kind};
use self::idle::IdleWatch;
use self::queue::{Effects, Queue, Step};
use self::transaction::Transactions;
use crate::journal::Journal;
use crate::message::Message;
use crate::tier::Tier;

/// Names an entity of one broker; never reused, so an entity made again under its old name is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EntityId(u64);

/// Which queue of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// The one that senders reach.
    Main,
    /// `<entity>/$DeadLetterQueue`.
    DeadLetter,
    /// `<entity>/$Transfer/$DeadLetterQueue`: what could not be forwarded.
    TransferDeadLetter,
}

impl Part {
    pub(crate) const ALL: [Part; 3] = [Part::Main, Part::DeadLetter, Part::TransferDeadLetter];
}

/// A queue that existed when it was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct QueueRef {
    pub(crate) entity: EntityId,
    pub(crate) part: Part,
}

/// How many messages one queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueueCounts {
    /// Messages that wait for a consumer.
    pub(crate) active: usize,
    /// Messages under a lock, deferred ones included.
    pub(crate) locked: usize,
    /// Deferred messages that are not locked.
    pub(crate) deferred: usize,
    /// Messages that are enqueued later.
    pub(crate) scheduled: usize,
}

/// Every entity of one namespace, and who receives from them.
#[derive(Debug)]
pub(crate) struct Broker {
    tier: Tier,
    last_id: u64,
    names: BTreeMap<String, EntityId>,
    entities: HashMap<EntityId, Entity>,
    entity_changes: u64,
    consumers: HashMap<ConsumerId, QueueRef>,
    transactions: Transactions,
    effects: Effects,
    idle: IdleWatch,
    /// The instant up to which everything has happened.
    time: Timestamp,
}

impl Broker {
    pub(crate) fn new(tier: Tier) -> Self {
        Self {
            tier,
            last_id: 0,
            names: BTreeMap::new(),
            entities: HashMap::new(),
            entity_changes: 0,
            consumers: HashMap::new(),
            transactions: Transactions::default(),
            effects: Effects::default(),
            idle: IdleWatch::default(),
            time: Timestamp::from_millis(0),
        }
    }

    /// The path of a queue in the letters it was created with; `None` once it is deleted.
    pub(crate) fn path(&self, queue: QueueRef) -> Option<&str> {
        Some(&self.queue(queue)?.path)
    }

    /// The largest message of a queue, in bytes of its whole encoding.
    ///
    /// What a topic takes, its subscriptions give.
    pub(crate) fn max_message_size(&self, queue: QueueRef) -> u64 {
        let entity = self.entities.get(&queue.entity);
        let source = match entity.map(Entity::kind) {
            Some(Kind::Subscription { topic, .. }) => self.entities.get(topic),
            _ => entity,
        };
        match source.and_then(|entity| entity.options().max_message_size_in_kilobytes) {
            Some(kilobytes) => kilobytes.saturating_mul(1_024),
            None => self.tier.max_message_size(),
        }
    }

    pub(crate) fn max_batch_size(&self) -> u64 {
        self.tier.max_batch_size()
    }

    /// Stores messages, all of them or none, each at once or for the instant that it names; returns
    /// their numbers. A duplicate, which is accepted and dropped, has the number 0.
    pub(crate) fn enqueue(
        &mut self,
        queue: QueueRef,
        messages: Vec<Message>,
        now: Timestamp,
    ) -> Result<Vec<i64>, BrokerError> {
        self.fire_due(now);
        self.check_intake(queue, &messages)?;
        let numbers = self.store(queue, messages, Vec::new(), now);
        self.pass_on(now);
        self.fire_due(now);
        Ok(numbers)
    }

    /// Applies a verdict to a locked message. A refused verdict changes nothing.
    pub(crate) fn settle(
        &mut self,
        queue: QueueRef,
        token: LockToken,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        self.fire_due(now);
        self.check_lock(queue, token)?;
        self.transactions.check_free(token)?;
        let Some(entity) = self.entities.get_mut(&queue.entity) else {
            return Err(BrokerError::MessageLockLost);
        };
        let outcome = entity.settle(queue.part, token, settlement, now, &mut self.effects);
        self.pass_on(now);
        self.fire_due(now);
        outcome
    }

    /// Looks at messages from the number `from` upwards, whatever their state, without touching them.
    pub(crate) fn peek(
        &mut self,
        queue: QueueRef,
        from: i64,
        now: Timestamp,
    ) -> Result<impl Iterator<Item = Delivery> + '_, BrokerError> {
        self.fire_due(now);
        if let Some(entity) = self.entities.get_mut(&queue.entity) {
            entity.access(now);
        }
        let queue = self.queue(queue).ok_or(BrokerError::EntityDeleted)?;
        Ok(queue
            .messages_from(from)
            .map(|(sequence, stored)| Delivery::new(sequence, stored, None)))
    }

    /// Adds a receiver, without credit.
    pub(crate) fn attach_consumer(
        &mut self,
        queue: QueueRef,
        mode: ReceiveMode,
    ) -> Result<ConsumerId, BrokerError> {
        self.check_receiving(queue)?;
        let id = ConsumerId(self.new_id());
        let entity = self
            .entities
            .get_mut(&queue.entity)
            .ok_or(BrokerError::EntityDeleted)?;
        entity.queue_mut(queue.part).attach(id, mode)?;
        self.consumers.insert(id, queue);
        Ok(id)
    }

    /// Removes a receiver. What it has not taken is available again; what it has taken stays locked.
    pub(crate) fn detach_consumer(&mut self, consumer: ConsumerId, now: Timestamp) {
        self.with(consumer, now, |queue, step| queue.detach(consumer, step));
        self.consumers.remove(&consumer);
    }

    /// Sets how many more messages a consumer may take, those it was promised already included.
    pub(crate) fn set_credit(&mut self, consumer: ConsumerId, credit: u32, now: Timestamp) {
        self.with(consumer, now, |queue, step| {
            queue.set_credit(consumer, credit, step);
        });
    }

    /// Asks that the consumer's credit be used up by what is available and the rest of it given up.
    ///
    /// [`Broker::take_delivery`] until nothing is left, then [`Broker::finish_drain`].
    pub(crate) fn drain(&mut self, consumer: ConsumerId, now: Timestamp) {
        self.with(consumer, now, |queue, _| queue.drain(consumer));
    }

    /// Says, once, that a drain is complete; the consumer has no credit then.
    pub(crate) fn finish_drain(&mut self, consumer: ConsumerId, now: Timestamp) -> bool {
        self.with(consumer, now, |queue, _| queue.finish_drain(consumer))
            .unwrap_or(false)
    }

    /// The next message for a consumer, out of those that its credit covers.
    pub(crate) fn take_delivery(
        &mut self,
        consumer: ConsumerId,
        now: Timestamp,
    ) -> Option<Delivery> {
        self.with(consumer, now, |queue, step| queue.take(consumer, step))?
    }

    /// The length of what [`Broker::take_delivery`] would hand out, but for the stamps of the broker.
    pub(crate) fn next_size(&self, consumer: ConsumerId) -> Option<u64> {
        let queue = self.queue(*self.consumers.get(&consumer)?)?;
        let stored = queue.next_for(consumer)?;
        let source = stored.dead_letter_source.as_deref().map_or(0, str::len);
        let source = u64::try_from(source).unwrap_or(u64::MAX);
        Some(stored.message.size().saturating_add(source))
    }

    /// The consumers that have something to take and were not reported since they last had nothing.
    pub(crate) fn take_ready(&mut self) -> Vec<ConsumerId> {
        std::mem::take(&mut self.effects.ready)
    }

    /// When [`Broker::fire_due`] has something to do next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let deadline = self.transactions.next_deadline();
        let events = self.effects.agenda.next().into_iter();
        events.chain(deadline).chain(self.idle.next_look()).min()
    }

    /// Makes happen, in order, what falls due up to `now`.
    ///
    /// Each event happens at its own instant. Messages that become available are assigned when all
    /// have happened: nobody could have received, and settled, one in between.
    pub(crate) fn fire_due(&mut self, now: Timestamp) {
        self.transactions.expire(now);
        let mut touched = BTreeSet::new();
        while let Some((at, due)) = self.effects.agenda.take_due(now) {
            // What should have happened earlier, had a lock not been in the way, happens now.
            self.time = self.time.max(at);
            let id = due.queue().entity;
            if let Some(entity) = self.entities.get_mut(&id) {
                entity.fire(due, self.time, &mut self.effects);
                touched.insert(id);
            }
            self.carry(self.time, &mut touched);
        }
        self.time = self.time.max(now);
        self.dispatch(touched, now);
        self.delete_idle(now);
    }

    /// Serves those who wait for messages of some entities.
    fn dispatch(&mut self, entities: BTreeSet<EntityId>, now: Timestamp) {
        for id in entities {
            if let Some(entity) = self.entities.get_mut(&id) {
                for part in Part::ALL {
                    entity.dispatch(part, now, &mut self.effects);
                }
            }
        }
        self.pass_on(now);
    }

    pub(crate) fn counts(&self, queue: QueueRef) -> Option<QueueCounts> {
        Some(self.queue(queue)?.counts())
    }

    /// What has happened in a queue so far; `None` once it is deleted.
    pub(crate) fn totals(&self, queue: QueueRef) -> Option<MessageTotals> {
        Some(self.queue(queue)?.totals)
    }

    pub(crate) fn journal(&mut self) -> &mut Journal {
        &mut self.effects.journal
    }

    fn queue(&self, queue: QueueRef) -> Option<&Queue> {
        Some(self.entities.get(&queue.entity)?.queue(queue.part))
    }

    /// Runs an operation on a queue, after what is due by then, and before what it makes due at once.
    fn at<T>(
        &mut self,
        queue: QueueRef,
        now: Timestamp,
        run: impl FnOnce(&mut Queue, &mut Step<'_>) -> T,
    ) -> Result<T, BrokerError> {
        self.fire_due(now);
        let entity = self
            .entities
            .get_mut(&queue.entity)
            .ok_or(BrokerError::EntityDeleted)?;
        entity.access(now);
        let (queue, mut step) = entity.step(queue.part, now, &mut self.effects);
        let outcome = run(queue, &mut step);
        self.pass_on(now);
        self.fire_due(now);
        Ok(outcome)
    }

    /// Like [`Broker::at`] for the queue of a consumer; `None` if either is gone.
    fn with<T>(
        &mut self,
        consumer: ConsumerId,
        now: Timestamp,
        run: impl FnOnce(&mut Queue, &mut Step<'_>) -> T,
    ) -> Option<T> {
        let queue = *self.consumers.get(&consumer)?;
        self.at(queue, now, run).ok()
    }

    fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}
