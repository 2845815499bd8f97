//! A small blocking AMQP peer, to talk to the emulator without any client library.

mod endings;
mod jwt;
mod requests;
mod sas;

use std::collections::{HashMap, VecDeque};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use serde_amqp::primitives::Binary;
use servicebus_amqp::performative::{write_performative, Performative};
use servicebus_amqp::types::definitions::{Error, Role};
use servicebus_amqp::types::messaging::{
    DeliveryState, FilterSet, Source, Target, TargetArchetype,
};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::types::transaction::TransactionalState;
use servicebus_amqp::{
    Connection, ConnectionOptions, Delivery, DeliveryId, Event, LinkId, OutgoingDelivery,
    SessionId, SessionOptions,
};
use servicebus_emulator::Emulator;

pub(crate) use self::jwt::jwt;
pub(crate) use self::requests::{request, Answer, RequestLinks};
pub(crate) use self::sas::{sas_token, sas_token_by, KEY, KEY_NAME};

/// Longer than anything here takes, so that running into it means failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long nothing must come for nothing to have come.
const SILENCE: Duration = Duration::from_millis(150);

pub(crate) trait Transport: Read + Write {}
impl<T: Read + Write> Transport for T {}

/// One connection with one session.
pub(crate) struct Peer {
    stream: Box<dyn Transport>,
    socket: TcpStream,
    pub(crate) connection: Connection,
    input: BytesMut,
    seen: VecDeque<Event>,
    session: Option<SessionId>,
    tags: u32,
    /// How often each name was used on a session, by senders or not.
    names: HashMap<(SessionId, bool, String), u32>,
}

impl Peer {
    /// Connects, opens, begins a session.
    pub(crate) fn connect(emulator: &Emulator) -> Self {
        let socket = TcpStream::connect(("localhost", emulator.port())).expect("it listens");
        Self::over(Box::new(socket.try_clone().unwrap()), socket)
    }

    pub(crate) fn over(stream: Box<dyn Transport>, socket: TcpStream) -> Self {
        let options = ConnectionOptions {
            container_id: "peer".to_owned(),
            hostname: Some("localhost".to_owned()),
            ..ConnectionOptions::default()
        };
        let mut peer = Self::dial(stream, socket, options);
        peer.open();
        peer
    }

    /// A peer that has yet to exchange anything.
    fn dial(stream: Box<dyn Transport>, socket: TcpStream, options: ConnectionOptions) -> Self {
        // Small frames must not wait for the acknowledgement of earlier ones.
        socket.set_nodelay(true).unwrap();
        Peer {
            stream,
            socket,
            connection: Connection::client(options, Instant::now()),
            input: BytesMut::new(),
            seen: VecDeque::new(),
            session: None,
            tags: 0,
            names: HashMap::new(),
        }
    }

    /// Connects and presents a token for each of the entities.
    pub(crate) fn authorized(emulator: &Emulator, entities: &[&str]) -> Self {
        let mut peer = Self::connect(emulator);
        for entity in entities {
            let audience = format!("sb://localhost/{entity}");
            let answer = peer.put_token(&audience, &sas_token(&audience));
            assert_eq!(answer.status, 202, "token for {entity}: {answer:?}");
        }
        peer
    }

    /// Begins another session, on which links are attached from now on.
    pub(crate) fn begin(&mut self) -> SessionId {
        self.begin_with(&SessionOptions::default())
    }

    pub(crate) fn begin_with(&mut self, options: &SessionOptions) -> SessionId {
        let session = self.connection.begin(options).unwrap();
        self.wait("begin", |event| match event {
            Event::SessionBegun { session: begun } => (*begun == session).then_some(()),
            _ => None,
        });
        self.session = Some(session);
        session
    }

    pub(crate) fn session(&self) -> SessionId {
        self.session.expect("a session was begun")
    }

    /// Lets the emulator hear something, and waits until it has.
    pub(crate) fn keep_alive(&mut self) {
        let kept = self.session;
        let extra = self.begin();
        self.connection.end(extra, None);
        self.wait("end", |event| match event {
            Event::SessionEnded { session, .. } => (*session == extra).then_some(()),
            _ => None,
        });
        self.session = kept;
    }

    /// Waits for an event that `pick` finds something in; what came before it stays to be found.
    pub(crate) fn wait<T>(&mut self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = self.look(&mut pick) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited for {what}, got {:?}", self.seen);
            self.exchange(left);
        }
    }

    /// Whether `pick` finds nothing in what comes within a while.
    pub(crate) fn is_silent<T>(&mut self, mut pick: impl FnMut(&Event) -> Option<T>) -> bool {
        let deadline = Instant::now() + SILENCE;
        loop {
            if self.look(&mut pick).is_some() {
                return false;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            self.exchange(left);
        }
    }

    fn look<T>(&mut self, pick: &mut impl FnMut(&Event) -> Option<T>) -> Option<T> {
        while let Some(event) = self.connection.poll_event() {
            self.seen.push_back(event);
        }
        let (place, found) = self
            .seen
            .iter()
            .enumerate()
            .find_map(|(place, event)| Some((place, pick(event)?)))?;
        self.seen.remove(place);
        Some(found)
    }

    /// Writes what is to be written and reads once.
    fn exchange(&mut self, patience: Duration) {
        self.flush();
        self.socket.set_read_timeout(Some(patience)).unwrap();
        let mut buffer = [0; 65_536];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.connection.transport_closed("end of stream"),
            Ok(count) => {
                self.input.extend_from_slice(&buffer[..count]);
                self.connection
                    .handle_input(Instant::now(), &mut self.input);
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => self.connection.transport_closed(&error.to_string()),
        }
    }

    pub(crate) fn flush(&mut self) {
        let output = self.connection.output();
        if !output.is_empty() {
            let bytes = output.split();
            if let Err(error) = self.stream.write_all(&bytes) {
                self.connection.transport_closed(&error.to_string());
            }
        }
    }

    /// Writes a frame past the endpoint, which would not do what a test is about.
    pub(crate) fn write_frame(
        &mut self,
        channel: u16,
        performative: &Performative,
        payload: &[u8],
    ) {
        let mut body = BytesMut::new();
        write_performative(performative, &mut body).unwrap();
        let length = u32::try_from(8 + body.len() + payload.len()).unwrap();
        self.stream.write_all(&length.to_be_bytes()).unwrap();
        let [high, low] = channel.to_be_bytes();
        self.stream.write_all(&[2, 0, high, low]).unwrap();
        self.stream.write_all(&body).unwrap();
        self.stream.write_all(payload).unwrap();
    }

    /// Asks for a link and waits for the grant or the reason of the refusal.
    pub(crate) fn attach(&mut self, attach: Attach) -> Result<LinkId, Error> {
        let link = self.ask_for(attach);
        self.wait("attach", |event| match event {
            Event::Attached { link: attached, .. } if *attached == link => Some(Ok(link)),
            Event::Detached {
                link: gone, cause, ..
            } if *gone == link => Some(Err(cause.error().cloned().expect("a reason"))),
            _ => None,
        })
    }

    /// Asks for a link, under a name that no earlier one of its session and direction has: that
    /// would lose its place.
    pub(crate) fn ask_for(&mut self, mut attach: Attach) -> LinkId {
        let session = self.session();
        let name = (
            session,
            matches!(attach.role, Role::Sender),
            attach.name.clone(),
        );
        let uses = self.names.entry(name).or_default();
        *uses += 1;
        if *uses > 1 {
            attach.name = format!("{} ({uses})", attach.name);
        }
        let link = self.connection.attach(session, attach);
        self.flush();
        link.expect("the session stands")
    }

    pub(crate) fn sender(&mut self, address: &str) -> Result<LinkId, Error> {
        self.attach(sender(address))
    }

    /// A link that receives under locks.
    pub(crate) fn receiver(&mut self, address: &str, credit: u32) -> LinkId {
        let link = self.attach(receiver(address)).expect("granted");
        self.connection.set_credit(link, credit);
        self.flush();
        link
    }

    /// Sends a delivery as soon as there is credit, and returns its number.
    pub(crate) fn transfer(&mut self, link: LinkId, format: u32, payload: &[u8]) -> DeliveryId {
        let delivery = self.outgoing(format, payload);
        self.transfer_as(link, delivery)
    }

    pub(crate) fn transfer_settled(&mut self, link: LinkId, payload: &[u8]) {
        let delivery = self.outgoing(0, payload);
        let settled = true;
        self.transfer_as(
            link,
            OutgoingDelivery {
                settled,
                ..delivery
            },
        );
    }

    fn transfer_as(&mut self, link: LinkId, delivery: OutgoingDelivery) -> DeliveryId {
        while self.connection.credit(link) == 0 {
            self.wait("credit", |event| match event {
                Event::Flow { link: granted, .. } => (*granted == link).then_some(()),
                _ => None,
            });
        }
        self.connection.send(link, delivery).unwrap()
    }

    fn outgoing(&mut self, message_format: u32, payload: &[u8]) -> OutgoingDelivery {
        self.tags += 1;
        OutgoingDelivery {
            tag: Bytes::copy_from_slice(&self.tags.to_be_bytes()),
            payload: Bytes::copy_from_slice(payload),
            message_format,
            settled: false,
            state: None,
        }
    }

    /// Sends a delivery and returns the verdict on it.
    pub(crate) fn send_as(&mut self, link: LinkId, format: u32, payload: &[u8]) -> DeliveryState {
        let number = self.transfer(link, format, payload);
        let (state, settled) = self.verdict(link, number);
        assert!(settled, "clients wait for a settled verdict");
        state
    }

    /// Sends a message in a transaction and returns the verdict on it.
    pub(crate) fn send_in(
        &mut self,
        link: LinkId,
        txn_id: &Binary,
        payload: &[u8],
    ) -> DeliveryState {
        let state = DeliveryState::TransactionalState(TransactionalState {
            txn_id: txn_id.clone(),
            outcome: None,
        });
        let delivery = OutgoingDelivery {
            state: Some(state),
            ..self.outgoing(0, payload)
        };
        let number = self.transfer_as(link, delivery);
        self.verdict(link, number).0
    }

    pub(crate) fn send(&mut self, link: LinkId, payload: &[u8]) {
        let state = self.send_as(link, 0, payload);
        assert!(matches!(state, DeliveryState::Accepted(_)), "{state:?}");
    }

    fn verdict(&mut self, link: LinkId, number: DeliveryId) -> (DeliveryState, bool) {
        self.wait("verdict", |event| match event {
            Event::Disposition {
                link: of,
                id,
                state: Some(state),
                settled,
            } if (*of, *id) == (link, number) => Some((state.clone(), *settled)),
            _ => None,
        })
    }

    pub(crate) fn receive(&mut self, link: LinkId) -> Delivery {
        self.wait("a delivery", |event| delivery_on(link, event))
    }

    pub(crate) fn receives_nothing(&mut self, link: LinkId) -> bool {
        self.is_silent(|event| delivery_on(link, event))
    }

    /// States a verdict without settling, as the SDKs do, and returns the emulator's answer.
    pub(crate) fn settle(
        &mut self,
        link: LinkId,
        delivery: &Delivery,
        state: DeliveryState,
    ) -> DeliveryState {
        let disposed = self
            .connection
            .dispose(link, delivery.id, Some(state), false);
        assert!(disposed, "the delivery is open");
        let (state, settled) = self.verdict(link, delivery.id);
        assert!(settled, "clients wait for a settled answer");
        state
    }
}

fn delivery_on(link: LinkId, event: &Event) -> Option<Delivery> {
    match event {
        Event::Delivery { link: on, delivery } => (*on == link).then(|| delivery.clone()),
        _ => None,
    }
}

/// The attach of a link on which a client sends.
pub(crate) fn sender(address: &str) -> Attach {
    let target = Target {
        address: Some(address.to_owned()),
        ..Target::default()
    };
    Attach {
        source: Some(Box::new(Source::default())),
        target: Some(Box::new(TargetArchetype::Target(target))),
        ..servicebus_amqp::attach(format!("sender of {address}"), Role::Sender)
    }
}

/// The attach of a link on which a client receives under locks.
pub(crate) fn receiver(address: &str) -> Attach {
    let source = Source {
        address: Some(address.to_owned()),
        filter: Some(FilterSet::new()),
        ..Source::default()
    };
    Attach {
        source: Some(Box::new(source)),
        target: Some(Box::new(TargetArchetype::Target(Target::default()))),
        ..servicebus_amqp::attach(format!("receiver of {address}"), Role::Receiver)
    }
}
