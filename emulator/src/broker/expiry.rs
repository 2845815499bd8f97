//! Messages whose time to live is over.
//!
//! A message that somebody has locked does not expire before its lock ends; one that only waits in
//! the outbox of a connection does. Nothing expires in a dead-letter queue.

use super::agenda::Due;
use super::options::FOREVER;
use super::queue::{Departed, Hold, Queue, Step, Stored};
use super::{MessageState, Part, Timestamp};
use crate::journal::Happening;
use crate::message::PropertyChanges;

impl Queue {
    /// When a message that is about to be stored expires: the shorter of what it asks for and what
    /// the entity allows, from the instant at which it is enqueued. The one that passed it on may
    /// have allowed less.
    pub(super) fn expiry_of(&self, stored: &Stored, step: &Step<'_>) -> Option<Timestamp> {
        if self.id.part != Part::Main || stored.state != MessageState::Active {
            return None;
        }
        let allowed = step.options.default_message_time_to_live;
        let span = match stored.message.time_to_live() {
            Some(asked) => asked.min(allowed),
            None if allowed == FOREVER => return stored.expires_at,
            None => allowed,
        };
        let own = stored.enqueued_at.after(span);
        Some(stored.expires_at.map_or(own, |earlier| earlier.min(own)))
    }

    /// The event of a message's expiry.
    pub(super) fn expiry(&self, sequence: i64, stored: &Stored) -> Option<(Timestamp, Due)> {
        let queue = self.id;
        Some((stored.expires_at?, Due::Expiry { queue, sequence }))
    }

    /// Whether a message may be looked for by consumers no more; its expiry is on the agenda then.
    pub(super) fn is_overdue(&self, sequence: i64, step: &mut Step<'_>) -> bool {
        let expiry = self
            .messages
            .get(&sequence)
            .and_then(|stored| self.expiry(sequence, stored));
        match expiry {
            Some((at, due)) if at <= step.now => {
                // It was fired, and in vain, if the message was locked then.
                step.effects.agenda.add(at, due);
                true
            }
            _ => false,
        }
    }

    /// The time to live of a message is over; its agenda entry is gone already. The caller dispatches.
    pub(super) fn expired(&mut self, sequence: i64, step: &mut Step<'_>) -> Option<Departed> {
        let stored = self.messages.get(&sequence)?;
        if matches!(stored.hold, Hold::Locked { outbox: None, .. }) {
            return None;
        }
        // What is deferred is never dead-lettered on expiry (Service Bus docs, "Message expiration").
        let dead_letter = stored.state == MessageState::Active
            && step.options.dead_lettering_on_message_expiration;
        self.record(sequence, Happening::Expired, step);
        if !dead_letter {
            self.remove(sequence, step);
            return None;
        }
        let mut changes = PropertyChanges::default();
        changes.set_text("DeadLetterReason", "TTLExpiredException");
        changes.set_text(
            "DeadLetterErrorDescription",
            "The message expired and was dead lettered.",
        );
        self.depart(sequence, changes, step)
    }
}
