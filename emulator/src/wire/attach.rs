//! Which links are granted, and on which terms.

use serde_amqp::primitives::{Array, Symbol};
use serde_amqp::Value;
use servicebus_amqp::types::definitions::{Fields, Role, SenderSettleMode};
use servicebus_amqp::types::messaging::TargetArchetype;
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::types::transaction::TxnCapability;
use servicebus_amqp::LinkId;

use super::address::Node;
use super::coordinator::CoordinatorLink;
use super::delivery::DeliveryLink;
use super::fault_points::LinkLabel;
use super::intake::IntakeLink;
use super::peer::{Link, Peer, RequestNode};
use super::refusal::{Refusal, GATEWAY};
use super::replies::ReplyLink;
use super::session_filter::{self, Wanted};
use super::session_wait::{self, SessionWait};
use crate::auth::Right;
use crate::broker::{QueueRef, ReceiveMode};
use crate::hub::Hub;

pub(super) const SEND: &[Right] = &[Right::Send];
pub(super) const LISTEN: &[Right] = &[Right::Listen];

/// What each request needs is found when it comes.
pub(super) const ANY_RIGHT: &[Right] = &[Right::Listen, Right::Send, Right::Manage];

/// The least size limit of requests, in bytes: more than a message, so that one which is too large is
/// refused by an answer. The JavaScript SDK waits for that alone when it schedules messages.
const REQUEST_LIMIT: u64 = 1024 * 1024;

const TRANSFER_DESTINATION: &str = "com.microsoft:transfer-destination-address";
const MAX_BATCH_SIZE: &str = "com.microsoft:max-message-batch-size";

impl Peer {
    pub(super) fn attach_requested(&mut self, link: LinkId, attach: Attach, hub: &mut Hub) {
        if !matches!(node_of(&attach), Ok(Node::Cbs)) {
            self.idleness.link_came(link, hub.transport_clock().now());
        }
        if let Some(attach) = self.attach_past_faults(link, attach, hub) {
            self.answer_attach(link, attach, hub);
        }
    }

    pub(super) fn answer_attach(&mut self, link: LinkId, attach: Attach, hub: &mut Hub) {
        self.steal(link, &attach, hub);
        let outcome = match node_of(&attach) {
            Err(refusal) => Err((refusal, GATEWAY.to_owned())),
            Ok(node) => self
                .grant(link, &node, &attach, hub)
                .map_err(|refusal| (refusal, tracker_of(&node, hub))),
        };
        match outcome {
            Ok(Link::SessionWait(wait)) => self.hold(link, *wait, hub),
            Ok(granted) => self.accept(link, attach, Fields::new(), granted, hub),
            Err((refusal, tracker)) => {
                let name = &attach.name;
                hub.note(
                    self.id,
                    &format!("link {name:?} refused: {}", refusal.text()),
                );
                self.idleness.link_gone(link, hub.transport_clock().now());
                let now = hub.now();
                self.connection.refuse(link, refusal.error(&tracker, now));
            }
        }
    }

    /// A link takes the place of the one that has had its name (AMQP 1.0, 2.6.1). The service looks for
    /// that on the same session alone: on others, and other connections, they are different links.
    fn steal(&mut self, thief: LinkId, attach: &Attach, hub: &mut Hub) {
        let text = format!("Another link of the name '{}' was attached.", attach.name);
        let refusal = Refusal::new("amqp:link:stolen", 410, text);
        let nearby = |link: &LinkId| link.session() == thief.session();
        let labels = self.labels.iter();
        let labelled = labels.filter(|(link, label)| nearby(link) && label.is_of(attach));
        for link in labelled.map(|(link, _)| *link).collect::<Vec<_>>() {
            self.detach_with(link, &refusal, hub);
        }
        let waiting = self.links.iter().filter(|(id, link)| match link {
            Link::SessionWait(wait) => nearby(id) && wait.is_of(attach),
            _ => false,
        });
        for link in waiting.map(|(link, _)| *link).collect::<Vec<_>>() {
            self.refuse_wait(link, &refusal, hub);
        }
    }

    fn grant(
        &mut self,
        link: LinkId,
        node: &Node,
        attach: &Attach,
        hub: &mut Hub,
    ) -> Result<Link, Refusal> {
        let client_sends = matches!(attach.role, Role::Sender);
        match node {
            // What is done in a transaction needs its own claims.
            Node::Coordinator => {
                if !hub.broker.has_transactions() {
                    return Err(Refusal::not_allowed(
                        "Transactions are not supported in the Basic tier.",
                    ));
                }
                let comes_first = self.comes_first(link);
                Ok(Link::Coordinator(CoordinatorLink { comes_first }))
            }
            Node::Cbs => {
                self.check_single_cbs(client_sends)?;
                Ok(request_link(RequestNode::Cbs, client_sends, attach))
            }
            Node::Management { entity } => {
                // Some clients put a token for the management node alone.
                self.demand_claim(&path_of(node), ANY_RIGHT, hub)?;
                let queue = self.resolve(entity, hub)?;
                let node = RequestNode::Management(queue);
                Ok(request_link(node, client_sends, attach))
            }
            Node::Entity { path } if client_sends => {
                let queue = self.authorized(path, SEND, hub)?;
                hub.broker.check_sending(queue)?;
                let destination = match transfer_destination(attach)? {
                    Some(path) => {
                        let destination = self.authorized(&path, SEND, hub)?;
                        hub.broker.check_transfer(destination)?;
                        Some(destination)
                    }
                    None => None,
                };
                Ok(Link::Intake(IntakeLink { queue, destination }))
            }
            Node::Entity { path } => {
                let queue = self.authorized(path, LISTEN, hub)?;
                let mode = match attach.snd_settle_mode {
                    SenderSettleMode::Settled => ReceiveMode::ReceiveAndDelete,
                    SenderSettleMode::Unsettled | SenderSettleMode::Mixed => ReceiveMode::PeekLock,
                };
                match session_filter::read(attach)? {
                    None => {
                        let consumer = hub.attach_consumer(self.id, queue, mode)?;
                        Ok(Link::Delivery(DeliveryLink::new(consumer, queue)))
                    }
                    Some(wanted) => {
                        let timeout = session_wait::timeout(attach)?;
                        let session = match &wanted {
                            Wanted::Named(id) => Some(id.as_str()),
                            Wanted::Next => None,
                        };
                        let consumer = hub.accept_session(self.id, queue, mode, session)?;
                        let wait = SessionWait::new(consumer, queue, attach, timeout, hub);
                        Ok(Link::SessionWait(Box::new(wait)))
                    }
                }
            }
        }
    }

    /// The queue of a path, if the connection holds a claim for it.
    fn authorized(&self, path: &str, rights: &[Right], hub: &mut Hub) -> Result<QueueRef, Refusal> {
        self.demand_claim(path, rights, hub)?;
        self.resolve(path, hub)
    }

    /// Refuses unless the connection holds one of these rights to a path.
    pub(super) fn demand_claim(
        &self,
        path: &str,
        rights: &[Right],
        hub: &Hub,
    ) -> Result<(), Refusal> {
        let second = hub.transport_clock().unix_seconds();
        if self.claims.allow(path, rights, second) {
            Ok(())
        } else {
            Err(Refusal::unauthorized(rights, &self.hostname, path))
        }
    }

    fn resolve(&self, path: &str, hub: &mut Hub) -> Result<QueueRef, Refusal> {
        hub.broker
            .resolve(path)
            .map_err(|_| Refusal::entity_not_found(&self.hostname, path))
    }

    fn check_single_cbs(&self, client_sends: bool) -> Result<(), Refusal> {
        let taken = self.links.values().any(|link| match link {
            Link::Requests(node) => client_sends && *node == RequestNode::Cbs,
            Link::Replies(link) => !client_sends && link.node == RequestNode::Cbs,
            Link::Intake(_) | Link::Delivery(_) | Link::SessionWait(_) | Link::Coordinator(_) => {
                false
            }
        });
        if taken {
            return Err(Refusal::not_allowed(
                "Only one pair of links to the $cbs node is allowed on a connection.",
            ));
        }
        Ok(())
    }

    /// Grants a link, with these properties beside those that all of its kind have.
    pub(super) fn accept(
        &mut self,
        link: LinkId,
        attach: Attach,
        properties: Fields,
        granted: Link,
        hub: &mut Hub,
    ) {
        let name = &attach.name;
        hub.note(self.id, &format!("link {name:?} attached"));
        self.labels.insert(link, LinkLabel::of(&attach));
        let answer = answer_to(attach, properties, &granted, hub);
        self.connection.accept(link, answer);
        match &granted {
            Link::Intake(_) | Link::Requests(_) | Link::Coordinator(_) => {
                self.give_credit(link, hub);
            }
            Link::Delivery(delivery) => {
                self.consumers.insert(delivery.consumer, link);
            }
            Link::SessionWait(_) | Link::Replies(_) => {}
        }
        self.links.insert(link, granted);
    }
}

/// Source and target go back as they came, because clients compare them; a coordinator's target says
/// what it can do.
fn answer_to(mut attach: Attach, mut properties: Fields, granted: &Link, hub: &Hub) -> Attach {
    if matches!(granted, Link::Intake(_)) {
        let limit = Value::Ulong(hub.broker.max_batch_size());
        properties.insert(Symbol::from(MAX_BATCH_SIZE), limit);
    }
    if let Some(TargetArchetype::Coordinator(coordinator)) = attach.target.as_deref_mut() {
        coordinator.capabilities = Some(Array::from(vec![
            TxnCapability::LocalTransactions,
            TxnCapability::MultiTxnsPerSsn,
            TxnCapability::MultiSsnsPerTxn,
        ]));
    }
    let mut limit = granted
        .queue()
        .map_or(hub.broker.max_batch_size(), |queue| {
            hub.broker.max_message_size(queue)
        });
    if matches!(granted, Link::Requests(_)) {
        limit = limit.max(REQUEST_LIMIT);
    }
    Attach {
        unsettled: None,
        incomplete_unsettled: false,
        initial_delivery_count: Some(0),
        max_message_size: Some(limit),
        offered_capabilities: None,
        desired_capabilities: None,
        properties: Some(properties),
        ..attach
    }
}

/// The path of the entity that a sender wants its messages transferred to.
fn transfer_destination(attach: &Attach) -> Result<Option<String>, Refusal> {
    let properties = attach.properties.as_ref();
    let address = properties.and_then(|known| known.get(&Symbol::from(TRANSFER_DESTINATION)));
    match address {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(address)) => match Node::parse(address) {
            Node::Entity { path } => Ok(Some(path)),
            Node::Coordinator | Node::Cbs | Node::Management { .. } => {
                let text = format!("Messages cannot be transferred to '{address}'.");
                Err(Refusal::not_allowed(text))
            }
        },
        Some(_) => Err(Refusal::argument(format!(
            "{TRANSFER_DESTINATION} is no string."
        ))),
    }
}

fn request_link(node: RequestNode, client_sends: bool, attach: &Attach) -> Link {
    if client_sends {
        return Link::Requests(node);
    }
    let address = target_address(attach).map(str::to_owned);
    Link::Replies(ReplyLink::new(node, attach.name.clone(), address))
}

pub(super) fn node_of(attach: &Attach) -> Result<Node, Refusal> {
    let address = match attach.role {
        Role::Sender => {
            if let Some(TargetArchetype::Coordinator(_)) = attach.target.as_deref() {
                return Ok(Node::Coordinator);
            }
            target_address(attach)
        }
        Role::Receiver => attach
            .source
            .as_ref()
            .and_then(|source| source.address.as_deref()),
    };
    match address {
        Some(address) => Ok(Node::parse(address)),
        None => Err(Refusal::not_allowed("The link names no node.")),
    }
}

fn target_address(attach: &Attach) -> Option<&str> {
    match attach.target.as_deref()? {
        TargetArchetype::Target(target) => target.address.as_deref(),
        TargetArchetype::Coordinator(_) => None,
    }
}

fn tracker_of(node: &Node, hub: &Hub) -> String {
    let (Node::Management { entity: path } | Node::Entity { path }) = node else {
        return GATEWAY.to_owned();
    };
    let queue = hub.broker.resolve(path).ok();
    queue.map_or_else(|| GATEWAY.to_owned(), |queue| hub.tracker(queue))
}

pub(super) fn path_of(node: &Node) -> String {
    match node {
        Node::Coordinator => "$coordinator".to_owned(),
        Node::Cbs => "$cbs".to_owned(),
        Node::Management { entity } => format!("{entity}/$management"),
        Node::Entity { path } => path.clone(),
    }
}
