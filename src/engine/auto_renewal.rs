//! What a receiver has renewed automatically: its messages from their arrival, single ones, and its session.

use std::sync::Arc;
use std::time::Duration;

use super::closing::closed_error;
use super::message_session::no_session;
use super::receiver::Receiver;
use super::renewals::Renewals;
use super::renewed_lock::Way;
use crate::error::Result;
use crate::model::lock::MessageLock;
use crate::model::received::ReceivedMessage;

/// Registers the messages of one link as they arrive.
pub(crate) struct Keeper {
    renewals: Arc<Renewals>,
    way: Arc<Way>,
}

impl Keeper {
    pub(super) fn arrived(&self, lock: &Arc<MessageLock>) {
        if self.renewals.is_closed() {
            return;
        }
        self.renewals.keep_message(&self.way, lock, None);
    }
}

impl Receiver {
    /// Renews the lock on a message automatically; with `None` for as long as the renewer does by default.
    ///
    /// # Errors
    /// `InvalidOperation` for a message of another entity, or one that the lock on a session covers;
    /// `MessageAlreadySettled`.
    pub(crate) fn keep_message(
        &self,
        renewals: &Renewals,
        lock: &Arc<MessageLock>,
        max_duration: Option<Duration>,
    ) -> Result<()> {
        self.check_open()?;
        self.check_own(lock)?;
        lock.check_renewable()?;
        renewals.keep_message(&self.way(), lock, max_duration);
        Ok(())
    }

    fn check_open(&self) -> Result<()> {
        if self.closing().is_closed() {
            return Err(closed_error());
        }
        Ok(())
    }

    /// Renews the locks on messages that came around the link where the receiver was opened with a renewer.
    pub(super) fn keep_arrived(&self, messages: &[ReceivedMessage]) {
        let keeper = self.keeper();
        for lock in messages.iter().filter_map(ReceivedMessage::lock) {
            if let Some(keeper) = &keeper {
                keeper.arrived(lock);
            }
        }
    }

    /// What registers the messages of this receiver; to be called on the I/O thread.
    pub(super) fn keeper(&self) -> Option<Keeper> {
        let renewals = self.terms().renewals.clone()?;
        Some(Keeper {
            renewals,
            way: self.way(),
        })
    }

    /// Renews the lock on its session automatically where the receiver was opened with a renewer.
    pub(crate) fn keep_own_session(&self) -> Result<()> {
        match &self.terms().renewals {
            Some(renewals) if self.terms().session.is_some() => self.keep_session(renewals, None),
            _ => Ok(()),
        }
    }

    /// Renews the lock on the session that the receiver holds, likewise.
    ///
    /// # Errors
    /// `InvalidOperation` where it holds none.
    pub(crate) fn keep_session(
        &self,
        renewals: &Renewals,
        max_duration: Option<Duration>,
    ) -> Result<()> {
        self.check_open()?;
        let link = self.last_link();
        let session = link.as_ref().and_then(|link| link.session());
        let session = session.ok_or_else(no_session)?;
        renewals.keep_session(&self.way(), session, max_duration);
        Ok(())
    }
}
