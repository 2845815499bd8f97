//! A session: the frames of its links in order, its windows, its end.

mod attachment;
mod flow;
mod incoming;
mod outgoing;
mod verdict;

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::event::{Cause, Event, LinkId, SessionId};
use crate::link::{Link, LinkPhase};
use crate::outbox::Outbox;
use crate::performative::Performative;
use crate::settlement::{HeldDisposition, Unsettled};
use crate::types::definitions::{AmqpError, Error, Handle, SessionError};
use crate::types::performatives::{Begin, End};

use incoming::Incoming;
use outgoing::Outgoing;

pub use outgoing::{OutgoingDelivery, SendError};

/// What this side offers for a session.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// How many transfer frames the peer may have under way to us (AMQP 1.0, 2.5.6).
    pub incoming_window: u32,
    /// The number of our first transfer, and of our first delivery; they wrap, so any will do.
    pub next_outgoing_id: u32,
    /// The highest link handle that the peer may use.
    pub handle_max: u32,
}

impl Default for SessionOptions {
    fn default() -> Self {
        SessionOptions {
            incoming_window: 8192,
            next_outgoing_id: 0,
            handle_max: 4_999,
        }
    }
}

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Our begin is out, the answer is due.
    BeginSent,
    Active,
    /// Our end is out; whatever comes before the peer's is dropped.
    EndSent,
}

/// What a frame did to its session.
pub(crate) enum Progress {
    Going,
    /// Both ends are through; the channels are free.
    Over,
}

pub(crate) struct Session {
    pub(crate) id: SessionId,
    /// The channel that we send on.
    pub(crate) channel: u16,
    phase: Phase,
    /// The peer's begin is here.
    is_answered: bool,
    handle_max: u32,
    links: BTreeMap<u32, Link>,
    next_link: u32,
    local_handles: BTreeMap<u32, u32>,
    remote_handles: BTreeMap<u32, u32>,
    /// The highest handle that the peer takes.
    remote_handle_max: u32,
    incoming: Incoming,
    outgoing: Outgoing,
    held: Option<HeldDisposition>,
}

impl Session {
    /// Begins a session of ours, or (with the peer's begin and channel) answers one of the peer's.
    pub(crate) fn begin(
        id: SessionId,
        channel: u16,
        options: &SessionOptions,
        answer_to: Option<(&Begin, u16)>,
        out: &mut Outbox,
    ) -> Self {
        let mut session = Session {
            id,
            channel,
            phase: Phase::BeginSent,
            is_answered: false,
            handle_max: options.handle_max,
            links: BTreeMap::new(),
            next_link: 0,
            local_handles: BTreeMap::new(),
            remote_handles: BTreeMap::new(),
            remote_handle_max: u32::MAX,
            incoming: Incoming::new(options.incoming_window),
            outgoing: Outgoing::new(options.next_outgoing_id),
            held: None,
        };
        let begin = Begin {
            remote_channel: answer_to.map(|(_, remote)| remote),
            next_outgoing_id: options.next_outgoing_id,
            incoming_window: options.incoming_window,
            outgoing_window: u32::MAX >> 1,
            handle_max: Handle(options.handle_max),
            offered_capabilities: None,
            desired_capabilities: None,
            properties: None,
        };
        out.frame(channel, &Performative::Begin(Box::new(begin)));
        if let Some((begin, _)) = answer_to {
            session.begun(begin, out);
        }
        session
    }

    /// The peer's begin has arrived.
    pub(crate) fn begun(&mut self, begin: &Begin, out: &mut Outbox) {
        self.is_answered = true;
        self.incoming.begun(begin.next_outgoing_id);
        self.outgoing.window = begin.incoming_window;
        self.remote_handle_max = begin.handle_max.0;
        if self.phase == Phase::BeginSent {
            self.phase = Phase::Active;
            out.event(Event::SessionBegun { session: self.id });
        }
    }

    /// How many links there are, those included that the peer has yet to confirm the end of.
    pub(crate) fn link_count(&self) -> usize {
        self.links.len()
    }

    /// Whether a begin of the peer may still answer ours.
    pub(crate) fn awaits_answer(&self) -> bool {
        !self.is_answered
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.phase == Phase::EndSent
    }

    /// Takes a frame of the peer: its performative, which was `length` bytes long, and its payload.
    pub(crate) fn handle(
        &mut self,
        performative: Performative,
        length: usize,
        payload: Bytes,
        out: &mut Outbox,
    ) -> Progress {
        if let Performative::End(end) = performative {
            if self.phase != Phase::EndSent {
                self.write(&Performative::End(End { error: None }), out);
                self.report_end(&Cause::End(end.error), out);
            }
            return Progress::Over;
        }
        if self.phase == Phase::EndSent {
            return Progress::Going;
        }
        let result = match performative {
            Performative::Attach(attach) => self.handle_attach(attach, out),
            Performative::Flow(flow) => self.handle_flow(&flow, out),
            Performative::Transfer(transfer) => {
                self.handle_transfer(transfer, length, payload, out)
            }
            Performative::Disposition(disposition) => {
                self.handle_disposition(&disposition, length, out)
            }
            Performative::Detach(detach) => self.handle_detach(detach, out),
            Performative::Open(_)
            | Performative::Begin(_)
            | Performative::End(_)
            | Performative::Close(_) => Err(violation(
                AmqpError::NotAllowed,
                "the performative is not one of a session",
            )),
        };
        if let Err(error) = result {
            self.end(Some(error.clone()), Cause::Protocol(error), out);
        }
        Progress::Going
    }

    /// Ends the session from this side.
    pub(crate) fn end(&mut self, error: Option<Error>, cause: Cause, out: &mut Outbox) {
        if self.phase == Phase::EndSent {
            return;
        }
        self.write(&Performative::End(End { error }), out);
        self.phase = Phase::EndSent;
        self.report_end(&cause, out);
    }

    /// The session is over without an exchange of ends, because its connection is.
    pub(crate) fn connection_lost(&mut self, cause: &Cause, out: &mut Outbox) {
        if self.phase != Phase::EndSent {
            self.report_end(cause, out);
        }
    }

    fn report_end(&mut self, cause: &Cause, out: &mut Outbox) {
        self.held = None;
        // The peer may take its time to confirm the end, or never do.
        self.outgoing.forget_all();
        self.incoming.unsettled = Unsettled::new();
        for number in std::mem::take(&mut self.links).into_keys() {
            out.event(Event::Detached {
                link: self.link_id(number),
                closed: true,
                cause: cause.clone(),
            });
        }
        out.event(Event::SessionEnded {
            session: self.id,
            cause: cause.clone(),
        });
    }

    /// Writes what was held back in the hope of more of the same, and what the windows allow.
    pub(crate) fn flush(&mut self, out: &mut Outbox) {
        if self.phase == Phase::EndSent {
            return;
        }
        self.write_held(out);
        if self.incoming.window_is_due() {
            self.incoming.reopen();
            self.write_session_flow(out);
        }
    }

    /// Writes the verdict that was held back, if there is one.
    pub(crate) fn write_held(&mut self, out: &mut Outbox) {
        if let Some(held) = self.held.take() {
            out.frame(
                self.channel,
                &Performative::Disposition(held.into_disposition()),
            );
        }
    }

    fn write(&mut self, performative: &Performative, out: &mut Outbox) {
        self.write_held(out);
        out.frame(self.channel, performative);
    }

    /// Sending: deliveries that may be sent. Receiving: deliveries that may still arrive.
    pub(crate) fn credit(&self, link: LinkId) -> u32 {
        self.link(link).map_or(0, Link::outstanding)
    }

    fn link_id(&self, number: u32) -> LinkId {
        LinkId {
            session: self.id,
            number,
        }
    }

    pub(crate) fn link(&self, link: LinkId) -> Option<&Link> {
        self.links.get(&link.number)
    }

    /// The link behind a handle of the peer; a handle it never attached ends the session
    /// (AMQP 1.0, 2.8.17).
    fn link_at(&mut self, handle: u32) -> Result<(u32, &mut Link), Error> {
        let number = self.remote_handles.get(&handle).copied();
        number
            .and_then(|number| Some((number, self.links.get_mut(&number)?)))
            .ok_or_else(|| {
                violation(
                    SessionError::UnattachedHandle,
                    format!("handle {handle} is not attached"),
                )
            })
    }

    fn attached(&mut self, link: LinkId) -> Option<&mut Link> {
        self.links
            .get_mut(&link.number)
            .filter(|link| link.phase == LinkPhase::Attached)
    }
}

/// The error given to a peer that broke a rule.
pub(crate) fn violation(
    condition: impl Into<crate::types::definitions::ErrorCondition>,
    description: impl Into<String>,
) -> Error {
    Error::new(condition, Some(description.into()), None)
}
