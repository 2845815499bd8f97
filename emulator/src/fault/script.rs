//! The faults that are set, and when each of them acts.

use std::collections::BTreeMap;

use super::delay_line::Pace;
use super::effect::{Answer, Effect, FrameAct, HandshakeEffect, Severed, Step, StreamEffect};
use super::reason::Reason;
use super::scope::Place;
use super::{Fault, FaultId, InvalidFault};

/// A fault that is set.
#[derive(Debug)]
struct Armed {
    fault: Fault,
    /// The occasions that it matched.
    seen: u64,
    /// How often it has acted.
    hits: u64,
    random: u64,
}

impl Armed {
    /// Counts an occasion that matches; says whether the fault acts.
    fn strikes(&mut self) -> bool {
        self.seen += 1;
        let due = match self.fault.deliveries {
            Some(count) => self.seen % count == 0 && self.seen / count > self.fault.skip,
            None => self.seen > self.fault.skip,
        };
        let acts = due
            && self.fault.times.is_none_or(|times| self.hits < times)
            && draw(&mut self.random) < self.fault.probability;
        self.hits += u64::from(acts);
        acts
    }
}

/// A number from 0 up to 1 (SplitMix64, the upper 53 bits).
fn draw(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    #[expect(
        clippy::cast_precision_loss,
        reason = "53 bits are what a double has room for"
    )]
    let upper = (mixed >> 11) as f64;
    upper / 9_007_199_254_740_992.0
}

/// The faults of one emulator.
#[derive(Debug, Default)]
pub(crate) struct Script {
    armed: BTreeMap<FaultId, Armed>,
    last: u64,
    /// Rises with every change.
    revision: u64,
    /// Some fault is one of byte streams.
    of_streams: bool,
}

impl Script {
    pub(crate) fn inject(&mut self, fault: Fault) -> Result<FaultId, InvalidFault> {
        fault.check()?;
        self.last += 1;
        self.revision += 1;
        let id = FaultId(self.last);
        let random = fault.seed;
        let armed = Armed {
            fault,
            seen: 0,
            hits: 0,
            random,
        };
        self.of_streams |= matches!(armed.fault.effect, Effect::Stream(_));
        self.armed.insert(id, armed);
        Ok(id)
    }

    /// Takes a fault back; `false` if it is not set.
    pub(crate) fn clear(&mut self, id: FaultId) -> bool {
        self.revision += 1;
        let was_set = self.armed.remove(&id).is_some();
        let mut left = self.armed.values();
        self.of_streams = left.any(|armed| matches!(armed.fault.effect, Effect::Stream(_)));
        was_set
    }

    pub(crate) fn clear_all(&mut self) {
        self.revision += 1;
        self.armed.clear();
        self.of_streams = false;
    }

    pub(crate) fn hits(&self, id: FaultId) -> Option<u64> {
        self.armed.get(&id).map(|armed| armed.hits)
    }

    /// The faults that are set: what kind each is of, and how often it has acted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (FaultId, &'static str, u64)> + '_ {
        let armed = self.armed.iter();
        armed.map(|(id, armed)| (*id, armed.fault.effect.name(), armed.hits))
    }

    /// Whether no fault is set, which is nearly always.
    pub(crate) fn is_empty(&self) -> bool {
        self.armed.is_empty()
    }

    /// Whether streams have to ask at all.
    pub(super) fn concern_streams(&self) -> bool {
        self.of_streams
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The fault that was set last, whether it still is or not.
    pub(crate) fn last(&self) -> FaultId {
        FaultId(self.last)
    }

    /// What a fault makes of a TLS handshake.
    pub(crate) fn handshake(&mut self, place: &Place<'_>) -> Option<HandshakeEffect> {
        self.strike(place, |fault| match fault.effect {
            Effect::Handshake(effect) => Some(effect),
            _ => None,
        })
    }

    /// What a fault makes of the answer to a step.
    pub(crate) fn answer(&mut self, at: Step, place: &Place<'_>) -> Option<Answer> {
        self.strike(place, |fault| match &fault.effect {
            Effect::Answer { step, answer } if *step == at => Some(answer.clone()),
            _ => None,
        })
    }

    /// What a message on a link leads to.
    pub(crate) fn after_delivery(&mut self, place: &Place<'_>) -> Option<(Severed, Reason)> {
        self.strike(place, |fault| match &fault.effect {
            Effect::Sever { what, reason } if fault.deliveries.is_some() => {
                Some((*what, reason.clone()))
            }
            _ => None,
        })
    }

    /// Whether a link gets no credit.
    pub(crate) fn withholds_credit(&mut self, place: &Place<'_>) -> bool {
        let strike = self.strike(place, |fault| {
            matches!(fault.effect, Effect::WithholdCredit).then_some(())
        });
        strike.is_some()
    }

    /// What becomes of a frame.
    pub(super) fn frame(&mut self, place: &Place<'_>) -> Option<FrameAct> {
        self.strike(place, |fault| match fault.effect {
            Effect::Stream(StreamEffect::Frame(direction, act)) => {
                (Some(direction) == place.direction).then_some(act)
            }
            _ => None,
        })
    }

    /// Whether nothing goes in a direction.
    pub(super) fn stall(&mut self, place: &Place<'_>) -> bool {
        let strike = self.strike(place, |fault| match fault.effect {
            Effect::Stream(StreamEffect::Stall(direction)) => {
                (Some(direction) == place.direction).then_some(())
            }
            _ => None,
        });
        strike.is_some()
    }

    /// How fast bytes go: latencies add up, the slowest throttle counts.
    pub(super) fn pace(&mut self, place: &Place<'_>) -> Pace {
        let mut pace = Pace::default();
        for armed in self.armed.values_mut() {
            let Effect::Stream(effect) = armed.fault.effect else {
                continue;
            };
            if !armed.fault.scope.includes(place) {
                continue;
            }
            match effect {
                StreamEffect::Latency { by, jitter } => {
                    let extra = jitter.mul_f64(draw(&mut armed.random));
                    pace.delay = pace.delay.saturating_add(by).saturating_add(extra);
                }
                StreamEffect::Throttle { rate } => {
                    pace.rate = Some(pace.rate.map_or(rate, |other| other.min(rate)));
                }
                StreamEffect::Cut | StreamEffect::Frame(..) | StreamEffect::Stall(_) => continue,
            }
            armed.hits += 1;
        }
        pace
    }

    /// The first fault set after `seen` that acts on what there is now and may act on a connection.
    pub(crate) fn next_sudden(&self, seen: FaultId, connection: u64) -> Option<(FaultId, Sudden)> {
        let after = (std::ops::Bound::Excluded(seen), std::ops::Bound::Unbounded);
        self.armed.range(after).find_map(|(id, armed)| {
            let fault = &armed.fault;
            let meant = fault.is_sudden() && fault.scope.includes_connection(connection);
            let sudden = || Sudden {
                effect: fault.effect.clone(),
                of_links: fault.scope.names_links(),
            };
            meant.then(|| (*id, sudden()))
        })
    }

    /// Whether a fault acts at a place.
    pub(crate) fn strikes(&mut self, id: FaultId, place: &Place<'_>) -> bool {
        let armed = self.armed.get_mut(&id);
        armed.is_some_and(|armed| armed.fault.scope.includes(place) && armed.strikes())
    }

    fn strike<T>(&mut self, place: &Place<'_>, applies: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.armed.values_mut().find_map(|armed| {
            let effect = applies(&armed.fault)?;
            let acts = armed.fault.scope.includes(place) && armed.strikes();
            acts.then_some(effect)
        })
    }
}

/// What a fault does that acts on what there is when it is set.
#[derive(Clone, Debug)]
pub(crate) struct Sudden {
    pub(crate) effect: Effect,
    /// Only some links are meant.
    pub(crate) of_links: bool,
}
