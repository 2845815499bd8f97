//! One connection: its links, its claims, and what its events lead to.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use servicebus_amqp::types::definitions::Error;
use servicebus_amqp::{Connection, Event, LinkId, SessionId};

use super::attach::{ANY_RIGHT, LISTEN, SEND};
use super::coordinator::CoordinatorLink;
use super::delayed::Delayed;
use super::delivery::DeliveryLink;
use super::fault_points::LinkLabel;
use super::idle::Idleness;
use super::intake::IntakeLink;
use super::refusal::{Refusal, GATEWAY};
use super::replies::ReplyLink;
use super::session_wait::SessionWait;
use crate::auth::{Claims, Right};
use crate::broker::{BrokerError, ConsumerId, QueueRef, TransactionId};
use crate::fault::{FaultId, Step};
use crate::hub::{Hub, PeerId};

/// A node that answers requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestNode {
    Cbs,
    Management(QueueRef),
}

/// What a link of the client is for.
#[derive(Debug)]
pub(super) enum Link {
    /// The client sends messages to an entity.
    Intake(IntakeLink),
    /// The client receives messages.
    Delivery(DeliveryLink),
    /// The client is to receive the messages of a session, once there is one.
    SessionWait(Box<SessionWait>),
    /// The client sends requests.
    Requests(RequestNode),
    /// The client receives answers.
    Replies(ReplyLink),
    /// The client declares and discharges transactions.
    Coordinator(CoordinatorLink),
}

impl Link {
    /// The queue that the link depends on.
    pub(super) fn queue(&self) -> Option<QueueRef> {
        match self {
            Link::Intake(link) => Some(link.queue),
            Link::Delivery(link) => Some(link.queue),
            Link::SessionWait(wait) => Some(wait.queue),
            Link::Requests(node) | Link::Replies(ReplyLink { node, .. }) => match node {
                RequestNode::Cbs => None,
                RequestNode::Management(queue) => Some(*queue),
            },
            Link::Coordinator(_) => None,
        }
    }

    /// The rights of which the holder of the link must have one.
    fn claimed_rights(&self) -> &'static [Right] {
        match self {
            Link::Intake(_) => SEND,
            Link::Delivery(_) | Link::SessionWait(_) => LISTEN,
            Link::Requests(_) | Link::Replies(_) => ANY_RIGHT,
            Link::Coordinator(_) => &[],
        }
    }

    /// What a token must cover, given the path of the queue.
    fn claimed_path<'a>(&self, path: &'a str) -> Cow<'a, str> {
        match self {
            Link::Intake(_) | Link::Delivery(_) | Link::SessionWait(_) | Link::Coordinator(_) => {
                path.into()
            }
            Link::Requests(_) | Link::Replies(_) => format!("{path}/$management").into(),
        }
    }
}

/// A connection as the emulator sees it.
pub(super) struct Peer {
    pub(super) id: PeerId,
    pub(super) connection: Connection,
    pub(super) claims: Claims,
    /// The host that the client meant to reach.
    pub(super) hostname: String,
    pub(super) links: BTreeMap<LinkId, Link>,
    /// The sessions that are open, with links or without.
    pub(super) sessions: BTreeSet<SessionId>,
    /// How faults know the links.
    pub(super) labels: BTreeMap<LinkId, LinkLabel>,
    /// What faults have put off.
    pub(super) delayed: Delayed,
    pub(super) idleness: Idleness,
    /// Why the connection is to be closed.
    pub(super) closing: Option<Error>,
    /// The last fault of which the connection has heard.
    pub(super) faults_seen: FaultId,
    pub(super) fault_revision: u64,
    pub(super) consumers: HashMap<ConsumerId, LinkId>,
    /// How many deliveries the client has not decided on, over all links.
    pub(super) undecided: usize,
    /// Consumers that may have something to take.
    pub(super) pending: BTreeSet<ConsumerId>,
    /// Links that wait for a session, by the end of their wait in transport time.
    pub(super) waits: BTreeSet<(Duration, LinkId)>,
    /// Open transactions, and the links on which they were declared.
    pub(super) transactions: HashMap<TransactionId, LinkId>,
    entity_changes_seen: u64,
}

impl Peer {
    pub(super) fn new(id: PeerId, connection: Connection, hub: &Hub) -> Self {
        Self {
            id,
            connection,
            claims: Claims::default(),
            hostname: String::new(),
            links: BTreeMap::new(),
            sessions: BTreeSet::new(),
            labels: BTreeMap::new(),
            delayed: Delayed::default(),
            idleness: Idleness::new(hub.transport_clock().now()),
            closing: None,
            faults_seen: hub.faults.last(),
            fault_revision: hub.faults.revision(),
            consumers: HashMap::new(),
            undecided: 0,
            pending: BTreeSet::new(),
            waits: BTreeSet::new(),
            transactions: HashMap::new(),
            entity_changes_seen: 0,
        }
    }

    /// Handles everything that has happened; says whether anything had.
    pub(super) fn handle_events(&mut self, hub: &mut Hub) -> bool {
        let mut any = false;
        while let Some(event) = self.connection.poll_event() {
            any = true;
            self.handle(event, hub);
        }
        let changed = self.entity_changes_seen != hub.broker.entity_changes();
        self.entity_changes_seen = hub.broker.entity_changes();
        let second = hub.transport_clock().unix_seconds();
        if self.claims.drop_expired(second) || changed {
            self.detach_orphans(hub);
        }
        self.end_waits(hub);
        self.end_idle(hub);
        self.catch_up(hub);
        self.notice_faults(hub);
        any
    }

    /// When something is to happen on the connection by itself, in transport time.
    pub(super) fn next_alarm(&self) -> Option<Duration> {
        let expiry = self.claims.next_expiry().map(Duration::from_secs);
        let wait = self.waits.first().map(|(deadline, _)| *deadline);
        expiry
            .into_iter()
            .chain(wait)
            .chain(self.delayed.next())
            .chain(self.idleness.next_due())
            .min()
    }

    fn handle(&mut self, event: Event, hub: &mut Hub) {
        match event {
            Event::SaslInit {
                mechanism,
                response,
            } => self.authenticate(&mechanism, &response, hub),
            Event::Opened(open) => {
                self.hostname = open.hostname.unwrap_or_default();
                if let Some(refusal) = self.refused_by_fault(Step::Open, hub) {
                    self.close(&refusal, hub);
                }
            }
            Event::AttachRequested { link, attach } => self.attach_requested(link, *attach, hub),
            Event::Delivery { link, delivery } => {
                self.idleness.link_used(link, hub.transport_clock().now());
                match self.links.get(&link) {
                    Some(Link::Intake(intake)) => {
                        let intake = *intake;
                        self.take_in(link, intake, &delivery, hub);
                    }
                    Some(Link::Coordinator(_)) => self.coordinate(link, &delivery, hub),
                    Some(Link::Requests(node)) => {
                        let node = *node;
                        self.answer(link, node, &delivery, hub);
                    }
                    Some(Link::Delivery(_) | Link::SessionWait(_) | Link::Replies(_)) | None => {}
                }
            }
            Event::Flow {
                link,
                credit,
                drain,
            } => self.credit_granted(link, credit, drain, hub),
            Event::Disposition {
                link,
                id,
                state,
                settled,
            } => self.decided(link, id, state, settled, hub),
            Event::Detached { link, .. } => self.detached(link, hub),
            Event::Closed { cause } => {
                hub.note(self.id, &format!("closed: {cause:?}"));
                for consumer in std::mem::take(&mut self.consumers).into_keys() {
                    hub.detach_consumer(consumer);
                }
                let links: BTreeSet<LinkId> = self.transactions.values().copied().collect();
                for link in links {
                    self.abandon_transactions(link, hub);
                }
            }
            Event::SessionBegun { session } => {
                self.sessions.insert(session);
            }
            Event::SessionEnded { session, .. } => {
                self.sessions.remove(&session);
            }
            Event::Attached { .. } | Event::Drained { .. } => {}
        }
    }

    fn authenticate(&mut self, mechanism: &str, response: &[u8], hub: &mut Hub) {
        let accepted = match mechanism {
            "PLAIN" => plain_credentials(response)
                .is_some_and(|(name, key)| hub.tokens.knows_key(name, key)),
            _ => true,
        };
        let accepted = accepted && self.refused_by_fault(Step::Sasl, hub).is_none();
        if accepted && mechanism == "PLAIN" {
            self.claims.add_namespace();
            self.idleness.token_came();
        }
        let verdict = if accepted { "accepted" } else { "refused" };
        hub.note(self.id, &format!("SASL {mechanism} {verdict}"));
        self.connection.sasl_outcome(accepted);
    }

    /// A link is gone, or about to be.
    pub(super) fn detached(&mut self, link: LinkId, hub: &mut Hub) {
        self.labels.remove(&link);
        self.delayed.forget(link);
        self.idleness.link_gone(link, hub.transport_clock().now());
        let consumer = match self.links.remove(&link) {
            Some(Link::Delivery(delivery)) => {
                self.undecided -= delivery.locks.len();
                delivery.consumer
            }
            Some(Link::SessionWait(wait)) => {
                self.wait_ended(link, &wait);
                wait.consumer
            }
            Some(Link::Coordinator(_)) => {
                self.abandon_transactions(link, hub);
                return;
            }
            Some(Link::Intake(_) | Link::Requests(_) | Link::Replies(_)) | None => return,
        };
        self.consumers.remove(&consumer);
        self.pending.remove(&consumer);
        hub.detach_consumer(consumer);
    }

    /// Takes the links whose entity is gone or disabled, or whose token has expired.
    pub(super) fn detach_orphans(&mut self, hub: &mut Hub) {
        let second = hub.transport_clock().unix_seconds();
        let now = hub.now();
        let mut orphans = Vec::new();
        for (id, link) in &self.links {
            let Some(queue) = link.queue() else { continue };
            let Some(path) = hub.broker.path(queue) else {
                let refusal = Refusal::from(BrokerError::EntityDeleted);
                orphans.push((*id, refusal.error(GATEWAY, now)));
                continue;
            };
            let standing = match link {
                Link::Intake(_) => hub.broker.check_sending(queue),
                Link::Delivery(_) | Link::SessionWait(_) => hub.broker.check_receiving(queue),
                Link::Requests(_) | Link::Replies(_) | Link::Coordinator(_) => Ok(()),
            };
            if let Err(error) = standing {
                orphans.push((*id, Refusal::from(error).error(&hub.tracker(queue), now)));
                continue;
            }
            let (claimed, rights) = (link.claimed_path(path), link.claimed_rights());
            if !self.claims.allow(&claimed, rights, second) {
                let refusal = Refusal::token_expired(path);
                orphans.push((*id, refusal.error(GATEWAY, now)));
            }
        }
        for (link, error) in orphans {
            let reason = error.description.as_deref().unwrap_or_default();
            hub.note(self.id, &format!("link detached: {reason}"));
            self.detached(link, hub);
            self.connection.detach(link, true, Some(error));
        }
    }
}

/// The name and the password of a SASL PLAIN response (RFC 4616).
fn plain_credentials(response: &[u8]) -> Option<(&str, &str)> {
    let mut parts = std::str::from_utf8(response).ok()?.split('\0');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(name), Some(password), None) => Some((name, password)),
        _ => None,
    }
}
