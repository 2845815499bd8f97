//! What the peer sends: the handshake, then frames, each to the connection or to its session.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use crate::event::{Cause, Event, SessionId};
use crate::framing::{take_frame, Frame, FrameKind, MIN_MAX_FRAME_SIZE};
use crate::handshake::Advance;
use crate::performative::{read_performative, Performative};
use crate::session::{violation, Progress, Session, SessionOptions};
use crate::types::definitions::{AmqpError, ConnectionError};
use crate::types::performatives::{Begin, Close, Open};

use super::{Connection, Phase};

/// With more events than this untaken, no further frame is read: a few bytes may speak of every
/// unsettled delivery, over and over.
const EVENTS_AT_ONCE: usize = 4096;

impl Connection {
    /// Takes what the peer sent. What is left in the buffer needs more bytes, or
    /// [`resume_input`](Self::resume_input).
    pub fn handle_input(&mut self, now: Instant, input: &mut BytesMut) {
        self.heartbeat.heard(now);
        self.resume_input(input);
    }

    /// Goes on with what was left because the owner had to act first: give its verdict on
    /// [`Event::SaslInit`], or take the events there were.
    pub fn resume_input(&mut self, input: &mut BytesMut) {
        if self.phase == Phase::Handshake && !self.advance_handshake(input) {
            return;
        }
        while !self.is_ended() && self.out.events.len() < EVENTS_AT_ONCE {
            match take_frame(input, self.options.max_frame_size.max(MIN_MAX_FRAME_SIZE)) {
                Ok(Some(frame)) => self.handle_frame(frame),
                Ok(None) => return,
                Err(error) => {
                    self.fail(violation(ConnectionError::FramingError, error.to_string()))
                }
            }
        }
        if self.is_ended() {
            input.clear();
        }
    }

    /// True once frames may follow.
    fn advance_handshake(&mut self, input: &mut BytesMut) -> bool {
        match self.handshake.advance(input, &mut self.out) {
            Advance::Waiting => false,
            Advance::Failed(cause) => {
                self.terminate(cause);
                false
            }
            Advance::Done => {
                self.phase = Phase::Opening;
                if self.is_client {
                    self.write_open();
                }
                true
            }
        }
    }

    pub(super) fn write_open(&mut self) {
        let options = &self.options;
        let open = Open {
            container_id: options.container_id.clone(),
            hostname: options.hostname.clone(),
            max_frame_size: options.max_frame_size.max(MIN_MAX_FRAME_SIZE).into(),
            channel_max: options.channel_max.into(),
            idle_time_out: options
                .idle_timeout
                .map(|idle| u32::try_from(idle.as_millis()).unwrap_or(u32::MAX)),
            outgoing_locales: None,
            incoming_locales: None,
            offered_capabilities: None,
            desired_capabilities: None,
            properties: options.properties.clone(),
        };
        self.out.frame(0, &Performative::Open(Box::new(open)));
    }

    fn handle_frame(&mut self, frame: Frame) {
        if frame.kind != FrameKind::Amqp {
            return self.fail(violation(
                ConnectionError::FramingError,
                "a frame that is not AMQP arrived",
            ));
        }
        if frame.body.is_empty() {
            return;
        }
        let (performative, extent) = match read_performative(&frame.body) {
            Ok(read) => read,
            Err(error) => {
                return self.fail(violation(AmqpError::DecodeError, error.to_string()));
            }
        };
        let payload = frame.body.slice(extent.min(frame.body.len())..);
        match (self.phase, performative) {
            (Phase::Opening, Performative::Open(open)) => self.opened(open),
            (Phase::Open, Performative::Begin(begin)) => self.begun(frame.channel, &begin),
            (Phase::Open | Phase::CloseSent, Performative::Close(close)) => self.closed(close),
            (Phase::Open, Performative::Open(_)) => {
                self.fail(violation(AmqpError::NotAllowed, "a second open arrived"))
            }
            (Phase::Open, performative) => {
                self.dispatch(frame.channel, performative, extent, payload)
            }
            (Phase::Opening, _) => self.fail(violation(
                AmqpError::NotAllowed,
                "a frame arrived before the open",
            )),
            (Phase::Handshake | Phase::CloseSent | Phase::Ended, _) => {}
        }
    }

    fn opened(&mut self, open: Box<Open>) {
        if !self.is_client {
            self.write_open();
        }
        self.phase = Phase::Open;
        self.out.max_frame_size = open.max_frame_size.0.max(MIN_MAX_FRAME_SIZE);
        self.remote_channel_max = open.channel_max.0;
        self.heartbeat.opened(
            open.idle_time_out
                .map(|idle| Duration::from_millis(idle.into())),
        );
        self.out.event(Event::Opened(open));
    }

    fn begun(&mut self, channel: u16, begin: &Begin) {
        if channel > self.options.channel_max || self.remote_channels.contains_key(&channel) {
            return self.fail(violation(
                ConnectionError::FramingError,
                format!("channel {channel} is not free for a begin"),
            ));
        }
        let session = match begin.remote_channel {
            Some(ours) => self
                .sessions
                .values_mut()
                .find(|session| session.channel == ours && session.awaits_answer()),
            None if self.is_client => None,
            None => {
                let options = self.options.session.clone();
                match self.new_session(&options, Some((begin, channel))) {
                    Some(id) => {
                        self.remote_channels.insert(channel, id);
                        return;
                    }
                    None => None,
                }
            }
        };
        match session {
            Some(session) => {
                session.begun(begin, &mut self.out);
                let id = session.id;
                self.remote_channels.insert(channel, id);
            }
            None => self.fail(violation(
                AmqpError::NotAllowed,
                "a begin arrived that answers none of this side",
            )),
        }
    }

    pub(super) fn new_session(
        &mut self,
        options: &SessionOptions,
        answer_to: Option<(&Begin, u16)>,
    ) -> Option<SessionId> {
        let mut channel = 0;
        for used in &self.local_channels {
            if *used != channel {
                break;
            }
            channel = channel.checked_add(1)?;
        }
        if channel > self.remote_channel_max {
            return None;
        }
        let id = SessionId(self.next_session);
        self.next_session = self.next_session.checked_add(1)?;
        let session = Session::begin(id, channel, options, answer_to, &mut self.out);
        self.sessions.insert(id, session);
        self.local_channels.insert(channel);
        Some(id)
    }

    fn dispatch(
        &mut self,
        channel: u16,
        performative: Performative,
        length: usize,
        payload: Bytes,
    ) {
        let adds_link = matches!(performative, Performative::Attach(_));
        let adds_bytes = matches!(&performative, Performative::Transfer(part) if part.more);
        let session = self
            .remote_channels
            .get(&channel)
            .and_then(|id| self.sessions.get_mut(id));
        let Some(session) = session else {
            return self.fail(violation(
                AmqpError::NotAllowed,
                format!("a frame arrived on channel {channel}, which has no session"),
            ));
        };
        if let Progress::Over = session.handle(performative, length, payload, &mut self.out) {
            let (id, ours) = (session.id, session.channel);
            self.sessions.remove(&id);
            self.local_channels.remove(&ours);
            self.remote_channels.remove(&channel);
            return;
        }
        let id = session.id;
        if adds_link && self.link_count() > self.options.max_links {
            self.end_exceeding(id, "the connection has too many links");
        }
        if adds_bytes && self.unfinished() > self.options.max_unfinished {
            self.end_exceeding(id, "the connection has too many deliveries under way");
        }
    }

    fn link_count(&self) -> usize {
        self.sessions.values().map(Session::link_count).sum()
    }

    fn unfinished(&self) -> usize {
        self.sessions.values().map(Session::unfinished).sum()
    }

    /// Ends the session in which a limit of the connection was exceeded.
    fn end_exceeding(&mut self, id: SessionId, text: &str) {
        if let Some(session) = self.sessions.get_mut(&id) {
            let error = violation(AmqpError::ResourceLimitExceeded, text);
            session.end(Some(error.clone()), Cause::Protocol(error), &mut self.out);
        }
    }

    fn closed(&mut self, close: Close) {
        if self.phase == Phase::CloseSent {
            return self.terminate(Cause::Local);
        }
        self.flush();
        if self.is_ended() {
            return;
        }
        self.out
            .frame(0, &Performative::Close(Close { error: None }));
        self.terminate(Cause::Close(close.error));
    }
}
