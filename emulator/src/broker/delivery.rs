//! What a reader gets.

use std::sync::Arc;

use super::queue::Stored;
use super::{LockToken, MessageState, Timestamp};
use crate::message::Message;

/// The lock that a delivery carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    pub(crate) token: LockToken,
    /// When it runs out by itself; `None` where the lock on the session decides.
    pub(crate) until: Option<Timestamp>,
}

/// A message as one reader gets it.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) message: Arc<Message>,
    pub(crate) sequence: i64,
    pub(crate) enqueued_at: Timestamp,
    /// The number it had where it was first enqueued, once it has moved from there.
    pub(crate) first_sequence: Option<i64>,
    /// When its time to live is over.
    pub(crate) expires_at: Option<Timestamp>,
    /// Earlier deliveries that failed.
    pub(crate) delivery_count: u32,
    /// Where it was dead-lettered, once it has been forwarded from there.
    pub(crate) dead_letter_source: Option<Arc<str>>,
    pub(crate) state: MessageState,
    /// Absent when the message was only looked at, or is gone with this delivery.
    pub(crate) lock: Option<Lock>,
}

impl Delivery {
    pub(super) fn new(sequence: i64, stored: &Stored, lock: Option<Lock>) -> Self {
        Self {
            message: stored.message.clone(),
            sequence,
            enqueued_at: stored.enqueued_at,
            first_sequence: stored.first_sequence,
            expires_at: stored.expires_at,
            delivery_count: stored.delivery_count,
            dead_letter_source: stored.dead_letter_source.clone(),
            state: stored.state,
            lock,
        }
    }
}
