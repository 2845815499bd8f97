//! What a call may come to when a fault meets it.

use servicebus::ErrorKind;

use crate::call::{Call, Verdict, ONCE, SESSION, SPENDS, TRANSACTION};
use crate::fault_row::{FaultRow, Outcome};

#[derive(Debug, Default)]
pub(crate) struct Expectation {
    succeeds: bool,
    fails: Vec<ErrorKind>,
    /// With an unknown outcome, and not without.
    fails_unknown: Vec<ErrorKind>,
}

impl Expectation {
    pub(crate) fn of(call: &Call, fault: &FaultRow) -> Self {
        let uses = |those| call.uses & those != 0;
        let (succeeds, kinds) = match fault.outcome {
            _ if !uses(fault.meets) => (true, &[][..]),
            Outcome::Fails(kinds) => (false, kinds),
            // Nothing is repeated in a transaction.
            Outcome::Heals(kinds) if uses(TRANSACTION) => (true, kinds),
            Outcome::Heals(_) => (true, &[][..]),
            Outcome::Unsure(kinds) => (true, kinds),
        };
        let mut expected = Expectation {
            succeeds,
            fails: kinds.to_vec(),
            fails_unknown: Vec::new(),
        };
        if fault.severs {
            expected.after_a_loss(call, fault);
        }
        expected
    }

    /// What else may come of a link that is gone.
    fn after_a_loss(&mut self, call: &Call, fault: &FaultRow) {
        let uses = |those| call.uses & those != 0;
        if uses(ONCE) {
            self.fails_unknown.push(ErrorKind::Connection);
            self.fails_unknown.extend_from_slice(fault.kinds());
        }
        if uses(SPENDS) {
            let spent = [ErrorKind::MessageLockLost, ErrorKind::MessageNotFound];
            self.fails_unknown.extend(spent);
        }
        if uses(SESSION) {
            self.fails.push(ErrorKind::SessionLockLost);
        }
        if uses(TRANSACTION) {
            // The emulator's word for one that it has rolled back has no kind of its own.
            let gone = [
                ErrorKind::Connection,
                ErrorKind::InvalidOperation,
                ErrorKind::Other,
            ];
            self.fails.extend(gone);
            // Its links may be attached again, in vain.
            self.fails.extend_from_slice(fault.kinds());
        }
    }

    pub(crate) fn allows(&self, verdict: &Verdict) -> bool {
        match verdict {
            Verdict::Done => self.succeeds,
            Verdict::Nothing => self.fails.contains(&ErrorKind::OperationTimeout),
            Verdict::Failed(error) => {
                let kind = error.kind();
                let as_unknown = error.is_outcome_unknown() && self.fails_unknown.contains(&kind);
                as_unknown || self.fails.contains(&kind)
            }
        }
    }
}
