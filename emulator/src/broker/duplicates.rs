//! Duplicate detection: a message whose id was seen a short while ago is accepted and dropped.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::queue::{Queue, Step};
use super::Timestamp;
use crate::journal::Happening;
use crate::message::Message;

/// The most ids that an entity remembers, whatever its window; the oldest are forgotten first.
const MAX_REMEMBERED: usize = 500_000;

/// Stands for an id and its partition, and takes the same room however long they are.
type Digested = [u8; 32];

/// The ids that an entity has seen, each once.
#[derive(Debug, Default)]
pub(super) struct History {
    seen: HashSet<Digested>,
    /// Oldest first.
    order: VecDeque<(Timestamp, Digested)>,
}

impl History {
    /// Remembers an id; `false` if it was seen within the window that ends now.
    fn remember(&mut self, id: Digested, window: Duration, now: Timestamp) -> bool {
        self.forget(|seen_at| seen_at.after(window) <= now);
        if !self.seen.insert(id) {
            return false;
        }
        self.order.push_back((now, id));
        if self.order.len() > MAX_REMEMBERED {
            self.forget_oldest();
        }
        true
    }

    fn forget(&mut self, is_over: impl Fn(Timestamp) -> bool) {
        while self
            .order
            .front()
            .is_some_and(|(seen_at, _)| is_over(*seen_at))
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, id)) = self.order.pop_front() {
            self.seen.remove(&id);
        }
    }
}

impl Queue {
    /// Whether a message that has just come is to be dropped; if not, its id is remembered.
    ///
    /// It does not matter what became of the first one: received, cancelled, scheduled for later.
    pub(super) fn is_duplicate(&mut self, message: &Message, step: &mut Step<'_>) -> bool {
        let Some(window) = step.options.duplicate_window() else {
            return false;
        };
        // Partitions know nothing of each other (Service Bus docs, "Duplicate detection").
        let partition = match step.options.enable_partitioning {
            true => message.partition_key(),
            false => None,
        };
        let id = digest(&message.message_id(), partition);
        let known = !self.history.remember(id, window, step.now);
        if known {
            self.record(0, Happening::DroppedAsDuplicate, step);
        }
        known
    }
}

fn digest(id: &[u8], partition: Option<&str>) -> Digested {
    let mut digest = Sha256::new();
    if let Some(partition) = partition {
        digest.update(partition.len().to_be_bytes());
        digest.update(partition);
    }
    digest.update(id);
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(600);

    fn id(number: usize) -> Digested {
        digest(&number.to_be_bytes(), None)
    }

    #[test]
    fn a_history_forgets_what_is_older_than_the_window() {
        let mut history = History::default();
        let start = Timestamp::from_millis(0);
        assert!(history.remember(id(1), WINDOW, start));
        let last = Timestamp::from_millis(599_999);
        assert!(!history.remember(id(1), WINDOW, last));
        assert!(history.remember(id(1), WINDOW, start.after(WINDOW)));
        assert_eq!((history.seen.len(), history.order.len()), (1, 1));
    }

    #[test]
    fn a_history_forgets_the_oldest_rather_than_grow_without_end() {
        let mut history = History::default();
        let now = Timestamp::from_millis(0);
        for number in 0..=MAX_REMEMBERED {
            assert!(history.remember(id(number), WINDOW, now));
        }
        assert_eq!(history.seen.len(), MAX_REMEMBERED);
        assert!(!history.remember(id(1), WINDOW, now));
        assert!(history.remember(id(0), WINDOW, now), "it was the oldest");
    }

    #[test]
    fn ids_of_different_partitions_differ() {
        let digests = [
            digest(b"ab", None),
            digest(b"ab", Some("")),
            digest(b"b", Some("a")),
            digest(b"", Some("ab")),
        ];
        let different: HashSet<_> = digests.iter().collect();
        assert_eq!(different.len(), digests.len());
    }
}
