//! Work that is put off: a list, done from its first item to its last or not at all.

use super::*;

#[derive(Clone, Debug)]
pub(in super::super) enum Work {
    Send {
        entity: usize,
        messages: Vec<Sent>,
        /// The numbers promised for those that are scheduled, if any were asked for.
        promised: Vec<i64>,
    },
    Settle {
        token: LockToken,
        verdict: Verdict,
    },
}

#[derive(Debug, Default)]
pub(in super::super) struct ModelTransaction {
    pub(in super::super) work: Vec<Work>,
    /// The one entity it is about; a topic stands for its subscriptions.
    pub(in super::super) entity: Option<usize>,
    pub(in super::super) deadline: Option<Timestamp>,
    pub(in super::super) timed_out: bool,
}

impl Reference {
    /// Whether a transaction is to settle what is locked so.
    pub(in super::super) fn is_enlisted(&self, token: LockToken) -> bool {
        let settles = |work: &Work| matches!(work, Work::Settle { token: to, .. } if *to == token);
        let mut open = self.open.values();
        open.any(|transaction| transaction.work.iter().any(settles))
    }

    /// The entity that counts for a transaction.
    pub(in super::super) fn top_level(&self, entity: usize) -> usize {
        match self.entities[entity].kind {
            ModelKind::Subscription { topic, .. } => topic,
            ModelKind::Queue | ModelKind::Topic => entity,
        }
    }

    pub(super) fn end_transactions(&mut self, until: Timestamp) {
        for transaction in self.open.values_mut() {
            if transaction.deadline.is_some_and(|at| at <= until) {
                transaction.work.clear();
                transaction.timed_out = true;
            }
        }
    }

    /// Adds work, or says why that cannot be.
    pub(in super::super) fn enlist(
        &mut self,
        id: TransactionId,
        work: Work,
        entity: Option<usize>,
    ) -> Result<(), BrokerError> {
        let unknown = BrokerError::TransactionUnknown;
        let transaction = self.open.get_mut(&id).ok_or(unknown)?;
        if transaction.timed_out {
            return Err(BrokerError::TransactionTimedOut);
        }
        match (transaction.entity, entity) {
            (Some(first), Some(entity)) if first != entity => {
                return Err(BrokerError::TransactionSpansEntities)
            }
            (None, entity) => transaction.entity = entity,
            (Some(_), _) => {}
        }
        let over = self.now.after(Duration::from_secs(120));
        transaction.deadline.get_or_insert(over);
        transaction.work.push(work);
        Ok(())
    }

    pub(in super::super) fn commit(&mut self, id: TransactionId) -> Result<(), BrokerError> {
        let unknown = BrokerError::TransactionUnknown;
        let transaction = self.open.remove(&id).ok_or(unknown)?;
        if transaction.timed_out {
            return Err(BrokerError::TransactionTimedOut);
        }
        let possible = |work: &Work| match work {
            Work::Send { entity, .. } => self.can_send(*entity),
            Work::Settle { token, .. } => self.locked(*token).is_some(),
        };
        if !transaction.work.iter().all(possible) {
            return Err(BrokerError::TransactionRolledBack);
        }
        for work in transaction.work {
            match work {
                Work::Send {
                    entity,
                    messages,
                    promised,
                } => {
                    let mut promised = promised.into_iter();
                    for sent in messages {
                        self.store(entity, sent, promised.next());
                    }
                }
                Work::Settle { token, verdict } => {
                    let place = self.locked(token).unwrap();
                    self.settle(place, verdict);
                }
            }
        }
        self.carry();
        Ok(())
    }

    pub(in super::super) fn roll_back(&mut self, id: TransactionId) -> Result<(), BrokerError> {
        match self.open.remove(&id) {
            None => Err(BrokerError::TransactionUnknown),
            Some(transaction) if transaction.timed_out => Err(BrokerError::TransactionTimedOut),
            Some(_) => Ok(()),
        }
    }
}
