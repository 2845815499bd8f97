//! Where a fault acts.

use super::effect::{Effect, Step, StreamEffect};
use super::frame::{Direction, Frame, FrameKind};
use super::InvalidFault;

/// What a place must be like; what is not set does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) connection: Option<u64>,
    pub(super) entity: Option<String>,
    pub(super) link: Option<String>,
    pub(super) client_sends: Option<bool>,
    pub(super) operation: Option<String>,
    pub(super) direction: Option<Direction>,
    pub(super) frame_number: Option<u64>,
    pub(super) frame_kind: Option<FrameKind>,
}

/// Where something happens.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place<'a> {
    /// The number of the connection.
    pub(crate) connection: u64,
    pub(crate) entity: Option<&'a str>,
    /// The name of the link.
    pub(crate) link: Option<&'a str>,
    pub(crate) client_sends: Option<bool>,
    /// What a request asks for.
    pub(crate) operation: Option<&'a str>,
    pub(crate) direction: Option<Direction>,
    pub(crate) frame: Option<Frame>,
}

impl Scope {
    pub(super) fn includes(&self, place: &Place<'_>) -> bool {
        let is_entity = |wanted: &String| {
            place
                .entity
                .is_some_and(|entity| entity.eq_ignore_ascii_case(wanted))
        };
        self.includes_connection(place.connection)
            && self.entity.as_ref().is_none_or(is_entity)
            && (self.link.is_none() || self.link.as_deref() == place.link)
            && (self.client_sends.is_none() || self.client_sends == place.client_sends)
            && (self.operation.is_none() || self.operation.as_deref() == place.operation)
            && (self.direction.is_none() || self.direction == place.direction)
            && self.includes_frame(place.frame)
    }

    fn includes_frame(&self, frame: Option<Frame>) -> bool {
        let number = frame.map(|frame| frame.number);
        let kind = frame.and_then(|frame| frame.kind);
        (self.frame_number.is_none() || self.frame_number == number)
            && (self.frame_kind.is_none() || self.frame_kind == kind)
    }

    pub(super) fn includes_connection(&self, number: u64) -> bool {
        self.connection.is_none_or(|wanted| wanted == number)
    }

    /// Whether only some links of a connection are meant.
    pub(super) fn names_links(&self) -> bool {
        self.entity.is_some() || self.link.is_some() || self.client_sends.is_some()
    }

    /// Refuses what the effect knows nothing of.
    pub(super) fn check(&self, effect: &Effect) -> Result<(), InvalidFault> {
        let (entity, link, operation) = match effect {
            Effect::Answer { step, .. } => match step {
                Step::Sasl | Step::Open => (false, false, false),
                Step::Attach | Step::Message | Step::Settlement => (true, true, false),
                Step::Token => (true, false, false),
                Step::Request => (true, false, true),
            },
            Effect::Sever { .. } | Effect::WithholdCredit => (true, true, false),
            Effect::Handshake(_) | Effect::ExpireTokens | Effect::Stream(_) => {
                (false, false, false)
            }
        };
        let paced = matches!(
            effect,
            Effect::Stream(StreamEffect::Latency { .. } | StreamEffect::Throttle { .. })
        );
        let framed = matches!(effect, Effect::Stream(StreamEffect::Frame(..)));
        let of_frame = self.frame_number.is_some() || self.frame_kind.is_some();
        let surplus = [
            ("entity", self.entity.is_some() && !entity),
            ("link", self.link.is_some() && !link),
            ("kind of link", self.client_sends.is_some() && !link),
            ("operation", self.operation.is_some() && !operation),
            ("direction", self.direction.is_some() && !paced),
            ("frame", of_frame && !framed),
        ];
        match surplus.iter().find(|(_, surplus)| *surplus) {
            Some((what, _)) => Err(InvalidFault(format!(
                "{} cannot be told by its {what}",
                effect.name()
            ))),
            None => Ok(()),
        }
    }
}
