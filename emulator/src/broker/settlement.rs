//! What a receiver may decide about a message that it holds locked.

use std::sync::Arc;

use super::lock_token::LockToken;
use super::queue::{Departed, Queue, Step};
use super::{BrokerError, MessageState, Part};
use crate::journal::Happening;
use crate::message::PropertyChanges;

/// The verdict on a locked message.
#[derive(Clone, Debug)]
pub(crate) enum Settlement {
    /// Done: the message is gone.
    Complete,
    /// Failed: the message is available again and the failure counts.
    Abandon { changes: PropertyChanges },
    /// Set aside: the message is received by its number alone from now on, and the delivery counts.
    Defer { changes: PropertyChanges },
    /// Not looked at: the message is available again and nothing counts.
    Release,
    /// Set aside in the dead-letter queue.
    DeadLetter {
        reason: Option<String>,
        description: Option<String>,
        changes: PropertyChanges,
    },
}

impl Queue {
    /// Applies a verdict; [`Queue::dispatch`] is left to the caller.
    pub(super) fn settle(
        &mut self,
        token: LockToken,
        settlement: Settlement,
        step: &mut Step<'_>,
    ) -> Result<Option<Departed>, BrokerError> {
        let sequence = self.locked(token)?;
        self.check_settlement(&settlement)?;
        match settlement {
            Settlement::Complete => {
                self.remove(sequence, step);
                self.record(sequence, Happening::Completed, step);
                Ok(None)
            }
            Settlement::Release => {
                self.record(sequence, Happening::Released, step);
                self.free(sequence, step);
                Ok(None)
            }
            Settlement::Abandon { changes } => {
                self.record(sequence, Happening::Abandoned, step);
                self.change(sequence, &changes);
                Ok(self.count_failure(sequence, step))
            }
            // The service counts a deferral: the last delivery there is cannot be deferred.
            Settlement::Defer { changes } => {
                self.record(sequence, Happening::Deferred, step);
                self.change(sequence, &changes);
                if let Some(stored) = self.messages.get_mut(&sequence) {
                    stored.state = MessageState::Deferred;
                }
                Ok(self.count_failure(sequence, step))
            }
            Settlement::DeadLetter {
                reason,
                description,
                mut changes,
            } => {
                if let Some(reason) = reason {
                    changes.set_text("DeadLetterReason", &reason);
                }
                if let Some(description) = description {
                    changes.set_text("DeadLetterErrorDescription", &description);
                }
                Ok(self.depart(sequence, changes, step))
            }
        }
    }

    /// Whether messages of this queue can be settled so.
    pub(super) fn check_settlement(&self, settlement: &Settlement) -> Result<(), BrokerError> {
        if matches!(settlement, Settlement::DeadLetter { .. }) && self.id.part != Part::Main {
            let path = self.path.to_string();
            return Err(BrokerError::DeadLetterOfDeadLetter { path });
        }
        Ok(())
    }

    fn change(&mut self, sequence: i64, changes: &PropertyChanges) {
        if changes.is_empty() {
            return;
        }
        if let Some(stored) = self.messages.get_mut(&sequence) {
            let before = stored.message.size();
            stored.message = Arc::new(stored.message.with_changes(changes));
            let after = stored.message.size();
            self.resize(before, after);
        }
    }
}
