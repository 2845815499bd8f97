//! What clients, senders and receivers tell of themselves.

/// What a client did since it was built, together with all its senders, receivers, transactions and rule managers,
/// also those that are closed; see [`Client::stats`](crate::Client::stats).
///
/// What is under way at the moment is told by each sender and receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientStats {
    /// [`ReceiverStats::settled`] of all receivers together.
    pub settled: u64,
    /// [`ReceiverStats::expired_unseen`] of all receivers together.
    pub expired_unseen: u64,
    /// [`ReceiverStats::renewals`] of all receivers together.
    pub renewals: u64,
    /// How many failed attempts were followed by another, or by a pause before another, in whatever call.
    pub retries: u64,
    /// How many connections were made after the first. Attempts that failed do not count.
    pub reconnects: u64,
}

/// What a sender has under way, and what it did since it was opened; see [`Sender::stats`](crate::Sender::stats).
/// All clones of a sender count together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SenderStats {
    /// How many messages or batches the service would take at the moment. 0 while no link stands.
    pub credit: u32,
    /// How many messages or batches wait for the service to take them: for credit. Each ends with its call's deadline.
    pub waiting: usize,
    /// How many messages or batches have left by the link as it stands, and are not answered by the service. One whose
    /// call has ended without the answer counts until the answer comes or the link ends.
    pub in_flight: usize,
    /// How many failed attempts of its calls were followed by another, or by a pause before another.
    pub retries: u64,
    /// How many times its link was attached after the first. Attempts that failed do not count.
    pub reconnects: u64,
}

/// What a receiver has under way, and what it did since it was opened; see [`Receiver::stats`](crate::Receiver::stats).
/// All clones of a receiver count together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceiverStats {
    /// How many messages the service may send without being asked again. 0 while no link stands.
    pub credit: u32,
    /// How many messages are at hand, which have come and were not yet handed out. One that cannot be read counts too.
    pub inbox_messages: usize,
    /// How many bytes the bodies of the messages at hand have together; what
    /// [`max_buffered_bytes`](crate::ReceiverBuilder::max_buffered_bytes) limits.
    pub inbox_bytes: usize,
    /// How many settlements have left by the link as it stands, and are not answered by the service. One whose call has
    /// ended without the answer counts until the answer comes or the link ends. Those that go by lock token, because the
    /// message came by an earlier link or another receiver, are not counted.
    pub in_flight: usize,
    /// How many messages were settled through the receiver: completed, abandoned, deferred or dead-lettered, as the
    /// service has confirmed; in a transaction, once that is committed. What is received in receive-and-delete mode, or
    /// given back because nobody wanted it, is not.
    pub settled: u64,
    /// How many messages were dropped because their lock was lost while they were at hand, as the service has said. It
    /// delivers them again. Many of them tell of a prefetch count that is too large.
    pub expired_unseen: u64,
    /// How many times the lock on a message or session was renewed through the receiver, by a call, by an
    /// [`AutoLockRenewer`](crate::AutoLockRenewer), or before a message was handed out. A request that renews the locks on
    /// several messages counts as many.
    pub renewals: u64,
    /// How many failed attempts of its calls were followed by another, or by a pause before another. Those of an
    /// [`AutoLockRenewer`](crate::AutoLockRenewer) are not counted.
    pub retries: u64,
    /// How many times its link was attached after the first. Attempts that failed do not count.
    pub reconnects: u64,
}
