//! Work that happens as a whole or not at all.
//!
//! What a transaction is to do is kept aside until it is committed: nobody sees a message that it
//! sends, and a message that it settles stays locked, so that no other verdict can come in between.
//! A commit looks first whether everything can be done, and then does it at one instant.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use super::entity::Kind;
use super::lock_token::LockToken;
use super::{Broker, BrokerError, EntityId, QueueRef, Settlement, Timestamp};
use crate::message::Message;

/// How long a transaction may take from its first operation on (Service Bus docs, "Overview of
/// transaction processing"). It is message time, as the locks that it depends on are.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The most messages that one transaction sends and settles (Service Bus docs, "Quotas").
const MAX_MESSAGES: usize = 100;

/// Names a transaction of one broker; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TransactionId(u64);

impl TransactionId {
    pub(crate) fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// The transaction that a client names; `None` for bytes that no broker gave out.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(u64::from_be_bytes(bytes.try_into().ok()?)))
    }
}

/// What is done when a transaction is committed.
#[derive(Debug)]
enum Work {
    Send {
        queue: QueueRef,
        messages: Vec<Message>,
        /// The numbers that were promised for those that are scheduled; none if they are just sent.
        numbers: Vec<i64>,
    },
    Transfer {
        via: QueueRef,
        destination: EntityId,
        messages: Vec<Message>,
    },
    Settle {
        queue: QueueRef,
        token: LockToken,
        settlement: Settlement,
    },
}

#[derive(Debug, Default)]
struct Transaction {
    work: Vec<Work>,
    messages: usize,
    /// The one entity that it is about, once something was done to it.
    entity: Option<EntityId>,
    /// When it is over; from the first operation on.
    deadline: Option<Timestamp>,
    /// Why it cannot be committed any more.
    failure: Option<BrokerError>,
}

/// The transactions that were declared and not discharged.
#[derive(Debug, Default)]
pub(super) struct Transactions {
    open: BTreeMap<TransactionId, Transaction>,
    deadlines: BTreeSet<(Timestamp, TransactionId)>,
    /// The locks of messages that some transaction is to settle.
    locks: HashSet<LockToken>,
}

impl Transactions {
    /// When the next one is over.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Gives up what has taken too long; whoever asks for it later is told so.
    pub(super) fn expire(&mut self, now: Timestamp) {
        while let Some((at, id)) = self.deadlines.first().copied() {
            if at > now {
                return;
            }
            self.fail(id, BrokerError::TransactionTimedOut);
        }
    }

    /// Refuses if a transaction is to settle the message.
    pub(super) fn check_free(&self, token: LockToken) -> Result<(), BrokerError> {
        if self.locks.contains(&token) {
            return Err(BrokerError::LockInTransaction);
        }
        Ok(())
    }

    fn fail(&mut self, id: TransactionId, failure: BrokerError) {
        if let Some(mut failed) = self.remove(id) {
            failed.failure.get_or_insert(failure);
            failed.work.clear();
            failed.deadline = None;
            self.open.insert(id, failed);
        }
    }

    /// Takes a transaction away, and lets go of the locks that it was to end.
    fn remove(&mut self, id: TransactionId) -> Option<Transaction> {
        let removed = self.open.remove(&id)?;
        if let Some(at) = removed.deadline {
            self.deadlines.remove(&(at, id));
        }
        for work in &removed.work {
            if let Work::Settle { token, .. } = work {
                self.locks.remove(token);
            }
        }
        Some(removed)
    }

    /// Adds work, if the transaction may have so many messages more and be about that entity.
    fn enlist(
        &mut self,
        id: TransactionId,
        work: Work,
        entity: Option<EntityId>,
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        let unknown = BrokerError::TransactionUnknown;
        let transaction = self.open.get_mut(&id).ok_or(unknown)?;
        if let Some(failure) = &transaction.failure {
            return Err(failure.clone());
        }
        if let (Some(first), Some(entity)) = (transaction.entity, entity) {
            if first != entity {
                return Err(BrokerError::TransactionSpansEntities);
            }
        }
        let more = match &work {
            Work::Send { messages, .. } | Work::Transfer { messages, .. } => messages.len(),
            Work::Settle { .. } => 1,
        };
        let messages = transaction.messages.saturating_add(more);
        if messages > MAX_MESSAGES {
            let limit = MAX_MESSAGES;
            return Err(BrokerError::TransactionTooLarge { limit });
        }
        if let Work::Settle { token, .. } = &work {
            self.locks.insert(*token);
        }
        transaction.messages = messages;
        transaction.entity = transaction.entity.or(entity);
        let deadline = *transaction.deadline.get_or_insert(now.after(TIMEOUT));
        self.deadlines.insert((deadline, id));
        transaction.work.push(work);
        Ok(())
    }

    /// The locks that are spoken for, as the open transactions have them and as they are looked up.
    #[cfg(test)]
    pub(super) fn locks(&self) -> (HashSet<LockToken>, &HashSet<LockToken>) {
        let work = self.open.values().flat_map(|open| &open.work);
        let tokens = work.filter_map(|work| match work {
            Work::Settle { token, .. } => Some(*token),
            Work::Send { .. } | Work::Transfer { .. } => None,
        });
        (tokens.collect(), &self.locks)
    }
}

impl Broker {
    /// Whether the tier of the namespace has transactions.
    pub(crate) fn has_transactions(&self) -> bool {
        self.tier.has_transactions()
    }

    /// Refuses if one of the messages is to be settled by a transaction.
    pub(crate) fn check_not_enlisted(&self, tokens: &[LockToken]) -> Result<(), BrokerError> {
        let mut tokens = tokens.iter();
        tokens.try_for_each(|token| self.transactions.check_free(*token))
    }

    /// Begins a transaction, which is open until it is discharged.
    pub(crate) fn declare(&mut self) -> TransactionId {
        let id = TransactionId(self.new_id());
        self.transactions.open.insert(id, Transaction::default());
        id
    }

    /// Sends messages when a transaction is committed, all of them or none.
    ///
    /// `through` is the queue by which they enter, whose entity must be the one that the transaction
    /// is about; without it they may go to any entity.
    pub(crate) fn enlist_messages(
        &mut self,
        id: TransactionId,
        queue: QueueRef,
        messages: Vec<Message>,
        through: Option<QueueRef>,
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        self.fire_due(now);
        self.check_intake(queue, &messages)?;
        self.enlist_intake(id, (queue, messages), Vec::new(), through, now)
    }

    /// Schedules messages like [`Broker::enlist_messages`], and says the numbers that they have once
    /// the transaction is committed. Nobody else gets these, whatever becomes of it.
    pub(crate) fn enlist_scheduled(
        &mut self,
        id: TransactionId,
        queue: QueueRef,
        messages: Vec<Message>,
        through: Option<QueueRef>,
        now: Timestamp,
    ) -> Result<Vec<i64>, BrokerError> {
        self.fire_due(now);
        self.check_intake(queue, &messages)?;
        let entity = self.entities.get_mut(&queue.entity);
        let entity = entity.ok_or(BrokerError::EntityDeleted)?;
        let stock = entity.queue_mut(queue.part);
        let numbers: Vec<i64> = messages.iter().map(|_| stock.next_sequence()).collect();
        self.enlist_intake(id, (queue, messages), numbers.clone(), through, now)?;
        Ok(numbers)
    }

    fn enlist_intake(
        &mut self,
        id: TransactionId,
        (queue, messages): (QueueRef, Vec<Message>),
        numbers: Vec<i64>,
        through: Option<QueueRef>,
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        let entity = match through {
            Some(through) => Some(self.top_level(through)?),
            None => None,
        };
        let work = Work::Send {
            queue,
            messages,
            numbers,
        };
        self.transactions.enlist(id, work, entity, now)
    }

    /// Hands messages on to `destination` by way of `via` when a transaction is committed, which is
    /// about `via` alone.
    pub(crate) fn enlist_transfer(
        &mut self,
        id: TransactionId,
        via: QueueRef,
        destination: EntityId,
        messages: Vec<Message>,
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        self.fire_due(now);
        self.check_passage(via, &messages)?;
        let entity = self.top_level(via)?;
        let work = Work::Transfer {
            via,
            destination,
            messages,
        };
        self.transactions.enlist(id, work, Some(entity), now)
    }

    /// Applies a verdict when a transaction is committed; until then the lock stands, and may run out.
    pub(crate) fn enlist_settlement(
        &mut self,
        id: TransactionId,
        queue: QueueRef,
        token: LockToken,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        self.fire_due(now);
        self.check_lock(queue, token)?;
        self.transactions.check_free(token)?;
        if let Some(queue) = self.queue(queue) {
            queue.check_settlement(&settlement)?;
        }
        let entity = self.top_level(queue)?;
        let work = Work::Settle {
            queue,
            token,
            settlement,
        };
        self.transactions.enlist(id, work, Some(entity), now)
    }

    /// Makes sure that a transaction is not committed: work that belongs to it was refused, and
    /// whoever asked for that does not hear of it.
    pub(crate) fn doom(&mut self, id: TransactionId) {
        self.transactions
            .fail(id, BrokerError::TransactionRolledBack);
    }

    /// Does everything that a transaction is about, or nothing; the transaction is over either way.
    pub(crate) fn commit(&mut self, id: TransactionId, now: Timestamp) -> Result<(), BrokerError> {
        self.fire_due(now);
        let committed = self.transactions.remove(id);
        let committed = committed.ok_or(BrokerError::TransactionUnknown)?;
        if let Some(failure) = committed.failure {
            return Err(failure);
        }
        for work in &committed.work {
            self.check(work)
                .map_err(|_| BrokerError::TransactionRolledBack)?;
        }
        for work in committed.work {
            self.apply(work, now);
        }
        self.pass_on(now);
        self.fire_due(now);
        Ok(())
    }

    /// Forgets what a transaction was about: messages that it was to settle stay locked.
    pub(crate) fn roll_back(
        &mut self,
        id: TransactionId,
        now: Timestamp,
    ) -> Result<(), BrokerError> {
        self.fire_due(now);
        let removed = self.transactions.remove(id);
        match removed.map(|transaction| transaction.failure) {
            None => Err(BrokerError::TransactionUnknown),
            Some(Some(BrokerError::TransactionTimedOut)) => Err(BrokerError::TransactionTimedOut),
            Some(_) => Ok(()),
        }
    }

    /// Whether work can still be done as it could when it was enlisted.
    ///
    /// No piece of work stands in the way of another one: each settles another message, and the
    /// check of a message does not depend on what else is stored.
    fn check(&self, work: &Work) -> Result<(), BrokerError> {
        match work {
            Work::Send {
                queue, messages, ..
            } => self.check_intake(*queue, messages),
            Work::Transfer { via, messages, .. } => self.check_passage(*via, messages),
            Work::Settle { queue, token, .. } => self.check_lock(*queue, *token),
        }
    }

    /// Does what was checked.
    fn apply(&mut self, work: Work, now: Timestamp) {
        match work {
            Work::Send {
                queue,
                messages,
                numbers,
            } => {
                self.store(queue, messages, numbers, now);
            }
            Work::Transfer {
                via,
                destination,
                messages,
            } => self.let_through(via, destination, messages, now),
            Work::Settle {
                queue,
                token,
                settlement,
            } => {
                let entity = self.entities.get_mut(&queue.entity);
                let outcome = entity.map(|entity| {
                    entity.settle(queue.part, token, settlement, now, &mut self.effects)
                });
                if let Some(Err(error)) = outcome {
                    log::error!("a verdict was refused although it was checked: {error}");
                }
            }
        }
    }

    pub(super) fn check_lock(&self, queue: QueueRef, token: LockToken) -> Result<(), BrokerError> {
        let queue = self.queue(queue).ok_or(BrokerError::MessageLockLost)?;
        queue.locked(token).map(|_| ())
    }

    /// The entity that a transaction is about: subscriptions count under their topic.
    fn top_level(&self, queue: QueueRef) -> Result<EntityId, BrokerError> {
        let entity = self.entities.get(&queue.entity);
        match entity.ok_or(BrokerError::EntityDeleted)?.kind() {
            Kind::Subscription { topic, .. } => Ok(*topic),
            Kind::Queue | Kind::Topic { .. } => Ok(queue.entity),
        }
    }
}
