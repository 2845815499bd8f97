//! What a fault does.

use std::time::Duration;

use super::frame::Direction;
use super::reason::Reason;

/// Where a client waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It has chosen a SASL mechanism.
    Sasl,
    /// It has opened the connection.
    Open,
    /// It has asked for a link.
    Attach,
    /// It has sent a message.
    Message,
    /// It has decided on a message.
    Settlement,
    /// It has put a token.
    Token,
    /// It has asked a `$management` node.
    Request,
}

/// What becomes of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// What the client wants is not done.
    Refuse(Reason),
    /// The answer waits, in transport time. What the client wants is done before, except that a link
    /// is granted after.
    Delay(Duration),
    /// What the client wants is done, and it is not told.
    Drop,
}

/// What is taken from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severed {
    Link,
    Session,
    Connection,
}

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameAct {
    /// The stream ends before it.
    Cut,
    /// The stream ends within it.
    Truncate {
        keep: usize,
    },
    /// A byte of it is inverted.
    Corrupt {
        offset: usize,
    },
    Drop,
    Duplicate,
}

/// What becomes of the byte stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamEffect {
    /// It ends now.
    Cut,
    Frame(Direction, FrameAct),
    Stall(Direction),
    Latency {
        by: Duration,
        jitter: Duration,
    },
    /// In bytes a second.
    Throttle {
        rate: u64,
    },
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    Expired,
    NotYetValid,
    WrongHost,
    /// Signed by an authority that nobody knows.
    Untrusted,
}

/// What becomes of a TLS handshake, once the client has begun it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandshakeEffect {
    Show(Flaw),
    /// Clients must have a certificate of their own.
    DemandCertificate,
    Cut,
    Stall,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Handshake(HandshakeEffect),
    Answer { step: Step, answer: Answer },
    Sever { what: Severed, reason: Reason },
    ExpireTokens,
    WithholdCredit,
    Stream(StreamEffect),
}

impl Effect {
    /// What the fault is called over HTTP and in texts: its constructor, with hyphens.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Effect::Handshake(effect) => match effect {
                HandshakeEffect::Show(Flaw::Expired) => "expired-certificate",
                HandshakeEffect::Show(Flaw::NotYetValid) => "not-yet-valid-certificate",
                HandshakeEffect::Show(Flaw::WrongHost) => "wrong-host-certificate",
                HandshakeEffect::Show(Flaw::Untrusted) => "untrusted-certificate",
                HandshakeEffect::DemandCertificate => "demand-client-certificate",
                HandshakeEffect::Cut => "cut-handshake",
                HandshakeEffect::Stall => "stall-handshake",
            },
            Effect::Answer { step, answer } => match (step, answer) {
                (Step::Sasl, _) => "refuse-sasl",
                (Step::Open, _) => "refuse-open",
                (Step::Attach, Answer::Refuse(_)) => "refuse-attach",
                (Step::Attach, Answer::Delay(_)) => "delay-attach",
                (Step::Attach, Answer::Drop) => "drop-attach",
                (Step::Message, Answer::Refuse(_)) => "reject-message",
                (Step::Message, Answer::Delay(_)) => "delay-outcome",
                (Step::Message, Answer::Drop) => "drop-outcome",
                (Step::Settlement, Answer::Refuse(_)) => "refuse-settlement",
                (Step::Settlement, Answer::Delay(_)) => "delay-settlement",
                (Step::Settlement, Answer::Drop) => "drop-settlement",
                (Step::Token, Answer::Refuse(_)) => "refuse-token",
                (Step::Token, Answer::Delay(_)) => "delay-token",
                (Step::Token, Answer::Drop) => "drop-token",
                (Step::Request, Answer::Refuse(_)) => "refuse-request",
                (Step::Request, Answer::Delay(_)) => "delay-request",
                (Step::Request, Answer::Drop) => "drop-request",
            },
            Effect::Sever { what, .. } => match what {
                Severed::Link => "detach-link",
                Severed::Session => "end-session",
                Severed::Connection => "close-connection",
            },
            Effect::ExpireTokens => "expire-tokens",
            Effect::WithholdCredit => "withhold-credit",
            Effect::Stream(effect) => match effect {
                StreamEffect::Cut => "cut-stream",
                StreamEffect::Frame(_, FrameAct::Cut) => "cut-at-frame",
                StreamEffect::Frame(_, FrameAct::Truncate { .. }) => "truncate-frame",
                StreamEffect::Frame(_, FrameAct::Corrupt { .. }) => "corrupt-frame",
                StreamEffect::Frame(_, FrameAct::Drop) => "drop-frame",
                StreamEffect::Frame(_, FrameAct::Duplicate) => "duplicate-frame",
                StreamEffect::Stall(Direction::Inbound) => "stall-reads",
                StreamEffect::Stall(Direction::Outbound) => "stall-writes",
                StreamEffect::Latency { .. } => "latency",
                StreamEffect::Throttle { .. } => "throttle",
            },
        }
    }

    /// Whether it is a state of things, which lasts until the fault is cleared, and not something that
    /// happens.
    pub(super) fn lasts(&self) -> bool {
        match self {
            Effect::WithholdCredit => true,
            Effect::Stream(effect) => match effect {
                StreamEffect::Stall(_)
                | StreamEffect::Latency { .. }
                | StreamEffect::Throttle { .. } => true,
                StreamEffect::Cut | StreamEffect::Frame(..) => false,
            },
            Effect::Handshake(_)
            | Effect::Answer { .. }
            | Effect::Sever { .. }
            | Effect::ExpireTokens => false,
        }
    }
}
