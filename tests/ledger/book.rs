//! What all threads were told, and whether it adds up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::desk::{Desk, ENTITIES};
use crate::receiving::{Delivery, Settlement, Verdict};
use crate::sending::Sent;

#[derive(Default)]
pub(crate) struct Book {
    pub(crate) sent: Vec<Sent>,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) faults: u64,
}

impl Book {
    pub(crate) fn balance(&self, desk: &Desk, elapsed: Duration) {
        self.report(elapsed);
        self.account_for_copies(desk);
        self.account_for_ends(desk);
        for entity in ENTITIES {
            self.compare_totals(desk, entity.name);
        }
    }

    /// None is lost, and there are not more copies of a message than attempts to send it that may have been stored.
    fn account_for_copies(&self, desk: &Desk) {
        let mut copies: BTreeMap<u64, BTreeSet<i64>> = BTreeMap::new();
        for delivery in &self.deliveries {
            copies
                .entry(delivery.number)
                .or_default()
                .insert(delivery.sequence);
        }
        for sent in &self.sent {
            let stored = copies.get(&sent.number).map_or(0, BTreeSet::len) as u64;
            assert!(
                (1..=1 + sent.unknown).contains(&stored),
                "message {} has {stored} copies, and was sent {} times without an answer\n{}",
                sent.number,
                sent.unknown,
                desk.seen()
            );
        }
    }

    /// Nothing is done with twice.
    fn account_for_ends(&self, desk: &Desk) {
        let mut ended = BTreeSet::new();
        for delivery in &self.deliveries {
            let ends = delivery.settlement != Settlement::Abandoned;
            if ends && delivery.verdict == Verdict::Applied {
                assert!(
                    ended.insert((delivery.entity, delivery.sequence)),
                    "message {} of {} was settled twice\n{}",
                    delivery.number,
                    delivery.entity,
                    desk.seen()
                );
            }
        }
    }

    fn compare_totals(&self, desk: &Desk, entity: &str) {
        let totals = desk.emulator.totals(entity).expect("it exists");
        let sent = self.sent.iter().filter(|sent| sent.entity == entity);
        let (stored, maybe) = sent.fold((0, 0), |(stored, maybe), sent| {
            (stored + 1, maybe + sent.unknown)
        });
        let told = [
            ("stored", totals.enqueued, stored, maybe),
            self.told(entity, Settlement::Completed, totals.completed),
            self.told(entity, Settlement::Abandoned, totals.abandoned),
            self.told(entity, Settlement::DeadLettered, totals.dead_lettered),
        ];
        for (what, counted, applied, unknown) in told {
            assert!(
                (applied..=applied + unknown).contains(&counted),
                "{entity}: {counted} {what}, where {applied} were applied and {unknown} are unknown\n{}",
                desk.seen()
            );
        }
        assert_eq!(
            totals.completed + totals.dead_lettered,
            totals.enqueued,
            "{entity}"
        );
    }

    fn told(&self, entity: &str, settlement: Settlement, counted: u64) -> (&str, u64, u64, u64) {
        let what = match settlement {
            Settlement::Completed => "completed",
            Settlement::Abandoned => "abandoned",
            Settlement::DeadLettered => "dead-lettered",
        };
        let count = |verdict| {
            let own = self.deliveries.iter().filter(|delivery| {
                delivery.entity == entity
                    && delivery.settlement == settlement
                    && delivery.verdict == verdict
            });
            own.count() as u64
        };
        (
            what,
            counted,
            count(Verdict::Applied),
            count(Verdict::Unknown),
        )
    }

    #[expect(clippy::print_stdout, reason = "figures for whoever runs it by hand")]
    fn report(&self, elapsed: Duration) {
        let unknown: u64 = self.sent.iter().map(|sent| sent.unknown).sum();
        let of = |verdict| {
            self.deliveries
                .iter()
                .filter(|one| one.verdict == verdict)
                .count()
        };
        println!(
            "{} messages in {elapsed:.1?} with {} faults: {unknown} sends unknown; {} deliveries, of whose settlements {} \
             were applied, {} refused, {} unknown",
            self.sent.len(),
            self.faults,
            self.deliveries.len(),
            of(Verdict::Applied),
            of(Verdict::Refused),
            of(Verdict::Unknown)
        );
    }
}
