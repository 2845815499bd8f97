//! One connection to the broker.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use servicebus_amqp::types::definitions::{
    self, ConnectionError, LinkError, Role, SenderSettleMode,
};
use servicebus_amqp::types::messaging::{Accepted, DeliveryState, TargetArchetype};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::{
    Connection, ConnectionOptions, Delivery, DeliveryId, Event, LinkId, OutgoingDelivery, SessionId,
};

use crate::broker::Ledger;
use crate::script::{Manner, Stage};
use crate::wire::{message, text, Request};

/// How long a sender without credit is let wait before the strike.
const PATIENCE: Duration = Duration::from_millis(100);
const CREDIT: u32 = 100;

/// What a link of the client is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Cbs,
    Management,
    Queue,
}

/// A link, from the client's side.
struct Link {
    node: Node,
    role: Role,
    /// Messages are settled when they are sent.
    deleting: bool,
}

/// Whether the connection is still served.
#[derive(PartialEq, Eq)]
enum Going {
    On,
    Over,
}

pub(crate) struct Peer {
    stream: TcpStream,
    ledger: Arc<Mutex<Ledger>>,
    connection: Connection,
    input: BytesMut,
    links: BTreeMap<LinkId, Link>,
    /// The lock tokens of deliveries.
    tokens: BTreeMap<DeliveryId, u8>,
    /// A link that is kept without credit until the strike.
    starving: Option<(LinkId, Stage)>,
    closed: bool,
}

impl Peer {
    pub(crate) fn new(stream: TcpStream, ledger: Arc<Mutex<Ledger>>) -> Self {
        let options = ConnectionOptions {
            container_id: "script".to_owned(),
            ..ConnectionOptions::default()
        };
        Peer {
            stream,
            ledger,
            connection: Connection::server(options, &["ANONYMOUS"], Instant::now()),
            input: BytesMut::new(),
            links: BTreeMap::new(),
            tokens: BTreeMap::new(),
            starving: None,
            closed: false,
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn serve(mut self) {
        while self.turn() == Going::On {}
    }

    fn turn(&mut self) -> Going {
        while let Some(event) = self.connection.poll_event() {
            self.ledger().journal.push(format!("{event:?}"));
            if !self.closed && self.handle(event) == Going::Over {
                return Going::Over;
            }
        }
        self.flush();
        if self.connection.is_finished() {
            return Going::Over;
        }
        self.read()
    }

    fn flush(&mut self) {
        let output = self.connection.output().split();
        // That the client is gone is seen by the next read.
        self.stream.write_all(&output).ok();
    }

    fn read(&mut self) -> Going {
        let patience = self.starving.map(|_| PATIENCE);
        self.stream
            .set_read_timeout(patience)
            .expect("a socket takes a time-out");
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => Going::Over,
            Ok(count) => {
                self.input.extend_from_slice(&buffer[..count]);
                self.connection
                    .handle_input(Instant::now(), &mut self.input);
                Going::On
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                match self.starving.take() {
                    Some((link, stage)) => self.strike_link(stage, link).unwrap_or(Going::On),
                    None => Going::On,
                }
            }
            Err(_) => Going::Over,
        }
    }

    fn handle(&mut self, event: Event) -> Going {
        match event {
            Event::SaslInit { .. } => self.strike(Stage::Sasl, None, None).unwrap_or_else(|| {
                self.connection.sasl_outcome(true);
                Going::On
            }),
            Event::Opened(_) => self.strike(Stage::Open, None, None).unwrap_or(Going::On),
            Event::SessionBegun { session } => self
                .strike(Stage::Begin, Some(session), None)
                .unwrap_or(Going::On),
            Event::AttachRequested { link, attach } => self.attach_requested(link, *attach),
            Event::Delivery { link, delivery } => self.arrived(link, &delivery),
            Event::Flow {
                link,
                credit,
                drain,
            } => self.credit_granted(link, credit, drain),
            Event::Disposition {
                link,
                id,
                state: Some(state),
                settled: false,
            } => self.settle(link, id, state),
            Event::Detached { link, .. } => {
                self.links.remove(&link);
                Going::On
            }
            _ => Going::On,
        }
    }

    /// Goes away if the moment has come; `None` if not.
    fn strike(
        &mut self,
        stage: Stage,
        session: Option<SessionId>,
        link: Option<LinkId>,
    ) -> Option<Going> {
        let strike = {
            let mut ledger = self.ledger();
            let strike = ledger.take_strike(stage)?;
            if strike.manner == Manner::Silence {
                // At once, so that whoever sees that the strike has come can end the silence.
                let stream = self.stream.try_clone().expect("a socket can be shared");
                ledger.silent.push(stream);
            }
            strike
        };
        self.flush();
        match (strike.manner, session, link) {
            (Manner::Cut, ..) => {
                // Both directions at once could lose what was written before.
                self.stream.shutdown(Shutdown::Write).ok();
                let mut rest = [0; 1024];
                while self.stream.read(&mut rest).is_ok_and(|count| count > 0) {}
                return Some(Going::Over);
            }
            (Manner::Silence, ..) => return Some(Going::Over),
            (Manner::Close { .. }, ..) if stage == Stage::Sasl => {
                self.connection.sasl_outcome(false);
            }
            (Manner::Close { error }, ..) => {
                self.closed = true;
                let error = error.then(|| ConnectionError::ConnectionForced.into());
                self.connection.close(Instant::now(), error);
            }
            (Manner::End { error }, Some(session), _) => {
                self.connection.end(session, error.then(forced));
            }
            (Manner::Detach { error: true }, _, Some(link)) if stage == Stage::Attach => {
                self.connection.refuse(link, forced());
            }
            (Manner::Detach { error }, _, Some(link)) => {
                self.connection.detach(link, true, error.then(forced));
            }
            (manner, ..) => panic!("no {manner:?} at {stage:?}"),
        }
        Some(Going::On)
    }

    fn strike_link(&mut self, stage: Stage, link: LinkId) -> Option<Going> {
        self.strike(stage, Some(link.session()), Some(link))
    }

    fn attach_requested(&mut self, link: LinkId, attach: Attach) -> Going {
        let address = match (&attach.role, attach.target.as_deref()) {
            (Role::Sender, Some(TargetArchetype::Target(target))) => target.address.clone(),
            (Role::Sender, _) => None,
            (Role::Receiver, _) => attach
                .source
                .as_ref()
                .and_then(|source| source.address.clone()),
        };
        let node = match address.as_deref() {
            Some("$cbs") => Node::Cbs,
            Some("orders/$management") => Node::Management,
            _ => Node::Queue,
        };
        let entry = Link {
            node,
            role: attach.role.clone(),
            deleting: attach.snd_settle_mode == SenderSettleMode::Settled,
        };
        if node == Node::Queue {
            if let Some(going) = self.refuse(link, &attach) {
                return going;
            }
        }
        self.connection.accept(link, answer_to(attach));
        if entry.role == Role::Sender {
            let withheld = match node {
                Node::Queue => Some(Stage::Credit),
                Node::Management => Some(Stage::RequestCredit),
                Node::Cbs => None,
            };
            let withheld = withheld.filter(|stage| self.ledger().awaits(*stage));
            if let Some(stage) = withheld {
                self.starving = Some((link, stage));
            } else {
                self.connection.set_credit(link, CREDIT);
            }
        }
        self.links.insert(link, entry);
        Going::On
    }

    /// Strikes instead of granting the link. A detach refuses it.
    fn refuse(&mut self, link: LinkId, attach: &Attach) -> Option<Going> {
        if !self.ledger().awaits(Stage::Attach) {
            return None;
        }
        // What is not attached cannot be detached without an error, only refused with one.
        let granted = Manner::Detach { error: false };
        if self.ledger().strikes_by(granted) {
            self.connection.accept(link, answer_to(attach.clone()));
        }
        self.strike_link(Stage::Attach, link)
    }

    fn arrived(&mut self, link: LinkId, delivery: &Delivery) -> Going {
        let Some(node) = self.links.get(&link).map(|link| link.node) else {
            return Going::On;
        };
        let (stage, names) = match node {
            Node::Queue => return self.store(link, delivery),
            Node::Cbs => (Stage::Cbs, "status-code"),
            Node::Management => (Stage::Request, "statusCode"),
        };
        if let Some(going) = self.strike_link(stage, link) {
            return going;
        }
        self.accept(link, delivery.id);
        let request = Request::read(&delivery.payload);
        let status = match (node, request.token) {
            (Node::Cbs, _) => 202,
            (_, None) => 204,
            (_, Some(token)) if self.ledger().settled.contains_key(&token) => 410,
            (_, Some(token)) => {
                self.ledger().settled.insert(token, true);
                200
            }
        };
        let session = link.session();
        let answers = self
            .links
            .iter()
            .find(|(id, link)| {
                link.node == node && link.role == Role::Receiver && id.session() == session
            })
            .map(|(id, _)| *id);
        if let Some(answers) = answers {
            self.transfer(answers, 0, request.answer(names, status), true);
        }
        Going::On
    }

    fn store(&mut self, link: LinkId, delivery: &Delivery) -> Going {
        let body = text(&delivery.payload);
        self.ledger().stored.insert(body.clone(), false);
        if let Some(going) = self.strike_link(Stage::Transfer, link) {
            return going;
        }
        let answered = self.accept(link, delivery.id);
        self.ledger().stored.insert(body, answered);
        Going::On
    }

    fn accept(&mut self, link: LinkId, id: DeliveryId) -> bool {
        let accepted = DeliveryState::Accepted(Accepted {});
        self.connection.dispose(link, id, Some(accepted), true)
    }

    fn credit_granted(&mut self, link: LinkId, credit: u32, drain: bool) -> Going {
        let Some((Node::Queue, deleting)) = self.links.get(&link).map(|l| (l.node, l.deleting))
        else {
            return Going::On;
        };
        if credit > 0 && !drain {
            if let Some(going) = self.strike_link(Stage::Waiting, link) {
                return going;
            }
        }
        for _ in 0..credit {
            let Some((token, body)) = self.ledger().queue.pop_first() else {
                break;
            };
            self.transfer(link, token, message(&body), deleting);
            if let Some(going) = self.strike_link(Stage::Receiving, link) {
                return going;
            }
        }
        if drain {
            self.connection.drained(link);
        }
        Going::On
    }

    fn transfer(&mut self, link: LinkId, token: u8, payload: Bytes, settled: bool) {
        let delivery = OutgoingDelivery {
            tag: Bytes::copy_from_slice(&[token; 16]),
            payload,
            message_format: 0,
            settled,
            state: None,
        };
        // A link without credit is a client that has left.
        if let Ok(id) = self.connection.send(link, delivery) {
            self.tokens.insert(id, token);
        }
    }

    fn settle(&mut self, link: LinkId, id: DeliveryId, state: DeliveryState) -> Going {
        let Some(token) = self.tokens.get(&id).copied() else {
            return Going::On;
        };
        if let Some(going) = self.strike_link(Stage::Settling, link) {
            return going;
        }
        self.ledger().settled.insert(token, false);
        if let Some(going) = self.strike_link(Stage::Settled, link) {
            return going;
        }
        let answered = self.connection.dispose(link, id, Some(state), true);
        self.ledger().settled.insert(token, answered);
        Going::On
    }
}

/// What passes with time, so that the client may try again.
fn forced() -> definitions::Error {
    LinkError::DetachForced.into()
}

fn answer_to(attach: Attach) -> Attach {
    Attach {
        unsettled: None,
        incomplete_unsettled: false,
        initial_delivery_count: Some(0),
        max_message_size: Some(262_144),
        offered_capabilities: None,
        desired_capabilities: None,
        properties: None,
        ..attach
    }
}
