//! How many entities, filters and receivers there may be (Service Bus docs, "Service Bus quotas").

use std::collections::BTreeMap;

use super::entity::{Entity, Kind};
use super::{Broker, BrokerError, EntityId, EntitySettings};
use crate::filter::Filter;

const MAX_PARTITIONED: usize = 100;

const MAX_SUBSCRIPTIONS: usize = 2_000;

/// Of a whole topic.
const MAX_SQL_FILTERS: usize = 2_000;

/// Of a whole topic.
const MAX_CORRELATION_FILTERS: usize = 100_000;

/// Of each queue, those that wait for a session included.
const MAX_RECEIVERS: usize = 5_000;

/// The filters of a topic, over all its subscriptions; the constant ones count as neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FilterCounts {
    pub(crate) sql: usize,
    pub(crate) correlation: usize,
}

impl FilterCounts {
    fn add(&mut self, filter: &Filter) {
        match filter {
            Filter::Sql(_) => self.sql += 1,
            Filter::Correlation(_) => self.correlation += 1,
            Filter::True | Filter::False => {}
        }
    }
}

impl Broker {
    /// Refuses if the namespace has no room for another queue or topic.
    pub(super) fn check_room(
        &self,
        kind: &'static str,
        settings: &EntitySettings,
    ) -> Result<(), BrokerError> {
        let limit = self.tier.max_queues_and_topics();
        // With subscriptions among them they are counted one by one, but not before that matters.
        if self.names.len() >= limit {
            let all = self.entities.values();
            let counted = all.filter(|entity| !matches!(entity.kind(), Kind::Subscription { .. }));
            check(kind, counted.count(), limit)?;
        }
        if settings.enable_partitioning {
            let all = self.entities.values();
            let partitioned = all.filter(|entity| entity.options().enable_partitioning);
            let kind = "EnablePartitioning == true";
            check(kind, partitioned.count(), MAX_PARTITIONED)?;
        }
        Ok(())
    }

    /// Refuses if a topic can have no other subscription.
    pub(super) fn check_subscriptions(&self, topic: EntityId) -> Result<(), BrokerError> {
        match self.entities.get(&topic).map(Entity::kind) {
            Some(Kind::Topic { subscriptions }) => {
                check("Subscription", subscriptions.len(), MAX_SUBSCRIPTIONS)
            }
            _ => Ok(()),
        }
    }

    /// Refuses if a topic can have no other filter of the kind of this one.
    pub(super) fn check_filters(
        &self,
        topic: EntityId,
        filter: &Filter,
    ) -> Result<(), BrokerError> {
        let Some(Kind::Topic { subscriptions }) = self.entities.get(&topic).map(Entity::kind)
        else {
            return Ok(());
        };
        let counts = || self.filter_counts(subscriptions);
        match filter {
            Filter::Sql(_) => check("SqlFilter", counts().sql, MAX_SQL_FILTERS),
            Filter::Correlation(_) => {
                let count = counts().correlation;
                check("CorrelationFilter", count, MAX_CORRELATION_FILTERS)
            }
            Filter::True | Filter::False => Ok(()),
        }
    }

    /// The filters of these subscriptions together.
    pub(super) fn filter_counts(&self, subscriptions: &BTreeMap<String, EntityId>) -> FilterCounts {
        let mut counts = FilterCounts::default();
        for id in subscriptions.values() {
            let kind = self.entities.get(id).map(Entity::kind);
            if let Some(Kind::Subscription { rules, .. }) = kind {
                rules.iter().for_each(|rule| counts.add(&rule.filter));
            }
        }
        counts
    }
}

/// Refuses if a queue that has so many receivers can have no other.
pub(super) fn check_receivers(count: usize) -> Result<(), BrokerError> {
    check("Receiver", count, MAX_RECEIVERS)
}

fn check(kind: &'static str, count: usize, limit: usize) -> Result<(), BrokerError> {
    if count < limit {
        return Ok(());
    }
    Err(BrokerError::TooMany { kind, count, limit })
}
