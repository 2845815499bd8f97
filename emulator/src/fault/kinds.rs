//! Every kind of fault that there is.
//!
//! Conditions are AMQP's or the service's, such as `com.microsoft:server-busy`; they come with the
//! service's text where it is known. Times are of transport time, except for those of byte streams,
//! which are real.

use std::time::Duration;

use super::effect::{Answer, Effect, Flaw, FrameAct, HandshakeEffect, Severed, Step, StreamEffect};
use super::frame::{Direction, FrameKind};
use super::reason::Reason;
use super::Fault;

/// TLS handshakes, where there is a [TLS port](crate::EmulatorBuilder::tls_port). Each that a client begins is an
/// occasion; connections that stand are left alone.
impl Fault {
    /// Shows clients a certificate that has expired.
    pub fn expired_certificate() -> Self {
        Self::handshake(HandshakeEffect::Show(Flaw::Expired))
    }

    /// Shows clients a certificate that is not valid yet.
    pub fn not_yet_valid_certificate() -> Self {
        Self::handshake(HandshakeEffect::Show(Flaw::NotYetValid))
    }

    /// Shows clients a certificate that is for `elsewhere.invalid`.
    pub fn wrong_host_certificate() -> Self {
        Self::handshake(HandshakeEffect::Show(Flaw::WrongHost))
    }

    /// Shows clients a certificate that another authority has signed than the
    /// [root](crate::Emulator::tls_root_pem) they know.
    pub fn untrusted_certificate() -> Self {
        Self::handshake(HandshakeEffect::Show(Flaw::Untrusted))
    }

    /// Lets only clients in that have a certificate of the root, such as
    /// [`Emulator::tls_client_certificate_pem`](crate::Emulator::tls_client_certificate_pem).
    pub fn demand_client_certificate() -> Self {
        Self::handshake(HandshakeEffect::DemandCertificate)
    }

    /// Ends the stream in place of an answer.
    pub fn cut_handshake() -> Self {
        Self::handshake(HandshakeEffect::Cut)
    }

    /// Never answers; as any handshake that is not done by then, it is given up after 20 seconds of transport time.
    pub fn stall_handshake() -> Self {
        Self::handshake(HandshakeEffect::Stall)
    }
}

/// The beginning of AMQP.
impl Fault {
    /// Refuses the client's SASL exchange, whatever its mechanism.
    pub fn refuse_sasl() -> Self {
        Self::refuse(Step::Sasl, Reason::of("amqp:unauthorized-access"))
    }

    /// Closes the connection with a condition right after it was opened (AMQP 1.0, 2.4.1: this is how
    /// an open is refused).
    pub fn refuse_open(condition: impl Into<String>) -> Self {
        Self::refuse(Step::Open, Reason::of(condition))
    }
}

/// Links.
impl Fault {
    /// Refuses links with a condition.
    pub fn refuse_attach(condition: impl Into<String>) -> Self {
        Self::refuse(Step::Attach, Reason::of(condition))
    }

    /// Looks at a request for a link only after a while.
    pub fn delay_attach(by: Duration) -> Self {
        Self::delay(Step::Attach, by)
    }

    /// Never answers requests for links.
    pub fn drop_attach() -> Self {
        Self::drop_answer(Step::Attach)
    }

    /// Detaches links with a condition: those that are attached now, or
    /// [after some deliveries](Fault::after_deliveries).
    pub fn detach_link(condition: impl Into<String>) -> Self {
        Self::sever(Severed::Link, condition)
    }

    /// Ends the sessions of links with a condition: now, or
    /// [after some deliveries](Fault::after_deliveries). A session without a link is left alone.
    pub fn end_session(condition: impl Into<String>) -> Self {
        Self::sever(Severed::Session, condition)
    }

    /// Closes connections with a condition: now, or [after some deliveries](Fault::after_deliveries).
    pub fn close_connection(condition: impl Into<String>) -> Self {
        Self::sever(Severed::Connection, condition)
    }

    /// Gives links on which a client sends no credit, from the beginning or no more of it. They get
    /// it once the fault is cleared.
    pub fn withhold_credit() -> Self {
        Self::new(Effect::WithholdCredit)
    }
}

/// Messages.
impl Fault {
    /// Rejects messages with a condition; they are not stored.
    pub fn reject_message(condition: impl Into<String>) -> Self {
        Self::refuse(Step::Message, Reason::of(condition))
    }

    /// Stores messages, and says so only after a while; until then their credit is not given back.
    pub fn delay_outcome(by: Duration) -> Self {
        Self::delay(Step::Message, by)
    }

    /// Stores messages and never says so; their credit is not given back.
    pub fn drop_outcome() -> Self {
        Self::drop_answer(Step::Message)
    }

    /// Refuses a receiver's verdicts on messages with a condition; the locks stay.
    pub fn refuse_settlement(condition: impl Into<String>) -> Self {
        Self::refuse(Step::Settlement, Reason::of(condition))
    }

    /// Carries verdicts out and confirms them only after a while.
    pub fn delay_settlement(by: Duration) -> Self {
        Self::delay(Step::Settlement, by)
    }

    /// Carries verdicts out and never confirms them.
    pub fn drop_settlement() -> Self {
        Self::drop_answer(Step::Settlement)
    }
}

/// Tokens and requests.
impl Fault {
    /// Answers tokens put to `$cbs` with a status such as 401, 404 or 500; they are not accepted.
    pub fn refuse_token(status: u16) -> Self {
        Self::refuse(Step::Token, Reason::of_status(i32::from(status)))
    }

    /// Answers tokens only after a while.
    pub fn delay_token(by: Duration) -> Self {
        Self::delay(Step::Token, by)
    }

    /// Never answers tokens; they are accepted.
    pub fn drop_token() -> Self {
        Self::drop_answer(Step::Token)
    }

    /// Lets the tokens of connections expire now: links that depend on them are detached.
    pub fn expire_tokens() -> Self {
        Self::new(Effect::ExpireTokens)
    }

    /// Answers requests to `$management` with a condition and the status that goes with it; they are
    /// not carried out.
    pub fn refuse_request(condition: impl Into<String>) -> Self {
        Self::refuse(Step::Request, Reason::of(condition))
    }

    /// Answers requests to `$management` with a status and the condition that goes with it; they are
    /// not carried out.
    pub fn refuse_request_with_status(status: u16) -> Self {
        Self::refuse(Step::Request, Reason::of_status(i32::from(status)))
    }

    /// Carries requests out and answers only after a while.
    pub fn delay_request(by: Duration) -> Self {
        Self::delay(Step::Request, by)
    }

    /// Carries requests out and never answers.
    pub fn drop_request() -> Self {
        Self::drop_answer(Step::Request)
    }
}

/// Byte streams. Frames are those that a client gets or sends, over TLS as well.
impl Fault {
    /// Cuts the streams of connections now, without a word of AMQP.
    pub fn cut_stream() -> Self {
        Self::stream(StreamEffect::Cut)
    }

    /// Cuts a stream before the next frame, or the one that is [of a number](Fault::frame_number) or
    /// [of a kind](Fault::frame_kind): what was sent before it arrives.
    pub fn cut_at_frame(direction: Direction) -> Self {
        Self::frame(direction, FrameAct::Cut)
    }

    /// Cuts a stream within an outgoing frame, of which the client gets so many bytes.
    pub fn truncate_frame(keep: usize) -> Self {
        Self::frame(Direction::Outbound, FrameAct::Truncate { keep })
    }

    /// Inverts a byte of outgoing frames; an offset beyond the end is that of the last byte. A frame
    /// begins with its size in 4 bytes, the performative is at 8.
    pub fn corrupt_frame(offset: usize) -> Self {
        Self::frame(Direction::Outbound, FrameAct::Corrupt { offset })
    }

    /// Leaves outgoing frames out.
    pub fn drop_frame() -> Self {
        Self::frame(Direction::Outbound, FrameAct::Drop)
    }

    /// Sends outgoing frames twice; of [`FrameKind::Disposition`], outcomes and confirmations.
    pub fn duplicate_frame() -> Self {
        Self::frame(Direction::Outbound, FrameAct::Duplicate)
    }

    /// Sends no empty frames, which keep a connection alive while there is nothing to say.
    pub fn withhold_heartbeats() -> Self {
        Self::drop_frame().frame_kind(FrameKind::Empty)
    }

    /// Reads nothing from clients.
    pub fn stall_reads() -> Self {
        Self::stream(StreamEffect::Stall(Direction::Inbound))
    }

    /// Writes nothing to clients.
    pub fn stall_writes() -> Self {
        Self::stream(StreamEffect::Stall(Direction::Outbound))
    }

    /// Lets bytes arrive only after a while, in both directions unless
    /// [`Fault::direction`] says otherwise; a day at most. Any number of frames is under way at once.
    pub fn latency(by: Duration) -> Self {
        Self::latency_with_jitter(by, Duration::ZERO)
    }

    /// A latency to which up to `jitter` is added each time; bytes stay in their order.
    pub fn latency_with_jitter(by: Duration, jitter: Duration) -> Self {
        Self::stream(StreamEffect::Latency { by, jitter })
    }

    /// Lets at most so many bytes a second through, in each direction unless [`Fault::direction`] says
    /// otherwise; 0 counts as 1.
    pub fn throttle(bytes_per_second: u64) -> Self {
        let rate = bytes_per_second.max(1);
        Self::stream(StreamEffect::Throttle { rate })
    }
}

impl Fault {
    fn handshake(effect: HandshakeEffect) -> Self {
        Self::new(Effect::Handshake(effect))
    }

    fn stream(effect: StreamEffect) -> Self {
        Self::new(Effect::Stream(effect))
    }

    fn frame(direction: Direction, act: FrameAct) -> Self {
        Self::stream(StreamEffect::Frame(direction, act))
    }

    fn refuse(step: Step, reason: Reason) -> Self {
        Self::at(step, Answer::Refuse(reason))
    }

    fn delay(step: Step, by: Duration) -> Self {
        Self::at(step, Answer::Delay(by))
    }

    fn drop_answer(step: Step) -> Self {
        Self::at(step, Answer::Drop)
    }

    fn at(step: Step, answer: Answer) -> Self {
        Self::new(Effect::Answer { step, answer })
    }

    fn sever(what: Severed, condition: impl Into<String>) -> Self {
        let reason = Reason::of(condition);
        Self::new(Effect::Sever { what, reason })
    }
}
