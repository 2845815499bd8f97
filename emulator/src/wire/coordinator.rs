//! The transaction coordinator: the node on whose links a client declares and discharges
//! transactions (AMQP 1.0, part 4).

use bytes::Bytes;
use serde_amqp::primitives::Binary;
use servicebus_amqp::descriptor::{code_of, DECLARE, DISCHARGE};
use servicebus_amqp::error::DecodeError;
use servicebus_amqp::sections::{section_value, split_sections};
use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::types::transaction::Declared;
use servicebus_amqp::walker::Kind;
use servicebus_amqp::{Delivery, LinkId};

use super::peer::{Link, Peer};
use super::refusal::{Refusal, GATEWAY};
use super::verdict;
use crate::broker::{BrokerError, QueueRef, TransactionId};
use crate::fault::{Answer, Step};
use crate::hub::Hub;

/// The most transactions that a connection may have open: each may hold many messages back.
const MAX_OPEN: usize = 100;

/// A link on which the client declares and discharges transactions.
#[derive(Debug)]
pub(super) struct CoordinatorLink {
    /// It was there before any link to an entity on its session. Through such a session messages
    /// go to any entity (Service Bus docs, "Transactions: cross-entity").
    pub(super) comes_first: bool,
}

/// What a client asks of a coordinator.
enum Demand {
    Declare { global_id: bool },
    Discharge { id: Vec<u8>, fail: bool },
}

impl Peer {
    pub(super) fn coordinate(&mut self, link: LinkId, delivery: &Delivery, hub: &mut Hub) {
        let fault = self.fault_on_link(Step::Message, link, hub);
        let state = match &fault {
            Some(Answer::Refuse(reason)) => Err(Refusal::from(reason.clone())),
            Some(Answer::Delay(_) | Answer::Drop) | None => {
                self.try_coordinate(link, delivery, hub)
            }
        };
        let state = state.unwrap_or_else(|refusal| {
            hub.note(self.id, &format!("transaction refused: {}", refusal.text()));
            let now = hub.now();
            verdict::rejected(refusal.error(GATEWAY, now))
        });
        self.tell_outcome(link, delivery, state, fault, hub);
    }

    fn try_coordinate(
        &mut self,
        link: LinkId,
        delivery: &Delivery,
        hub: &mut Hub,
    ) -> Result<DeliveryState, Refusal> {
        let demand = read(&delivery.payload)
            .map_err(|error| Refusal::new("amqp:decode-error", 400, format!("{error}.")))?;
        match demand {
            Demand::Declare { global_id: true } => Err(Refusal::not_implemented(
                "Distributed transactions are not supported.",
            )),
            Demand::Declare { global_id: false } => {
                if self.transactions.len() >= MAX_OPEN {
                    let text = format!("A connection has {MAX_OPEN} open transactions at most.");
                    return Err(Refusal::new("amqp:resource-limit-exceeded", 403, text));
                }
                let id = hub.broker.declare();
                self.transactions.insert(id, link);
                let txn_id = Binary::from(id.to_bytes().to_vec());
                Ok(DeliveryState::Declared(Declared { txn_id }))
            }
            Demand::Discharge { id, fail } => {
                let id = self.transaction(&id)?;
                self.transactions.remove(&id);
                let now = hub.now();
                if fail {
                    hub.broker.roll_back(id, now)?;
                } else {
                    hub.broker.commit(id, now)?;
                }
                Ok(verdict::accepted())
            }
        }
    }

    /// An open transaction of this connection.
    pub(super) fn transaction(&self, name: &[u8]) -> Result<TransactionId, Refusal> {
        TransactionId::from_bytes(name)
            .filter(|id| self.transactions.contains_key(id))
            .ok_or_else(|| BrokerError::TransactionUnknown.into())
    }

    /// Keeps a transaction from being committed: work in it was refused, and the client, which had
    /// settled it already, does not hear of that.
    pub(super) fn doom(&self, name: Option<&Binary>, hub: &mut Hub) {
        if let Some(Ok(id)) = name.map(|name| self.transaction(name)) {
            hub.broker.doom(id);
        }
    }

    /// Rolls back what a coordinator link that is gone leaves undischarged.
    pub(super) fn abandon_transactions(&mut self, link: LinkId, hub: &mut Hub) {
        let now = hub.now();
        self.transactions.retain(|id, coordinator| {
            let kept = *coordinator != link;
            if !kept && hub.broker.roll_back(*id, now).is_err() {
                log::debug!("{id:?} was over before its link");
            }
            kept
        });
    }

    /// Whether a link is about to be the first of its session, but for requests.
    pub(super) fn comes_first(&self, link: LinkId) -> bool {
        !self.links.iter().any(|(other, kind)| {
            other.session() == link.session()
                && matches!(
                    kind,
                    Link::Intake(_) | Link::Delivery(_) | Link::SessionWait(_)
                )
        })
    }

    /// The queue whose entity a transaction must be about, if a link sends to `queue` in it; none
    /// where it may send to any.
    pub(super) fn entrance(
        &self,
        id: TransactionId,
        link: LinkId,
        queue: QueueRef,
    ) -> Option<QueueRef> {
        let coordinator = self.transactions.get(&id)?;
        match self.links.get(coordinator) {
            Some(Link::Coordinator(CoordinatorLink { comes_first: true }))
                if coordinator.session() == link.session() =>
            {
                None
            }
            _ => Some(queue),
        }
    }
}

fn read(payload: &Bytes) -> Result<Demand, DecodeError> {
    const EXPECTED: DecodeError = DecodeError::WrongType("declare or discharge");
    let sections = split_sections(payload)?;
    let body = section_value(sections.body.first().ok_or(EXPECTED)?)?;
    let Kind::Described(descriptor, list) = body.kind()? else {
        return Err(EXPECTED);
    };
    let Kind::List(mut fields) = list.kind()? else {
        return Err(EXPECTED);
    };
    let first = fields.next().transpose()?;
    let second = fields.next().transpose()?;
    match code_of(&descriptor) {
        Some(DECLARE) => Ok(Demand::Declare {
            global_id: first.is_some_and(|id| !id.is_null()),
        }),
        Some(DISCHARGE) => Ok(Demand::Discharge {
            id: first
                .and_then(|id| id.as_binary())
                .ok_or(EXPECTED)?
                .to_vec(),
            fail: second.and_then(|fail| fail.as_bool()).unwrap_or(false),
        }),
        _ => Err(EXPECTED),
    }
}
