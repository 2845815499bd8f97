//! A small AMQP peer, so that no client library is measured along with the emulator.

use std::future::poll_fn;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor::{
    AMQP_VALUE, APPLICATION_PROPERTIES, DATA, MESSAGE_ANNOTATIONS, PROPERTIES,
};
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::types::messaging::{DeliveryState, Source, Target, TargetArchetype};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::writer::Writer;
use servicebus_amqp::{
    Connection, ConnectionOptions, Driver, Event, LinkId, OutgoingDelivery, SessionId,
    SessionOptions,
};
use tokio::net::TcpStream;

use crate::sas::sas_token;

/// The message-format of a batch.
const BATCH: u32 = 0x8001_3700;

/// One connection with one session, authorized for one entity.
pub(crate) struct Peer {
    driver: Driver<TcpStream>,
    pub(crate) connection: Connection,
    session: SessionId,
}

impl Peer {
    /// Connects, opens, begins a session, presents a token.
    pub(crate) async fn connect(port: u16, entity: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut driver = Driver::new(stream);
        let options = ConnectionOptions {
            container_id: "bench".to_owned(),
            hostname: Some("localhost".to_owned()),
            ..ConnectionOptions::default()
        };
        let mut connection = Connection::client(options, driver.now());
        while !matches!(next(&mut driver, &mut connection).await, Event::Opened(_)) {}
        let session = connection.begin(&SessionOptions::default()).unwrap();
        let mut peer = Self {
            driver,
            connection,
            session,
        };
        peer.put_token(entity).await;
        peer
    }

    /// The next thing that happens.
    pub(crate) async fn next(&mut self) -> Event {
        next(&mut self.driver, &mut self.connection).await
    }

    /// What has happened already, without waiting.
    pub(crate) fn happened(&mut self) -> Option<Event> {
        self.connection.poll_event()
    }

    /// A link on which messages are sent.
    pub(crate) async fn sender(&mut self, address: &str) -> LinkId {
        let link = self.attach(address, Role::Sender).await;
        while self.connection.credit(link) == 0 {
            self.next().await;
        }
        link
    }

    /// A link on which messages are received under locks, without credit.
    pub(crate) async fn receiver(&mut self, address: &str) -> LinkId {
        self.attach(address, Role::Receiver).await
    }

    async fn attach(&mut self, address: &str, role: Role) -> LinkId {
        let target = Target {
            address: Some(address.to_owned()),
            ..Target::default()
        };
        let attach = Attach {
            source: Some(Box::new(Source::from(address))),
            target: Some(Box::new(TargetArchetype::Target(target))),
            ..servicebus_amqp::attach(format!("{role:?} of {address}"), role)
        };
        let link = self.connection.attach(self.session, attach).unwrap();
        loop {
            match self.next().await {
                Event::Attached { link: attached, .. } if attached == link => return link,
                Event::Detached { cause, .. } => panic!("link to {address} refused: {cause:?}"),
                _ => {}
            }
        }
    }

    /// Sends a delivery unsettled; there must be credit for it.
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

    /// Sends messages in one batch.
    pub(crate) fn send_batch(&mut self, link: LinkId, batch: &Bytes) {
        self.send(link, BATCH, batch);
    }

    /// Waits until a delivery is accepted.
    pub(crate) async fn accepted(&mut self) {
        loop {
            if let Event::Disposition { state, settled, .. } = self.next().await {
                assert!(settled, "a verdict that is not settled");
                assert!(
                    matches!(state, Some(DeliveryState::Accepted(_))),
                    "{state:?}"
                );
                return;
            }
        }
    }

    async fn put_token(&mut self, entity: &str) {
        let replies = self.receiver("$cbs").await;
        self.connection.set_credit(replies, 1);
        let requests = self.sender("$cbs").await;
        let audience = format!("sb://localhost/{entity}");
        let request = token_request(&audience, &sas_token(&audience));
        self.send(requests, 0, &request);
        while !matches!(self.next().await, Event::Delivery { .. }) {}
    }
}

async fn next(driver: &mut Driver<TcpStream>, connection: &mut Connection) -> Event {
    loop {
        if let Some(event) = connection.poll_event() {
            if let Event::Closed { cause } = event {
                panic!("the connection is gone: {cause:?}");
            }
            return event;
        }
        poll_fn(|cx| driver.poll(cx, connection)).await;
    }
}

fn token_request(audience: &str, token: &str) -> Bytes {
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    writer.put_composite(PROPERTIES, |writer| writer.put_ulong(1));
    writer.put_described(APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            for (name, value) in [
                ("operation", "put-token"),
                ("type", "servicebus.windows.net:sastoken"),
                ("name", audience),
            ] {
                writer.put_string(name);
                writer.put_string(value);
            }
        });
    });
    writer.put_described(AMQP_VALUE, |writer| writer.put_string(token));
    out.freeze()
}

/// A message with so many bytes of body.
pub(crate) fn message(body: usize) -> Bytes {
    let mut out = BytesMut::new();
    put_data(&mut out, &vec![7; body]);
    out.freeze()
}

/// A message that is to be enqueued so long after the Unix epoch.
pub(crate) fn scheduled(at: Duration, body: usize) -> Bytes {
    let mut out = BytesMut::new();
    Writer::new(&mut out).put_described(MESSAGE_ANNOTATIONS, |writer| {
        writer.put_map(|writer| {
            writer.put_symbol("x-opt-scheduled-enqueue-time");
            writer.put_timestamp(i64::try_from(at.as_millis()).unwrap());
        });
    });
    out.extend_from_slice(&message(body));
    out.freeze()
}

/// A payload of so many messages that are all alike.
pub(crate) fn batch(count: usize, message: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    for _ in 0..count {
        put_data(&mut out, message);
    }
    out.freeze()
}

fn put_data(out: &mut BytesMut, bytes: &[u8]) {
    Writer::new(out).put_described(DATA, |writer| writer.put_binary(bytes));
}
