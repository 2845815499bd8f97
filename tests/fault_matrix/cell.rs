//! One call and one fault: what must hold.

use std::fmt::Write;
use std::time::{Duration, Instant};

use servicebus::Result;

use crate::call::{Call, Effect, Prepared, Verdict, FRESH};
use crate::expectation::Expectation;
use crate::fault_row::FaultRow;
use crate::heartbeat::Heartbeat;
use crate::scene::Scene;

/// So much later than its deadline may a call return.
const GRACE: Duration = Duration::from_millis(500);
/// So often a call is repeated once the fault is over, before it counts as not recovering.
const ATTEMPTS: usize = 10;
/// The second and third are for a machine that is too busy to come to an answer within the first.
const DEADLINES: [Duration; 3] = [
    Duration::from_millis(300),
    Duration::from_millis(1_500),
    Duration::from_millis(7_500),
];

/// What a cell came to.
pub(crate) struct Report {
    /// How much later than its deadline the call under the fault returned.
    pub(crate) overrun: Duration,
    /// Whether the fault has acted.
    pub(crate) struck: bool,
}

/// Why a cell is not passed.
enum Failure {
    /// The deadline passed, though an answer was to come: to be repeated with more time.
    TooSlow(String),
    Broken(String),
}

/// Items of the calls so far.
#[derive(Default)]
struct Tally {
    applied: u64,
    unknown: u64,
}

struct Cell<'a> {
    call: &'a Call,
    fault: &'a FaultRow,
    heartbeat: &'a Heartbeat,
    scene: Scene,
    tally: Tally,
    told: Vec<String>,
}

/// Runs a cell, again with more time where it was too slow.
pub(crate) fn run(
    call: &Call,
    fault: &FaultRow,
    heartbeat: &Heartbeat,
) -> std::result::Result<Report, String> {
    let mut last = String::new();
    for deadline in DEADLINES {
        let cell = Cell {
            call,
            fault,
            heartbeat,
            scene: Scene::new(deadline, fault.over_tls),
            tally: Tally::default(),
            told: Vec::new(),
        };
        match cell.run() {
            Ok(report) => return Ok(report),
            Err(Failure::TooSlow(text)) => last = text,
            Err(Failure::Broken(text)) => return Err(text),
        }
    }
    Err(last)
}

impl Cell<'_> {
    fn run(mut self) -> std::result::Result<Report, Failure> {
        let mut prepared = (self.call.prepare)(&self.scene)
            .map_err(|error| self.broken(&format!("it cannot be prepared: {error:?}")))?;
        self.scene.emulator.record_frames(true);
        let ids = self.strike();
        let (verdicts, elapsed) = self.make(&mut prepared)?;
        let expected = Expectation::of(self.call, self.fault);
        let wrong = verdicts.iter().find(|verdict| !expected.allows(verdict));
        if let Some(wrong) = wrong {
            let text = format!("{wrong:?}, where one of {expected:?} was to come");
            return Err(
                if wrong.is_late(self.scene.deadline.saturating_sub(elapsed)) {
                    Failure::TooSlow(self.describe(&text))
                } else {
                    self.broken(&text)
                },
            );
        }
        self.agree()?;
        let struck = ids
            .iter()
            .any(|id| self.scene.emulator.hits(*id).unwrap_or_default() > 0);
        self.scene.emulator.clear_faults();
        self.recover()?;
        drop(prepared);
        self.scene.client.close().ok();
        self.agree()?;
        Ok(Report {
            overrun: elapsed.saturating_sub(self.scene.deadline),
            struck,
        })
    }

    fn strike(&self) -> Vec<servicebus_emulator::FaultId> {
        let emulator = &self.scene.emulator;
        let inject = |fault| emulator.inject(fault).expect("the fault is valid");
        let ids = (self.fault.faults)().into_iter().map(inject).collect();
        if self.fault.cuts_first {
            let cut = inject(servicebus_emulator::Fault::cut_stream());
            // Where there is a connection, it must be gone before the call.
            while self.call.uses & FRESH == 0 && emulator.hits(cut) == Some(0) {
                std::thread::yield_now();
            }
            emulator.clear(cut);
        }
        ids
    }

    /// Makes the call, by its deadline.
    fn make(
        &mut self,
        prepared: &mut Prepared,
    ) -> std::result::Result<(Vec<Verdict>, Duration), Failure> {
        let start = Instant::now();
        let verdicts = prepared();
        let elapsed = start.elapsed();
        let late = self.heartbeat.worst_since(start);
        self.told.push(format!(
            "{elapsed:?} (the machine was late by up to {late:?}): {verdicts:?}"
        ));
        for verdict in &verdicts {
            match verdict {
                Verdict::Done => self.tally.applied += 1,
                Verdict::Failed(error) if error.is_outcome_unknown() => self.tally.unknown += 1,
                Verdict::Nothing | Verdict::Failed(_) => {}
            }
        }
        if elapsed > self.scene.deadline + GRACE {
            return Err(self.broken(&format!("it took {elapsed:?}")));
        }
        Ok((verdicts, elapsed))
    }

    /// The fault is over: the same client does the same call.
    fn recover(&mut self) -> std::result::Result<(), Failure> {
        let mut too_slow = true;
        for _ in 0..ATTEMPTS {
            let prepared: Result<Prepared> = (self.call.prepare)(&self.scene);
            match prepared {
                Err(error) => self.told.push(format!("preparing again: {error:?}")),
                Ok(mut prepared) => {
                    let (verdicts, elapsed) = self.make(&mut prepared)?;
                    self.agree()?;
                    if verdicts
                        .iter()
                        .all(|verdict| matches!(verdict, Verdict::Done))
                    {
                        return Ok(());
                    }
                    let left = self.scene.deadline.saturating_sub(elapsed);
                    too_slow &= verdicts
                        .iter()
                        .all(|verdict| verdict.is_late(left) || matches!(verdict, Verdict::Done));
                }
            }
        }
        let what = "it does not recover";
        Err(if too_slow {
            Failure::TooSlow(self.describe(what))
        } else {
            self.broken(what)
        })
    }

    /// What was said to be applied was, and what was said to be refused was not.
    fn agree(&self) -> std::result::Result<(), Failure> {
        let Some(Effect {
            entity,
            count,
            each,
        }) = self.call.effect
        else {
            return Ok(());
        };
        let totals = self
            .scene
            .emulator
            .totals(entity)
            .expect("the entity exists");
        let happened = count(&totals);
        let Tally { applied, unknown } = self.tally;
        if (each * applied..=each * (applied + unknown)).contains(&happened) {
            return Ok(());
        }
        Err(self.broken(&format!(
            "the emulator counts {happened}, where {applied} were applied and {unknown} are unknown, {each} each"
        )))
    }

    fn broken(&self, what: &str) -> Failure {
        Failure::Broken(self.describe(what))
    }

    fn describe(&self, what: &str) -> String {
        let Cell { call, fault, .. } = self;
        let mut text = format!("\"{}\" meets \"{}\": {what}", call.name, fault.name);
        for told in &self.told {
            write!(text, "\n    {told}").expect("a string takes all");
        }
        for line in self.scene.emulator.journal() {
            write!(text, "\n        {line}").expect("a string takes all");
        }
        text
    }
}
