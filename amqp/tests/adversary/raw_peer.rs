//! The adversary: an endpoint under test, the bytes it is given and the frames it answers with.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use servicebus_amqp::framing::{take_frame, write_frame, FrameKind};
use servicebus_amqp::performative::{read_performative, write_performative, Performative};
use servicebus_amqp::protocol_header::ProtocolHeader;
use servicebus_amqp::sasl::{write_sasl, SaslCode, SaslFrame};
use servicebus_amqp::types::definitions::{Error, ErrorCondition, Role};
use servicebus_amqp::types::performatives::{
    Attach, Begin, Close, Detach, End, Flow, Open, Transfer,
};
use servicebus_amqp::{Cause, Connection, ConnectionOptions, Event, LinkId};

/// A frame that the endpoint wrote.
pub(crate) type Written = (u16, Performative);

/// The endpoint under test.
pub(crate) struct Victim {
    pub(crate) connection: Connection,
    pub(crate) now: Instant,
    input: BytesMut,
}

impl Victim {
    /// A server that has seen nothing.
    pub(crate) fn fresh_server(options: ConnectionOptions) -> Self {
        let now = Instant::now();
        Victim {
            connection: Connection::server(options, &["ANONYMOUS"], now),
            now,
            input: BytesMut::new(),
        }
    }

    /// A client that has seen nothing.
    pub(crate) fn fresh_client(options: ConnectionOptions) -> Self {
        let now = Instant::now();
        Victim {
            connection: Connection::client(options, now),
            now,
            input: BytesMut::new(),
        }
    }

    /// A server to which the handshake was spoken, and then this open.
    pub(crate) fn server_opened_with(options: ConnectionOptions, open: Open) -> Self {
        let mut victim = Self::fresh_server(options);
        victim.handshake_of_client();
        victim.frame(0, Performative::Open(Box::new(open)));
        victim.expect_opened()
    }

    /// A client to which the handshake was answered, and then its open with this one.
    pub(crate) fn client_opened_with(options: ConnectionOptions, open: Open) -> Self {
        let mut victim = Self::fresh_client(options);
        victim.handshake_of_server();
        victim.frame(0, Performative::Open(Box::new(open)));
        victim.expect_opened()
    }

    pub(crate) fn server() -> Self {
        Self::server_opened_with(ConnectionOptions::default(), open())
    }

    pub(crate) fn client() -> Self {
        Self::client_opened_with(ConnectionOptions::default(), open())
    }

    /// Both roles, open.
    pub(crate) fn both() -> [Self; 2] {
        [Self::server(), Self::client()]
    }

    /// A server with a session on channel 0.
    pub(crate) fn server_with_session() -> Self {
        Self::server_with_window(8192)
    }

    /// A server with a session on channel 0 that takes this many transfers at once.
    pub(crate) fn server_with_window(incoming_window: u32) -> Self {
        let mut options = ConnectionOptions::default();
        options.session.incoming_window = incoming_window;
        options.session.handle_max = 7;
        let mut victim = Self::server_opened_with(options, open());
        victim.frame(0, begin(None));
        let events = victim.events();
        assert!(
            matches!(events[..], [Event::SessionBegun { .. }]),
            "{events:?}"
        );
        assert!(matches!(
            victim.written()[..],
            [(0, Performative::Begin(_))]
        ));
        victim
    }

    pub(crate) fn handshake_of_client(&mut self) {
        self.bytes(&ProtocolHeader::Sasl.octets());
        self.sasl(&SaslFrame::Init {
            mechanism: "ANONYMOUS".to_owned(),
            initial_response: None,
            hostname: None,
        });
        let events = self.events();
        assert!(matches!(events[..], [Event::SaslInit { .. }]), "{events:?}");
        self.connection.sasl_outcome(true);
        self.bytes(&ProtocolHeader::Amqp.octets());
        self.output();
    }

    pub(crate) fn handshake_of_server(&mut self) {
        self.bytes(&ProtocolHeader::Sasl.octets());
        self.sasl(&SaslFrame::Mechanisms(vec!["ANONYMOUS".to_owned()]));
        self.sasl(&SaslFrame::Outcome {
            code: SaslCode::Ok,
            additional_data: None,
        });
        self.bytes(&ProtocolHeader::Amqp.octets());
        self.output();
    }

    fn expect_opened(mut self) -> Self {
        let events = self.events();
        assert!(matches!(events[..], [Event::Opened(_)]), "{events:?}");
        self.output();
        self
    }

    /// Gives these bytes to the endpoint.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        self.connection.handle_input(self.now, &mut self.input);
    }

    pub(crate) fn frame(&mut self, channel: u16, performative: Performative) {
        self.bytes(&encoded(channel, &performative, b""));
    }

    pub(crate) fn transfer(&mut self, channel: u16, transfer: Transfer, payload: &[u8]) {
        self.bytes(&encoded(
            channel,
            &Performative::Transfer(transfer),
            payload,
        ));
    }

    pub(crate) fn sasl(&mut self, frame: &SaslFrame) {
        let mut bytes = BytesMut::new();
        write_frame(&mut bytes, FrameKind::Sasl, 0, |out| write_sasl(frame, out))
            .expect("the frame can be written");
        self.bytes(&bytes);
    }

    /// Lets time pass, with the endpoint told in steps of a tenth of it.
    pub(crate) fn wait(&mut self, duration: Duration) {
        for _ in 0..10 {
            self.now += duration / 10;
            if self
                .connection
                .poll_timeout()
                .is_some_and(|due| due <= self.now)
            {
                self.connection.handle_timeout(self.now);
            }
        }
    }

    /// What the endpoint wants to write, taken.
    pub(crate) fn output(&mut self) -> Bytes {
        self.connection.output().split().freeze()
    }

    /// The frames that the endpoint wrote, empty ones left out.
    pub(crate) fn written(&mut self) -> Vec<Written> {
        let mut output = BytesMut::from(&self.output()[..]);
        let mut frames = Vec::new();
        while let Some(frame) = take_frame(&mut output, u32::MAX).expect("it writes frames") {
            if !frame.body.is_empty() {
                let (performative, _) = read_performative(&frame.body).expect("it writes AMQP");
                frames.push((frame.channel, performative));
            }
        }
        assert!(output.is_empty(), "half a frame was written: {output:?}");
        frames
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.connection.poll_event()).collect()
    }

    /// The peer attached; the one link that the endpoint reports of it.
    pub(crate) fn requested(&mut self, name: &str, handle: u32, role: Role) -> LinkId {
        self.frame(0, attach(name, handle, role));
        match &self.events()[..] {
            [Event::AttachRequested { link, .. }] => *link,
            other => panic!("not asked for a link, but {other:?}"),
        }
    }

    /// The peer attached as a sender or receiver, and was accepted.
    pub(crate) fn attached(&mut self, name: &str, handle: u32, role: Role) -> LinkId {
        let link = self.requested(name, handle, role);
        let Performative::Attach(answer) = attach(name, 0, Role::Sender) else {
            unreachable!("an attach is an attach");
        };
        self.connection.accept(link, *answer);
        let written = self.written();
        assert!(
            matches!(written[..], [(0, Performative::Attach(_))]),
            "{written:?}"
        );
        link
    }

    /// The connection closed itself over this condition, told the peer, and reported it last.
    pub(crate) fn assert_closed_over(&mut self, condition: impl Into<ErrorCondition>) {
        let condition = condition.into();
        let written = self.written();
        match written.last() {
            Some((0, Performative::Close(Close { error: Some(error) }))) => {
                assert_eq!(error.condition, condition, "{error:?}");
            }
            _ => panic!("no close with {condition:?}, but {written:?}"),
        }
        let events = self.events();
        match events.last() {
            Some(Event::Closed {
                cause: Cause::Protocol(error),
            }) => assert_eq!(error.condition, condition, "{error:?}"),
            _ => panic!("not closed over {condition:?}, but {events:?}"),
        }
        assert!(self.connection.is_finished());
    }

    /// The session on channel 0 ended over this condition, and the connection lives.
    pub(crate) fn assert_ended_over(&mut self, condition: impl Into<ErrorCondition>) {
        let condition = condition.into();
        let written = self.written();
        match written.last() {
            Some((0, Performative::End(End { error: Some(error) }))) => {
                assert_eq!(error.condition, condition, "{error:?}");
            }
            _ => panic!("no end with {condition:?}, but {written:?}"),
        }
        let events = self.events();
        match events.last() {
            Some(Event::SessionEnded {
                cause: Cause::Protocol(error),
                ..
            }) => assert_eq!(error.condition, condition, "{error:?}"),
            _ => panic!("not ended over {condition:?}, but {events:?}"),
        }
        self.assert_alive();
    }

    /// The link at handle 0 was detached over this condition, and its session lives.
    pub(crate) fn assert_detached_over(&mut self, condition: impl Into<ErrorCondition>) {
        let condition = condition.into();
        let written = self.written();
        match written.last() {
            Some((
                0,
                Performative::Detach(Detach {
                    error: Some(error), ..
                }),
            )) => {
                assert_eq!(error.condition, condition, "{error:?}");
            }
            _ => panic!("no detach with {condition:?}, but {written:?}"),
        }
        self.frame(0, detach(0));
        let events = self.events();
        match events.last() {
            Some(Event::Detached {
                cause: Cause::Protocol(error),
                ..
            }) => assert_eq!(error.condition, condition, "{error:?}"),
            _ => panic!("not detached over {condition:?}, but {events:?}"),
        }
        self.attached("another", 0, Role::Sender);
    }

    /// The connection still takes a new session of the peer, or begins one of its own.
    pub(crate) fn assert_alive(&mut self) {
        assert!(!self.connection.is_ended(), "{:?}", self.events());
        let begun = self.connection.begin(&Default::default());
        assert!(begun.is_ok(), "{begun:?}");
        let written = self.written();
        let last = written.last();
        assert!(
            matches!(last, Some((_, Performative::Begin(_)))),
            "{written:?}"
        );
    }
}

/// The bytes of one frame.
pub(crate) fn encoded(channel: u16, performative: &Performative, payload: &[u8]) -> Bytes {
    let mut bytes = BytesMut::new();
    write_frame(&mut bytes, FrameKind::Amqp, channel, |out| {
        write_performative(performative, out)?;
        out.extend_from_slice(payload);
        Ok(())
    })
    .expect("the frame can be written");
    bytes.freeze()
}

pub(crate) fn open() -> Open {
    Open {
        container_id: "adversary".to_owned(),
        hostname: None,
        max_frame_size: 65_536.into(),
        channel_max: 100.into(),
        idle_time_out: None,
        outgoing_locales: None,
        incoming_locales: None,
        offered_capabilities: None,
        desired_capabilities: None,
        properties: None,
    }
}

pub(crate) fn begin(remote_channel: Option<u16>) -> Performative {
    Performative::Begin(Box::new(Begin {
        remote_channel,
        next_outgoing_id: 0,
        incoming_window: 100,
        outgoing_window: 100,
        handle_max: 100.into(),
        offered_capabilities: None,
        desired_capabilities: None,
        properties: None,
    }))
}

pub(crate) fn attach(name: &str, handle: u32, role: Role) -> Performative {
    let mut attach: Attach = crate::samples::attach(name, role);
    attach.handle = handle.into();
    attach.initial_delivery_count = Some(0);
    Performative::Attach(Box::new(attach))
}

/// One whole unsettled delivery.
pub(crate) fn transfer(handle: u32, id: u32) -> Transfer {
    Transfer {
        handle: handle.into(),
        delivery_id: Some(id),
        delivery_tag: Some(id.to_be_bytes().to_vec().into()),
        message_format: Some(0),
        settled: Some(false),
        more: false,
        rcv_settle_mode: None,
        state: None,
        resume: false,
        aborted: false,
        batchable: false,
    }
}

/// What a receiver says that grants `credit`.
pub(crate) fn grant(handle: u32, delivery_count: Option<u32>, credit: u32) -> Flow {
    Flow {
        next_incoming_id: Some(0),
        incoming_window: 100,
        next_outgoing_id: 0,
        outgoing_window: 100,
        handle: Some(handle.into()),
        delivery_count,
        link_credit: Some(credit),
        available: None,
        drain: false,
        echo: false,
        properties: None,
    }
}

pub(crate) fn flow(flow: Flow) -> Performative {
    Performative::Flow(Box::new(flow))
}

pub(crate) fn detach(handle: u32) -> Performative {
    Performative::Detach(Detach {
        handle: handle.into(),
        closed: true,
        error: None,
    })
}

pub(crate) fn end(error: Option<Error>) -> Performative {
    Performative::End(End { error })
}

pub(crate) fn close(error: Option<Error>) -> Performative {
    Performative::Close(Close { error })
}
