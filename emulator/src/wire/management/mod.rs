//! The `$management` node of an entity.

mod batch_delete;
mod locks;
mod peek;
mod receive_by_number;
mod rules;
mod schedule;
mod sequence_numbers;
mod sessions;
mod update_disposition;

use serde_amqp::primitives::Binary;
use servicebus_amqp::{Delivery, LinkId};

use super::attach::{LISTEN, SEND};
use super::peer::{Link, Peer, RequestNode};
use super::refusal::{Refusal, GATEWAY};
use super::replies::{route, MAX_WAITING_BYTES};
use super::request::Request;
use super::response::{Response, Spelling};
use super::verdict;
use crate::broker::{ConsumerId, QueueRef, TransactionId};
use crate::fault::Answer;
use crate::hub::Hub;

/// The transaction that a request is part of.
#[derive(Clone, Copy, Debug)]
struct Enlistment {
    id: TransactionId,
    /// The queue by which messages enter it; `None` where they may go to any entity.
    entrance: Option<QueueRef>,
}

impl Peer {
    /// Handles a request: the answer travels on another link.
    pub(super) fn answer(
        &mut self,
        link: LinkId,
        node: RequestNode,
        delivery: &Delivery,
        hub: &mut Hub,
    ) {
        let state = match self.try_answer(link, node, delivery, hub) {
            Ok(None) => verdict::accepted(),
            Ok(Some(name)) => verdict::in_transaction(name, verdict::accepted()),
            Err(refusal) => {
                hub.note(self.id, &format!("request refused: {}", refusal.text()));
                let now = hub.now();
                verdict::rejected(refusal.error(GATEWAY, now))
            }
        };
        self.acknowledge(link, delivery, state, hub);
    }

    /// An error refuses the request on the link it came by. Says the transaction that it was part of.
    fn try_answer(
        &mut self,
        link: LinkId,
        node: RequestNode,
        delivery: &Delivery,
        hub: &mut Hub,
    ) -> Result<Option<Binary>, Refusal> {
        let name = verdict::transaction_of(delivery.state.as_ref())?.cloned();
        let transaction = match &name {
            Some(name) => Some(self.transaction(name)?),
            None => None,
        };
        let request = Request::read(&delivery.payload)
            .map_err(|error| Refusal::new("amqp:decode-error", 400, format!("{error}.")))?;
        self.use_associated_link(&request, hub);
        let links = || {
            self.links.iter().filter_map(|(id, link)| match link {
                Link::Replies(replies) => Some((*id, replies)),
                Link::Intake(_)
                | Link::Delivery(_)
                | Link::SessionWait(_)
                | Link::Requests(_)
                | Link::Coordinator(_) => None,
            })
        };
        let waiting: usize = links().map(|(_, replies)| replies.waiting_bytes()).sum();
        let is_behind = waiting + self.connection.queued_bytes() >= MAX_WAITING_BYTES;
        let reply_link = route(links(), link, node, request.reply_to());
        if let Some(Link::Replies(replies)) = reply_link.and_then(|id| self.links.get(&id)) {
            if replies.is_full() || is_behind {
                let text = "Too many answers wait to be received.";
                return Err(Refusal::new("com.microsoft:server-busy", 503, text));
            }
        }
        let fault = self.fault_at_request(node, &request, hub);
        let (response, spelling) = match node {
            RequestNode::Cbs if transaction.is_some() => {
                let text = "Tokens are no part of a transaction.";
                return Err(Refusal::not_allowed(text));
            }
            RequestNode::Cbs => {
                let response = match &fault {
                    Some(Answer::Refuse(reason)) => {
                        let now = hub.now();
                        Response::refused(&reason.clone().into(), GATEWAY, now)
                    }
                    _ => self.put_token(&request, hub),
                };
                (response, Spelling::Hyphens)
            }
            RequestNode::Management(queue) => {
                let refusal = match &fault {
                    Some(Answer::Refuse(reason)) => Err(reason.clone().into()),
                    _ => self.check_right(queue, &request, hub),
                };
                let response = match refusal {
                    Ok(()) => {
                        let enlistment = transaction.map(|id| Enlistment {
                            id,
                            entrance: self.entrance(id, link, queue),
                        });
                        self.manage(queue, &request, enlistment, hub)?
                    }
                    Err(refusal) => refused(&refusal, queue, hub),
                };
                (response, Spelling::Camels)
            }
        };
        let Some(id) = reply_link else {
            hub.note(self.id, "an answer had no link to travel on");
            return Ok(name);
        };
        self.idleness.link_used(id, hub.transport_clock().now());
        let answer = response.encode(&request, spelling);
        self.reply(id, answer, fault, hub);
        Ok(name)
    }

    fn check_right(&self, queue: QueueRef, request: &Request, hub: &Hub) -> Result<(), Refusal> {
        let operation = request
            .property("operation")
            .and_then(|name| name.as_text());
        let rights = match operation {
            Some("com.microsoft:schedule-message" | "com.microsoft:cancel-scheduled-message") => {
                SEND
            }
            _ => LISTEN,
        };
        let path = hub.broker.path(queue).unwrap_or_default();
        self.demand_claim(&format!("{path}/$management"), rights, hub)
    }

    /// Who receives on the link that a request is associated with.
    fn associated_consumer(&self, request: &Request) -> Option<ConsumerId> {
        let links = self.associated_links(request);
        links.iter().find_map(|link| match self.links.get(link) {
            Some(Link::Delivery(link)) => Some(link.consumer),
            Some(
                Link::Intake(_)
                | Link::SessionWait(_)
                | Link::Requests(_)
                | Link::Replies(_)
                | Link::Coordinator(_),
            )
            | None => None,
        })
    }

    /// Runs an operation; one that the service does not know is refused as a delivery, without an answer.
    fn manage(
        &self,
        queue: QueueRef,
        request: &Request,
        enlistment: Option<Enlistment>,
        hub: &mut Hub,
    ) -> Result<Response, Refusal> {
        let operation = request
            .property("operation")
            .and_then(|name| name.as_text())
            .unwrap_or_default();
        let asking = self.id;
        let known = operation.strip_prefix("com.microsoft:");
        let enlists = matches!(known, Some("schedule-message" | "update-disposition"));
        if enlistment.is_some() && !enlists {
            let text = format!("'{operation}' cannot be part of a transaction.");
            return Err(Refusal::not_implemented(text));
        }
        let outcome = match known.unwrap_or_default() {
            "add-rule" => rules::add(queue, request, hub),
            "batch-delete-messages" => batch_delete::run(asking, queue, request, hub),
            "cancel-scheduled-message" => schedule::cancel(queue, request, hub),
            "enumerate-rules" => rules::enumerate(queue, request, hub),
            "get-message-sessions" => sessions::list(queue, request, hub),
            "get-session-state" => sessions::state(asking, queue, request, hub),
            "peek-message" => peek::run(queue, request, hub),
            "receive-by-sequence-number" => {
                let link = self.associated_consumer(request);
                receive_by_number::run(asking, queue, link, request, hub)
            }
            "remove-rule" => rules::remove(queue, request, hub),
            "renew-lock" => locks::renew(queue, request, hub),
            "renew-session-lock" => sessions::renew(asking, queue, request, hub),
            "schedule-message" => schedule::run(queue, request, enlistment, hub),
            "set-session-state" => sessions::set_state(asking, queue, request, hub),
            "update-disposition" => {
                let transaction = enlistment.map(|enlistment| enlistment.id);
                update_disposition::run(asking, queue, request, transaction, hub)
            }
            _ => {
                let text = format!("Invalid command '{operation}'.");
                return Err(Refusal::not_allowed(text));
            }
        };
        Ok(outcome.unwrap_or_else(|refusal| refused(&refusal, queue, hub)))
    }
}

fn refused(refusal: &Refusal, queue: QueueRef, hub: &mut Hub) -> Response {
    let now = hub.now();
    Response::refused(refusal, &hub.tracker(queue), now)
}
