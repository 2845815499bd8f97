//! Where scripted faults act on a connection, apart from its byte stream.

use std::time::Duration;

use bytes::Bytes;
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::{DeliveryId, LinkId, SessionId};

use super::attach::{node_of, path_of};
use super::delayed::Late;
use super::peer::{Link, Peer, RequestNode};
use super::refusal::{Refusal, GATEWAY};
use super::request::Request;
use crate::auth::Audience;
use crate::fault::{Answer, Effect, FaultId, Place, Reason, Severed, Step, Sudden};
use crate::hub::{Hub, PeerId};

/// What faults know a link by.
#[derive(Debug)]
pub(super) struct LinkLabel {
    name: String,
    /// The path in its address.
    entity: String,
    client_sends: bool,
}

impl LinkLabel {
    pub(super) fn of(attach: &Attach) -> Self {
        let node = node_of(attach);
        Self {
            name: attach.name.clone(),
            entity: node.map(|node| path_of(&node)).unwrap_or_default(),
            client_sends: matches!(attach.role, Role::Sender),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether an attach is for the same link (AMQP 1.0, 2.6.1).
    pub(super) fn is_of(&self, attach: &Attach) -> bool {
        self.name == attach.name && self.client_sends == matches!(attach.role, Role::Sender)
    }

    /// What a message that has gone over the link, in either direction, leads to.
    pub(super) fn severed(&self, connection: PeerId, hub: &mut Hub) -> Option<(Severed, Reason)> {
        if hub.faults.is_empty() {
            return None;
        }
        hub.faults.after_delivery(&self.place(connection))
    }

    fn place(&self, connection: PeerId) -> Place<'_> {
        Place {
            connection: connection.number(),
            entity: Some(&self.entity),
            link: Some(&self.name),
            client_sends: Some(self.client_sends),
            ..Place::default()
        }
    }
}

impl Peer {
    fn place(&self) -> Place<'static> {
        Place {
            connection: self.id.number(),
            ..Place::default()
        }
    }

    /// Whether a fault refuses the handshake or the open.
    pub(super) fn refused_by_fault(&self, step: Step, hub: &mut Hub) -> Option<Refusal> {
        match hub.faults.answer(step, &self.place())? {
            Answer::Refuse(reason) => Some(reason.into()),
            Answer::Delay(_) | Answer::Drop => None,
        }
    }

    /// The request for a link, unless a fault keeps it.
    pub(super) fn attach_past_faults(
        &mut self,
        link: LinkId,
        attach: Attach,
        hub: &mut Hub,
    ) -> Option<Attach> {
        let label = LinkLabel::of(&attach);
        match hub.faults.answer(Step::Attach, &label.place(self.id)) {
            None => return Some(attach),
            Some(Answer::Refuse(reason)) => {
                let name = &label.name;
                hub.note(
                    self.id,
                    &format!("link {name:?} refused by a fault: {}", reason.condition),
                );
                let now = hub.now();
                let error = Refusal::from(reason).error(GATEWAY, now);
                self.idleness.link_gone(link, hub.transport_clock().now());
                self.connection.refuse(link, error);
            }
            Some(Answer::Delay(by)) => {
                let attach = Box::new(attach);
                self.delay(by, Late::Attach { link, attach }, hub);
            }
            Some(Answer::Drop) => {
                hub.note(self.id, &format!("link {:?} not answered", label.name));
            }
        }
        None
    }

    /// What a fault makes of the answer to a delivery or a verdict.
    pub(super) fn fault_on_link(&self, step: Step, link: LinkId, hub: &mut Hub) -> Option<Answer> {
        if hub.faults.is_empty() {
            return None;
        }
        let label = self.labels.get(&link)?;
        hub.faults.answer(step, &label.place(self.id))
    }

    pub(super) fn withholds_credit(&self, link: LinkId, hub: &mut Hub) -> bool {
        let label = self.labels.get(&link);
        label.is_some_and(|label| hub.faults.withholds_credit(&label.place(self.id)))
    }

    /// What a fault makes of the answer to a request.
    pub(super) fn fault_at_request(
        &self,
        node: RequestNode,
        request: &Request,
        hub: &mut Hub,
    ) -> Option<Answer> {
        if hub.faults.is_empty() {
            return None;
        }
        let text = |name: &str| request.property(name).and_then(|value| value.as_text());
        match node {
            RequestNode::Cbs => {
                let audience = Audience::parse(text("name").unwrap_or_default());
                let entity = Some(audience.path());
                let place = self.place();
                hub.faults.answer(Step::Token, &Place { entity, ..place })
            }
            RequestNode::Management(queue) => {
                let entity = hub.broker.path(queue).map(str::to_owned);
                let place = Place {
                    entity: entity.as_deref(),
                    operation: text("operation"),
                    ..self.place()
                };
                hub.faults.answer(Step::Request, &place)
            }
        }
    }

    /// Sends an answer, or does with it what a fault wants.
    pub(super) fn reply(
        &mut self,
        link: LinkId,
        answer: Bytes,
        fault: Option<Answer>,
        hub: &mut Hub,
    ) {
        let delay = match fault {
            Some(Answer::Drop) => return hub.note(self.id, "an answer was dropped by a fault"),
            Some(Answer::Delay(by)) => by,
            Some(Answer::Refuse(_)) | None => Duration::ZERO,
        };
        let now = hub.transport_clock().now();
        if let Some(Link::Replies(replies)) = self.links.get_mut(&link) {
            replies.push(answer, now.saturating_add(delay));
            replies.flush(link, &mut self.connection, now);
        }
        if !delay.is_zero() {
            self.delay(delay, Late::Replies { link }, hub);
        }
    }

    pub(super) fn delay_disposition(
        &mut self,
        by: Duration,
        link: LinkId,
        delivery: DeliveryId,
        state: DeliveryState,
        hub: &Hub,
    ) {
        let late = Late::Disposition {
            link,
            delivery,
            state,
        };
        self.delay(by, late, hub);
    }

    fn delay(&mut self, by: Duration, late: Late, hub: &Hub) {
        let at = hub.transport_clock().now().saturating_add(by);
        self.delayed.add(at, late);
    }

    /// Does what was put off and is due.
    pub(super) fn catch_up(&mut self, hub: &mut Hub) {
        let now = hub.transport_clock().now();
        while let Some(late) = self.delayed.take_due(now) {
            match late {
                Late::Attach { link, attach } => {
                    self.answer_attach(link, *attach, hub);
                    // A client need not wait for the answer before it grants credit.
                    let credit = self.connection.credit(link);
                    self.credit_granted(link, credit, false, hub);
                }
                Late::Disposition {
                    link,
                    delivery,
                    state,
                } => {
                    self.connection.dispose(link, delivery, Some(state), true);
                    if let Some(Link::Intake(_) | Link::Coordinator(_)) = self.links.get(&link) {
                        self.give_credit(link, hub);
                    }
                }
                Late::Replies { link } => {
                    if let Some(Link::Replies(replies)) = self.links.get_mut(&link) {
                        replies.flush(link, &mut self.connection, now);
                    }
                }
            }
        }
    }

    /// The client has sent a message over a link.
    pub(super) fn message_passed(&mut self, link: LinkId, hub: &mut Hub) {
        let label = self.labels.get(&link);
        if let Some((what, reason)) = label.and_then(|label| label.severed(self.id, hub)) {
            self.sever(link, what, reason, hub);
        }
    }

    /// Looks at what has changed in the script.
    pub(super) fn notice_faults(&mut self, hub: &mut Hub) {
        if self.fault_revision == hub.faults.revision() {
            return;
        }
        self.fault_revision = hub.faults.revision();
        let number = self.id.number();
        while let Some((id, sudden)) = hub.faults.next_sudden(self.faults_seen, number) {
            self.faults_seen = id;
            self.suffer(id, sudden, hub);
        }
        let taken = |link: &Link| {
            matches!(
                link,
                Link::Intake(_) | Link::Requests(_) | Link::Coordinator(_)
            )
        };
        let links = self.links.iter().filter(|(_, link)| taken(link));
        for link in links.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.give_credit(link, hub);
        }
    }

    fn suffer(&mut self, id: FaultId, sudden: Sudden, hub: &mut Hub) {
        match sudden.effect {
            Effect::ExpireTokens => {
                if hub.faults.strikes(id, &self.place()) {
                    self.claims.expire();
                    self.detach_orphans(hub);
                }
            }
            Effect::Sever { what, reason } => {
                if what == Severed::Connection && !sudden.of_links {
                    if hub.faults.strikes(id, &self.place()) {
                        self.close(&reason.into(), hub);
                    }
                    return;
                }
                if what == Severed::Session && !sudden.of_links {
                    // Some have no link.
                    for session in self.sessions.iter().copied().collect::<Vec<_>>() {
                        if hub.faults.strikes(id, &self.place()) {
                            self.end_session(session, &reason.clone().into(), hub);
                        }
                    }
                    return;
                }
                for link in self.links.keys().copied().collect::<Vec<_>>() {
                    // An earlier one may have taken it along.
                    let label = self.labels.get(&link);
                    if label.is_some_and(|label| hub.faults.strikes(id, &label.place(self.id))) {
                        self.sever(link, what, reason.clone(), hub);
                    }
                }
            }
            Effect::Handshake(_)
            | Effect::Answer { .. }
            | Effect::WithholdCredit
            | Effect::Stream(_) => {}
        }
    }

    /// Ends a link, or what carries it.
    pub(super) fn sever(&mut self, link: LinkId, what: Severed, reason: Reason, hub: &mut Hub) {
        let refusal = Refusal::from(reason);
        match what {
            Severed::Link => self.detach_with(link, &refusal, hub),
            Severed::Session => self.end_session(link.session(), &refusal, hub),
            Severed::Connection => self.close(&refusal, hub),
        }
    }

    /// Ends a session with an error. What its links hold is free at once.
    fn end_session(&mut self, session: SessionId, refusal: &Refusal, hub: &mut Hub) {
        self.sessions.remove(&session);
        let links = self.links.keys().filter(|link| link.session() == session);
        for link in links.copied().collect::<Vec<_>>() {
            self.detached(link, hub);
        }
        let now = hub.now();
        hub.note(self.id, &format!("session ended: {}", refusal.text()));
        let error = refusal.error(GATEWAY, now);
        self.connection.end(session, Some(error));
    }

    /// Has the connection closed with an error. What it holds is free at once.
    pub(super) fn close(&mut self, refusal: &Refusal, hub: &mut Hub) {
        for link in self.links.keys().copied().collect::<Vec<_>>() {
            self.detached(link, hub);
        }
        let now = hub.now();
        hub.note(self.id, &format!("connection closed: {}", refusal.text()));
        self.closing = Some(refusal.error(GATEWAY, now));
    }
}
