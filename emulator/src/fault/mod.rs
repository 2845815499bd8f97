//! Scripted faults: what is to go wrong, where, and how often.
//!
//! A [`Fault`] is data. The [`Script`] decides at a handful of places, named by [`Step`], whether
//! one of them acts; `wire/` asks it there. Faults of the byte stream are acted out by
//! [`FaultyStream`].

mod delay_line;
mod effect;
mod frame;
mod handle;
mod json;
mod kinds;
mod reason;
mod scope;
mod script;
mod stream;

use std::fmt;
use std::num::NonZeroU64;

use self::effect::StreamEffect;
pub(crate) use self::effect::{Answer, Effect, Flaw, HandshakeEffect, Severed, Step};
pub(crate) use self::frame::Cursor;
pub use self::frame::{Direction, FrameKind};
pub(crate) use self::reason::Reason;
pub(crate) use self::scope::Place;
use self::scope::Scope;
pub(crate) use self::script::{Script, Sudden};
pub(crate) use self::stream::FaultyStream;

/// Something that is to go wrong, for [`Emulator::inject`](crate::Emulator::inject).
///
/// A fault acts at every occasion that it matches until it is cleared, unless [`Fault::times`],
/// [`Fault::skip`] or [`Fault::probability`] says otherwise. Where several faults match an
/// occasion, the one that was injected first acts.
///
/// ```
/// use servicebus_emulator::{Emulator, Fault};
///
/// let emulator = Emulator::builder().queue("orders").start()?;
/// let busy = Fault::reject_message("com.microsoft:server-busy").entity("orders").times(2);
/// let id = emulator.inject(busy)?;
/// // The first two messages to the queue are refused.
/// assert_eq!(emulator.hits(id), Some(0));
/// emulator.clear(id);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a fault acts only once it is injected"]
pub struct Fault {
    effect: Effect,
    scope: Scope,
    /// Occasions to let pass first.
    skip: u64,
    /// How often it acts at most.
    times: Option<u64>,
    probability: f64,
    seed: u64,
    /// Acts on each such delivery of a link, in place of at once.
    deliveries: Option<NonZeroU64>,
}

/// Names a fault of one emulator; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(u64);

impl FaultId {
    pub(crate) fn number(self) -> u64 {
        self.0
    }

    pub(crate) fn from_number(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a fault cannot act as it is described.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidFault(String);

impl Fault {
    fn new(effect: Effect) -> Self {
        Self {
            effect,
            scope: Scope::default(),
            skip: 0,
            times: None,
            probability: 1.0,
            seed: 0,
            deliveries: None,
        }
    }

    /// Only on the connection of this number: they are counted from 1, in the order in which clients
    /// connect, and the journal shows the numbers.
    pub fn connection(mut self, number: u64) -> Self {
        self.scope.connection = Some(number);
        self
    }

    /// Only at this entity, in any letter case; `$cbs`, `$coordinator` and `<entity>/$management`
    /// are entities to faults of links.
    pub fn entity(mut self, path: impl Into<String>) -> Self {
        self.scope.entity = Some(path.into());
        self
    }

    /// Only on links of this name.
    pub fn link(mut self, name: impl Into<String>) -> Self {
        self.scope.link = Some(name.into());
        self
    }

    /// Only on links on which the client sends.
    pub fn senders(mut self) -> Self {
        self.scope.client_sends = Some(true);
        self
    }

    /// Only on links on which the client receives.
    pub fn receivers(mut self) -> Self {
        self.scope.client_sends = Some(false);
        self
    }

    /// Only for requests of this operation, such as `com.microsoft:renew-lock`.
    pub fn operation(mut self, name: impl Into<String>) -> Self {
        self.scope.operation = Some(name.into());
        self
    }

    /// Only in this direction, for faults of the pace of a stream.
    pub fn direction(mut self, direction: Direction) -> Self {
        self.scope.direction = Some(direction);
        self
    }

    /// Only at the frame of this number: they are counted from 1, in each direction of a connection,
    /// SASL frames included.
    pub fn frame_number(mut self, number: u64) -> Self {
        self.scope.frame_number = Some(number);
        self
    }

    /// Only at frames of this kind.
    pub fn frame_kind(mut self, kind: FrameKind) -> Self {
        self.scope.frame_kind = Some(kind);
        self
    }

    /// Lets this many occasions pass before it acts.
    pub fn skip(mut self, occasions: u64) -> Self {
        self.skip = occasions;
        self
    }

    /// Acts at most this many times.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Acts at an occasion only with this probability, 0 to 1.
    ///
    /// What is drawn depends on [`Fault::seed`] alone, so a test sees the same every time.
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// Where the random numbers of this fault begin; 0 unless set.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Detaches, ends or closes with every `count`th message on a link, sent or received, in place of
    /// at once; 0 counts as 1.
    pub fn after_deliveries(mut self, count: u64) -> Self {
        self.deliveries = Some(NonZeroU64::new(count).unwrap_or(NonZeroU64::MIN));
        self
    }

    /// Whether the fault acts on what there is when it is injected, and on nothing later.
    fn is_sudden(&self) -> bool {
        match self.effect {
            Effect::Sever { .. } => self.deliveries.is_none(),
            Effect::ExpireTokens | Effect::Stream(StreamEffect::Cut) => true,
            Effect::Handshake(_)
            | Effect::Answer { .. }
            | Effect::WithholdCredit
            | Effect::Stream(_) => false,
        }
    }

    /// Refuses what would be accepted and ignored.
    fn check(&self) -> Result<(), InvalidFault> {
        let name = self.effect.name();
        if !(0.0..=1.0).contains(&self.probability) {
            let text = format!("the probability {} is not from 0 to 1", self.probability);
            return Err(InvalidFault(text));
        }
        if self.deliveries.is_some() && !matches!(self.effect, Effect::Sever { .. }) {
            return Err(InvalidFault(format!("{name} does not count deliveries")));
        }
        let counted = self.skip > 0 || self.times.is_some() || self.probability < 1.0;
        if counted && self.effect.lasts() {
            return Err(InvalidFault(format!("{name} acts until it is cleared")));
        }
        self.scope.check(&self.effect)
    }
}
