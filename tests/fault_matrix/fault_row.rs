//! One fault of the emulator, as a row of the table.

use servicebus::ErrorKind;
use servicebus_emulator::Fault;

use crate::call::Uses;

/// What a call comes to that a fault meets.
#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    /// It fails with one of these kinds, as long as the fault lasts.
    Fails(&'static [ErrorKind]),
    /// It succeeds, within its deadline. One that must not be repeated may fail with one of these kinds.
    Heals(&'static [ErrorKind]),
    /// It succeeds, or fails with one of these kinds: what is lost may be what it waits for.
    Unsure(&'static [ErrorKind]),
}

pub(crate) struct FaultRow {
    /// The emulator's name for it, and what else tells it from its like.
    pub(crate) name: &'static str,
    pub(crate) faults: fn() -> Vec<Fault>,
    /// The calls that it meets: those that use any of these.
    pub(crate) meets: Uses,
    pub(crate) outcome: Outcome,
    /// Links are lost by it, and with them sessions and transactions.
    pub(crate) severs: bool,
    /// It needs a client that connects over TLS.
    pub(crate) over_tls: bool,
    /// Whether it comes to act while calls last.
    pub(crate) acts: bool,
    /// The connections are cut once it is set, so that it meets those who connect anew.
    pub(crate) cuts_first: bool,
}

impl FaultRow {
    pub(crate) fn new(
        name: &'static str,
        meets: Uses,
        outcome: Outcome,
        faults: fn() -> Vec<Fault>,
    ) -> Self {
        FaultRow {
            name,
            faults,
            meets,
            outcome,
            severs: false,
            over_tls: false,
            acts: true,
            cuts_first: false,
        }
    }

    /// What calls fail with that it meets.
    pub(crate) fn kinds(&self) -> &'static [ErrorKind] {
        match self.outcome {
            Outcome::Fails(kinds) | Outcome::Heals(kinds) | Outcome::Unsure(kinds) => kinds,
        }
    }

    /// It waits for what does not come within a call.
    pub(crate) fn without_an_occasion(mut self) -> Self {
        self.acts = false;
        self
    }

    /// Links are lost by it.
    pub(crate) fn severing(mut self) -> Self {
        self.severs = true;
        self
    }

    /// It acts on those who shake hands over TLS.
    pub(crate) fn of_tls(mut self) -> Self {
        self.over_tls = true;
        self.reconnecting()
    }

    /// It acts on those who connect, which everyone has to.
    pub(crate) fn reconnecting(mut self) -> Self {
        self.severs = true;
        self.cuts_first = true;
        self
    }
}
