//! A client that can be told to do what no client should.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor::{AMQP_VALUE, APPLICATION_PROPERTIES, DATA, PROPERTIES};
use servicebus_amqp::performative::{write_performative, Performative};
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::types::messaging::{DeliveryState, Source, Target, TargetArchetype};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::writer::Writer;
use servicebus_amqp::{
    Cause, Connection, ConnectionOptions, Delivery, Event, LinkId, OutgoingDelivery, SessionId,
    SessionOptions,
};

use crate::sas::sas_token;

/// Longer than anything here takes, so that running into it means failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long nothing must come for nothing to have come.
const SILENCE: Duration = Duration::from_millis(500);

/// One connection.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    pub(crate) connection: Connection,
    input: BytesMut,
    /// The one on which links are attached.
    pub(crate) session: Option<SessionId>,
    /// How many links it has asked for; each has a name of its own.
    links: u32,
}

impl Client {
    /// Connects, opens, begins a session, and presents a token for an entity.
    pub(crate) fn authorized(port: u16, entity: &str) -> Self {
        let stream = TcpStream::connect(("localhost", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let options = ConnectionOptions {
            container_id: "hostile".to_owned(),
            hostname: Some("localhost".to_owned()),
            ..ConnectionOptions::default()
        };
        let mut client = Self {
            stream,
            connection: Connection::client(options, Instant::now()),
            input: BytesMut::new(),
            session: None,
            links: 0,
        };
        client.wait(|event| matches!(event, Event::Opened(_)).then_some(()));
        client.begin(SessionOptions::default().incoming_window);
        client.put_token(entity);
        client
    }

    /// Begins a session that takes so many frames, on which links are attached from now on.
    pub(crate) fn begin(&mut self, incoming_window: u32) {
        let options = SessionOptions {
            incoming_window,
            ..SessionOptions::default()
        };
        let session = self.connection.begin(&options).unwrap();
        self.session = Some(session);
        self.wait(|event| matches!(event, Event::SessionBegun { .. }).then_some(()));
    }

    /// A link on which it sends, once there is credit.
    pub(crate) fn sender(&mut self, address: &str) -> LinkId {
        let link = self.attach(address, Role::Sender);
        self.wait(|event| attached(event, link));
        while self.connection.credit(link) == 0 {
            self.exchange();
        }
        link
    }

    /// A link on which it receives, without credit.
    pub(crate) fn receiver(&mut self, address: &str) -> LinkId {
        let link = self.attach(address, Role::Receiver);
        self.wait(|event| attached(event, link));
        link
    }

    /// Asks for a link.
    pub(crate) fn attach(&mut self, address: &str, role: Role) -> LinkId {
        let target = Target {
            address: Some(address.to_owned()),
            ..Target::default()
        };
        self.links += 1;
        let name = format!("{} to {address}", self.links);
        let attach = Attach {
            source: Some(Box::new(Source::from(address))),
            target: Some(Box::new(TargetArchetype::Target(target))),
            ..servicebus_amqp::attach(name, role)
        };
        self.connection
            .attach(self.session.unwrap(), attach)
            .unwrap()
    }

    pub(crate) fn detach(&mut self, link: LinkId) {
        self.connection.detach(link, true, None);
        self.wait(|event| matches!(event, Event::Detached { .. }).then_some(()));
    }

    /// Sends a delivery; there must be credit for it.
    pub(crate) fn send(&mut self, link: LinkId, message_format: u32, payload: &Bytes) {
        let delivery = OutgoingDelivery {
            tag: Bytes::from_static(b"1"),
            payload: payload.clone(),
            message_format,
            settled: false,
            state: None,
        };
        self.connection.send(link, delivery).unwrap();
    }

    /// The emulator's verdict on something.
    pub(crate) fn verdict(&mut self) -> DeliveryState {
        self.wait(|event| match event {
            Event::Disposition {
                state: Some(state), ..
            } => Some(state),
            _ => None,
        })
    }

    pub(crate) fn delivery(&mut self) -> Delivery {
        self.wait(|event| match event {
            Event::Delivery { delivery, .. } => Some(delivery),
            _ => None,
        })
    }

    /// Waits until the emulator ends a session, and returns the condition.
    pub(crate) fn session_ended(&mut self) -> String {
        self.wait(|event| match event {
            Event::SessionEnded {
                cause: Cause::End(Some(error)),
                ..
            } => Some(format!("{:?}", error.condition)),
            _ => None,
        })
    }

    /// Takes what happens, what `pick` finds nothing in included, until it finds something.
    pub(crate) fn wait<T>(&mut self, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while let Some(event) = self.connection.poll_event() {
                if let Some(found) = pick(event) {
                    return found;
                }
            }
            assert!(Instant::now() < deadline, "nothing came");
            self.exchange();
        }
    }

    /// How many deliveries come until no more do.
    pub(crate) fn count_deliveries(&mut self) -> usize {
        self.stream.set_read_timeout(Some(SILENCE)).unwrap();
        let mut count = 0;
        loop {
            while let Some(event) = self.connection.poll_event() {
                count += usize::from(matches!(event, Event::Delivery { .. }));
            }
            if !self.exchange() {
                return count;
            }
        }
    }

    /// Writes what is to be written and reads once; `false` if nothing came.
    pub(crate) fn exchange(&mut self) -> bool {
        self.flush();
        let mut buffer = [0; 65_536];
        match self.stream.read(&mut buffer) {
            Ok(0) => panic!("the emulator ended the connection"),
            Ok(count) => {
                self.input.extend_from_slice(&buffer[..count]);
                self.connection
                    .handle_input(Instant::now(), &mut self.input);
                true
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => false,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn flush(&mut self) {
        let bytes = self.connection.output().split();
        self.stream.write_all(&bytes).unwrap();
    }

    fn put_token(&mut self, entity: &str) {
        let replies = self.receiver("$cbs");
        self.connection.set_credit(replies, 1);
        let requests = self.sender("$cbs");
        let audience = format!("sb://localhost/{entity}");
        let token = sas_token(&audience);
        let properties = [
            ("operation", "put-token"),
            ("type", "servicebus.windows.net:sastoken"),
            ("name", audience.as_str()),
        ];
        let request = request(&properties, |writer| writer.put_string(&token));
        self.send(requests, 0, &request);
        self.delivery();
    }
}

fn attached(event: Event, wanted: LinkId) -> Option<()> {
    match event {
        Event::Attached { link, .. } => (link == wanted).then_some(()),
        Event::Detached { cause, .. } => panic!("the link was refused: {cause:?}"),
        _ => None,
    }
}

/// A frame as the endpoint would not write it.
pub(crate) fn frame(channel: u16, performative: &Performative, payload: &[u8]) -> Vec<u8> {
    let mut body = BytesMut::new();
    write_performative(performative, &mut body).unwrap();
    let length = u32::try_from(8 + body.len() + payload.len()).unwrap();
    let [high, low] = channel.to_be_bytes();
    [
        &length.to_be_bytes()[..],
        &[2, 0, high, low],
        &body,
        payload,
    ]
    .concat()
}

/// An encoded request.
pub(crate) fn request(properties: &[(&str, &str)], body: impl FnOnce(&mut Writer<'_>)) -> Bytes {
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    writer.put_composite(PROPERTIES, |writer| writer.put_ulong(1));
    writer.put_described(APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            for (name, value) in properties {
                writer.put_string(name);
                writer.put_string(value);
            }
        });
    });
    writer.put_described(AMQP_VALUE, body);
    out.freeze()
}

/// A data section.
pub(crate) fn data(bytes: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    Writer::new(&mut out).put_described(DATA, |writer| writer.put_binary(bytes));
    out.freeze()
}
