//! A connection: handshake, open and close, channels, heartbeats; the door to its sessions and links.

mod input;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use thiserror::Error as ThisError;

use crate::event::{Cause, DeliveryId, Event, LinkId, SessionId};
use crate::handshake::Handshake;
use crate::heartbeat::Heartbeat;
use crate::outbox::Outbox;
use crate::performative::Performative;
use crate::session::{violation, OutgoingDelivery, SendError, Session, SessionOptions};
use crate::types::definitions::{AmqpError, ConnectionError, Error, Fields};
use crate::types::performatives::{Attach, Close};

/// What this side says of itself in its open.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    /// Names this end of the connection.
    pub container_id: String,
    /// Client: the host that is meant, in SASL and open.
    pub hostname: Option<String>,
    /// The largest frame that this side takes, in bytes; at least 512.
    pub max_frame_size: u32,
    /// The highest channel number that this side takes.
    pub channel_max: u16,
    /// Asks the peer to send something at least this often; it counts as dead after twice that.
    pub idle_timeout: Option<Duration>,
    /// How many links there may be at once, in all sessions. One that the peer has yet to confirm the end
    /// of counts. A peer that asks for more loses the session in which it does.
    pub max_links: usize,
    /// How many bytes may have come of deliveries that are not whole yet, in all sessions. A peer that
    /// sends more loses the session in which it does.
    pub max_unfinished: usize,
    /// Free-form properties of the open.
    pub properties: Option<Fields>,
    /// For sessions that the peer begins.
    pub session: SessionOptions,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        ConnectionOptions {
            container_id: String::new(),
            hostname: None,
            max_frame_size: 65_536,
            channel_max: 4_999,
            idle_timeout: None,
            max_links: usize::MAX,
            max_unfinished: usize::MAX,
            properties: None,
            session: SessionOptions::default(),
        }
    }
}

/// The connection is not open yet, or no longer, or has no channel left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[error("connection takes no session")]
pub struct NotOpen;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Handshake,
    /// Headers are exchanged, the peer's open is due.
    Opening,
    Open,
    /// Our close is out, the peer's is due.
    CloseSent,
    /// Nothing more is read; what is buffered may still be written.
    Ended,
}

/// One end of an AMQP connection, without I/O: bytes and the time go in, bytes and events come out.
pub struct Connection {
    options: ConnectionOptions,
    is_client: bool,
    phase: Phase,
    handshake: Handshake,
    heartbeat: Heartbeat,
    sessions: BTreeMap<SessionId, Session>,
    next_session: u32,
    /// Channels that our sessions send on.
    local_channels: BTreeSet<u16>,
    /// Sessions by the channel that the peer sends on.
    remote_channels: BTreeMap<u16, SessionId>,
    remote_channel_max: u16,
    out: Outbox,
}

impl Connection {
    /// The connecting end; it authenticates as ANONYMOUS.
    pub fn client(options: ConnectionOptions, now: Instant) -> Self {
        let mut out = Outbox::new();
        let handshake = Handshake::client(options.hostname.clone(), &mut out);
        Self::new(options, true, handshake, out, now)
    }

    /// The listening end. It insists on SASL with one of the mechanisms, or on none if there are none;
    /// where ANONYMOUS is among them, a client may go without SASL, and no [`Event::SaslInit`] comes.
    pub fn server(options: ConnectionOptions, mechanisms: &[&str], now: Instant) -> Self {
        let handshake = Handshake::server(mechanisms);
        Self::new(options, false, handshake, Outbox::new(), now)
    }

    fn new(
        options: ConnectionOptions,
        is_client: bool,
        handshake: Handshake,
        out: Outbox,
        now: Instant,
    ) -> Self {
        Connection {
            heartbeat: Heartbeat::new(options.idle_timeout, now),
            options,
            is_client,
            phase: Phase::Handshake,
            handshake,
            sessions: BTreeMap::new(),
            next_session: 0,
            local_channels: BTreeSet::new(),
            remote_channels: BTreeMap::new(),
            remote_channel_max: u16::MAX,
            out,
        }
    }

    /// The next thing that happened, in order.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.out.events.pop_front()
    }

    /// Whether events wait to be taken.
    pub fn has_events(&self) -> bool {
        !self.out.events.is_empty()
    }

    /// Server: the verdict on [`Event::SaslInit`]. A refusal ends the connection.
    ///
    /// What the client has sent already, without waiting for it, is to be handled then:
    /// [`resume_input`](Self::resume_input).
    pub fn sasl_outcome(&mut self, accepted: bool) {
        if let Err(cause) = self.handshake.verdict(accepted, &mut self.out) {
            self.terminate(cause);
        }
    }

    /// Begins a session.
    ///
    /// # Errors
    /// Before [`Event::Opened`], after the end, and where no channel is free.
    pub fn begin(&mut self, options: &SessionOptions) -> Result<SessionId, NotOpen> {
        if self.phase != Phase::Open {
            return Err(NotOpen);
        }
        self.new_session(options, None).ok_or(NotOpen)
    }

    /// Ends a session with everything on it.
    pub fn end(&mut self, session: SessionId, error: Option<Error>) {
        if let Some(session) = live(self.phase, &mut self.sessions, session) {
            session.end(error, Cause::Local, &mut self.out);
        }
    }

    /// Asks for a link. The handle and, where missing, a sender's initial delivery-count are filled in.
    /// `None` where the session is over or the peer takes no more links.
    pub fn attach(&mut self, session: SessionId, attach: Attach) -> Option<LinkId> {
        let session = live(self.phase, &mut self.sessions, session)?;
        session.attach(attach, &mut self.out)
    }

    /// Grants a link that the peer asked for; name, handle and role are filled in.
    pub fn accept(&mut self, link: LinkId, attach: Attach) {
        if let Some(session) = live(self.phase, &mut self.sessions, link.session) {
            session.accept(link, attach, &mut self.out);
        }
    }

    /// Refuses a link that the peer asked for: an attach without terminus, then a detach with the error.
    pub fn refuse(&mut self, link: LinkId, error: Error) {
        if let Some(session) = live(self.phase, &mut self.sessions, link.session) {
            session.refuse(link, error, &mut self.out);
        }
    }

    /// Detaches a link; [`Event::Detached`] follows when the peer has answered.
    pub fn detach(&mut self, link: LinkId, closed: bool, error: Option<Error>) {
        if let Some(session) = live(self.phase, &mut self.sessions, link.session) {
            session.detach(link, closed, error, Cause::Local, &mut self.out);
        }
    }

    /// Sends a delivery, as fast as the peer's session window allows.
    ///
    /// # Errors
    /// See [`SendError`]; nothing was sent then.
    pub fn send(
        &mut self,
        link: LinkId,
        delivery: OutgoingDelivery,
    ) -> Result<DeliveryId, SendError> {
        let session =
            live(self.phase, &mut self.sessions, link.session).ok_or(SendError::Detached)?;
        session.send(link, delivery, &mut self.out)
    }

    /// Sending: how many deliveries may be sent. Receiving: how many may still come, one that has come
    /// in part included.
    pub fn credit(&self, link: LinkId) -> u32 {
        self.session_of(link)
            .map_or(0, |session| session.credit(link))
    }

    /// Receiving: sets the credit outstanding, a delivery that has come in part included. Lower it
    /// only by [`drain`](Self::drain).
    pub fn set_credit(&mut self, link: LinkId, credit: u32) {
        if let Some(session) = live(self.phase, &mut self.sessions, link.session) {
            session.set_credit(link, credit, &mut self.out);
        }
    }

    /// Receiving: asks the peer to use the credit at once or give it up; [`Event::Drained`] follows.
    pub fn drain(&mut self, link: LinkId) {
        if let Some(session) = live(self.phase, &mut self.sessions, link.session) {
            session.drain(link, &mut self.out);
        }
    }

    /// Sending: gives up the credit left, after what was sent; the answer to a drain.
    pub fn drained(&mut self, link: LinkId) {
        if let Some(session) = live(self.phase, &mut self.sessions, link.session) {
            session.drained(link, &mut self.out);
        }
    }

    /// The largest message that the peer takes on a link that we send on; `None`: any.
    pub fn remote_max_message_size(&self, link: LinkId) -> Option<u64> {
        self.session_of(link)?.link(link)?.max_message_size
    }

    /// Sending: how many deliveries wait for the peer to open its session window.
    pub fn queued(&self, link: LinkId) -> u32 {
        self.session_of(link)
            .and_then(|session| session.link(link))
            .map_or(0, |link| link.queued)
    }

    /// The bytes of deliveries that wait for the peer to open the windows of its sessions.
    pub fn queued_bytes(&self) -> usize {
        self.sessions.values().map(Session::queued_bytes).sum()
    }

    fn session_of(&self, link: LinkId) -> Option<&Session> {
        self.sessions.get(&link.session)
    }

    /// Closes the connection; the peer's close ends it.
    pub fn close(&mut self, now: Instant, error: Option<Error>) {
        match self.phase {
            Phase::Handshake | Phase::Opening => self.terminate(Cause::Local),
            Phase::Open => {
                self.flush();
                if self.is_ended() {
                    return;
                }
                self.out.frame(0, &Performative::Close(Close { error }));
                self.phase = Phase::CloseSent;
                self.heartbeat.closing(now);
            }
            Phase::CloseSent | Phase::Ended => {}
        }
    }

    /// Nothing more will be read or written, beyond what is buffered.
    pub fn is_ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    /// Ended, and nothing is left to write.
    pub fn is_finished(&self) -> bool {
        self.phase == Phase::Ended && self.out.bytes.is_empty()
    }

    /// Bytes that the transport has not taken yet.
    pub fn buffered_output(&self) -> usize {
        self.out.bytes.len()
    }

    /// What is to be written; the driver removes what it wrote.
    pub fn output(&mut self) -> &mut BytesMut {
        self.flush();
        &mut self.out.bytes
    }

    fn flush(&mut self) {
        if self.phase != Phase::Open {
            return;
        }
        for session in self.sessions.values_mut() {
            session.flush(&mut self.out);
        }
        if let Some(text) = self.out.failure.take() {
            self.fail(violation(AmqpError::InternalError, text));
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        (self.phase != Phase::Ended).then(|| self.heartbeat.next())?
    }

    /// Does what is due: sends a heartbeat, gives a silent peer up.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.phase == Phase::Ended {
            return;
        }
        if self.heartbeat.peer_is_dead(now) {
            if self.phase == Phase::Open {
                let error = violation(
                    ConnectionError::ConnectionForced,
                    "nothing was heard from the peer for too long",
                );
                self.out
                    .frame(0, &Performative::Close(Close { error: Some(error) }));
            }
            self.terminate(Cause::IdleTimeout);
            return;
        }
        if self.heartbeat.is_due(now) {
            self.out.heartbeat();
        }
    }

    /// The transport ended or failed.
    pub fn transport_closed(&mut self, text: &str) {
        if self.phase == Phase::CloseSent {
            self.terminate(Cause::Local);
        } else {
            self.terminate(Cause::Transport(text.to_owned()));
        }
        self.out.bytes.clear();
    }

    /// The peer broke a rule of the connection: tell it, and end.
    fn fail(&mut self, error: Error) {
        if matches!(self.phase, Phase::Opening | Phase::Open) {
            if self.phase == Phase::Opening && !self.is_client {
                self.write_open();
            }
            let close = Close {
                error: Some(error.clone()),
            };
            self.out.frame(0, &Performative::Close(close));
        }
        self.terminate(Cause::Protocol(error));
    }

    fn terminate(&mut self, cause: Cause) {
        if self.phase == Phase::Ended {
            return;
        }
        self.phase = Phase::Ended;
        self.remote_channels.clear();
        for (_, mut session) in std::mem::take(&mut self.sessions) {
            session.connection_lost(&cause, &mut self.out);
        }
        self.out.event(Event::Closed { cause });
    }
}

/// A session that frames may still be written for: none is after our close (AMQP 1.0, 2.4.6).
fn live(
    phase: Phase,
    sessions: &mut BTreeMap<SessionId, Session>,
    session: SessionId,
) -> Option<&mut Session> {
    sessions.get_mut(&session).filter(|_| phase == Phase::Open)
}
