//! One call of the client, as a row of the table.

use std::time::Duration;

use servicebus::{Error, ErrorKind, Result};
use servicebus_emulator::MessageTotals;

use crate::scene::{Scene, BACKOFF};

/// What a call depends on, as a set of these.
pub(crate) type Uses = u16;

/// It connects and attaches what it finds missing.
pub(crate) const DIALS: Uses = 1;
/// Nothing is connected when it begins.
pub(crate) const FRESH: Uses = 1 << 1;
/// It sends messages to an entity.
pub(crate) const SENDS: Uses = 1 << 2;
/// It waits for messages.
pub(crate) const RECEIVES: Uses = 1 << 3;
/// It settles messages on their link.
pub(crate) const SETTLES: Uses = 1 << 4;
/// It asks the entity's management node.
pub(crate) const ASKS: Uses = 1 << 5;
/// It speaks to the transaction coordinator.
pub(crate) const COORDINATES: Uses = 1 << 6;
/// It detaches or closes.
pub(crate) const CLOSES: Uses = 1 << 7;
/// It is not repeated once it may have been carried out.
pub(crate) const ONCE: Uses = 1 << 8;
/// It needs a session that another link would not have.
pub(crate) const SESSION: Uses = 1 << 9;
/// It is part of a transaction: never repeated, and gone with its connection.
pub(crate) const TRANSACTION: Uses = 1 << 10;
/// It needs a token for an entity.
pub(crate) const AUTHORIZES: Uses = 1 << 11;
/// It uses up a lock or a number: once it was carried out, a repetition is refused, which proves nothing.
pub(crate) const SPENDS: Uses = 1 << 12;

/// What one item of a call came to.
#[derive(Debug)]
pub(crate) enum Verdict {
    Done,
    /// No message came in time, which is no error.
    Nothing,
    Failed(Error),
}

impl Verdict {
    pub(crate) fn of<T>(result: Result<T>) -> Self {
        match result {
            Ok(_) => Verdict::Done,
            Err(error) => Verdict::Failed(error),
        }
    }

    /// Whether more time might have made it another, where `left` of it was left in the end.
    pub(crate) fn is_late(&self, left: Duration) -> bool {
        match self {
            Verdict::Done => false,
            Verdict::Nothing => true,
            Verdict::Failed(error) if error.kind() == ErrorKind::OperationTimeout => true,
            Verdict::Failed(error) => error.is_retryable() && left < BACKOFF * 2,
        }
    }

    pub(crate) fn of_some<T>(result: Result<Option<T>>) -> Self {
        match result {
            Ok(Some(_)) => Verdict::Done,
            Ok(None) => Verdict::Nothing,
            Err(error) => Verdict::Failed(error),
        }
    }
}

/// A call that can be made now; the handles it needs live as long as this.
pub(crate) type Prepared = Box<dyn FnMut() -> Vec<Verdict>>;

/// What the emulator counts when the call is carried out.
#[derive(Clone, Copy)]
pub(crate) struct Effect {
    pub(crate) entity: &'static str,
    pub(crate) count: fn(&MessageTotals) -> u64,
    /// For each item that is done.
    pub(crate) each: u64,
}

pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) uses: Uses,
    pub(crate) prepare: fn(&Scene) -> Result<Prepared>,
    /// `None` where the emulator counts nothing, or a repetition counts again.
    pub(crate) effect: Option<Effect>,
}

impl Call {
    pub(crate) fn new(
        name: &'static str,
        uses: Uses,
        prepare: fn(&Scene) -> Result<Prepared>,
    ) -> Self {
        Call {
            name,
            uses,
            prepare,
            effect: None,
        }
    }

    /// Each item that is done counts so much in the entity's totals.
    pub(crate) fn counts(
        mut self,
        entity: &'static str,
        each: u64,
        count: fn(&MessageTotals) -> u64,
    ) -> Self {
        self.effect = Some(Effect {
            entity,
            count,
            each,
        });
        self
    }
}

/// A call with one result.
pub(crate) fn single<T>(mut call: impl FnMut() -> Result<T> + 'static) -> Result<Prepared> {
    Ok(Box::new(move || vec![Verdict::of(call())]))
}

/// A call with a result for each item.
pub(crate) fn several<T>(mut call: impl FnMut() -> Vec<Result<T>> + 'static) -> Result<Prepared> {
    Ok(Box::new(move || {
        call().into_iter().map(Verdict::of).collect()
    }))
}

/// A call that may find nothing.
pub(crate) fn search<T>(mut call: impl FnMut() -> Result<Option<T>> + 'static) -> Result<Prepared> {
    Ok(Box::new(move || vec![Verdict::of_some(call())]))
}
