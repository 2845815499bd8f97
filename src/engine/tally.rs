//! What is counted of a client, a sender or a receiver since it was made.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;

/// The counts of a sender or receiver, or of a client with all that it made.
#[derive(Default)]
pub(crate) struct Tally {
    /// Attached links, or connections of a client.
    attached: AtomicU64,
    retries: AtomicU64,
    settled: AtomicU64,
    renewals: AtomicU64,
    expired_unseen: AtomicU64,
    /// The client's, which counts the same, apart from links.
    client: Option<Arc<Tally>>,
}

impl Tally {
    /// Counts of a part of the client, which are counted there too.
    pub(super) fn below(client: &Arc<Tally>) -> Arc<Self> {
        Arc::new(Tally {
            client: Some(client.clone()),
            ..Tally::default()
        })
    }

    /// A link is attached, or a connection made.
    pub(super) fn attached(&self) {
        self.attached.fetch_add(1, Relaxed);
    }

    /// An attempt has failed, and there will be another.
    pub(super) fn retry(&self) {
        self.add(|tally| &tally.retries, 1);
    }

    /// The service has settled so many messages.
    pub(super) fn settled(&self, messages: usize) {
        self.add(|tally| &tally.settled, messages);
    }

    /// The service has renewed so many locks.
    pub(super) fn renewed(&self, locks: usize) {
        self.add(|tally| &tally.renewals, locks);
    }

    /// The lock on a message was lost before it was handed out.
    pub(crate) fn expired_unseen(&self) {
        self.add(|tally| &tally.expired_unseen, 1);
    }

    fn add(&self, count: impl Fn(&Tally) -> &AtomicU64, by: usize) {
        let by = by as u64;
        count(self).fetch_add(by, Relaxed);
        if let Some(client) = &self.client {
            count(client).fetch_add(by, Relaxed);
        }
    }

    /// How often a link was attached, or a connection made, after the first.
    pub(super) fn reconnects(&self) -> u64 {
        self.attached.load(Relaxed).saturating_sub(1)
    }

    pub(super) fn retries(&self) -> u64 {
        self.retries.load(Relaxed)
    }

    pub(super) fn settled_messages(&self) -> u64 {
        self.settled.load(Relaxed)
    }

    pub(super) fn renewals(&self) -> u64 {
        self.renewals.load(Relaxed)
    }

    pub(super) fn expired_messages(&self) -> u64 {
        self.expired_unseen.load(Relaxed)
    }
}
