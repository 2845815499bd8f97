//! Messages that a client receives, and its verdicts on them.

use std::collections::HashMap;

use bytes::Bytes;
use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::{DeliveryId, LinkId, OutgoingDelivery};

use super::message_bytes;
use super::peer::{Link, Peer};
use super::refusal::{Refusal, GATEWAY};
use super::verdict;
use crate::broker::{BrokerError, ConsumerId, Delivery, LockToken, QueueRef, SessionStanding};
use crate::fault::{Answer, Step};
use crate::hub::Hub;

/// With more than this waiting to be written, a connection takes no more messages from the broker.
const OUTPUT_LIMIT: usize = 256 * 1024;

/// With more deliveries than this waiting for the client's session window, its link takes no more.
const WINDOW_LIMIT: u32 = 64;

/// With more bytes than this waiting for the windows of the client's sessions, no link takes more.
const WINDOW_BYTES: usize = 16 * 1024 * 1024;

/// With so many deliveries of a connection that the client has not decided on, no link takes more. The
/// locks may have run out long ago: only a verdict, or the end of the link, lets go of one.
const MAX_UNDECIDED: usize = 50_000;

/// A link on which the client receives messages.
#[derive(Debug)]
pub(super) struct DeliveryLink {
    pub(super) consumer: ConsumerId,
    pub(super) queue: QueueRef,
    /// Its messages are those of a session, for as long as the lock on that stands.
    of_session: bool,
    /// The locks of deliveries that the client has not decided on.
    pub(super) locks: HashMap<DeliveryId, LockToken>,
}

impl DeliveryLink {
    pub(super) fn new(consumer: ConsumerId, queue: QueueRef) -> Self {
        Self {
            consumer,
            queue,
            of_session: false,
            locks: HashMap::new(),
        }
    }

    pub(super) fn of_session(consumer: ConsumerId, queue: QueueRef) -> Self {
        Self {
            of_session: true,
            ..Self::new(consumer, queue)
        }
    }
}

impl Peer {
    pub(super) fn credit_granted(&mut self, id: LinkId, credit: u32, drain: bool, hub: &mut Hub) {
        let now = hub.now();
        let consumer = match self.links.get_mut(&id) {
            Some(Link::Delivery(link)) => link.consumer,
            // The credit counts from the moment on in which there is a session.
            Some(Link::SessionWait(wait)) => wait.consumer,
            Some(Link::Replies(link)) => {
                link.flush(id, &mut self.connection, hub.transport_clock().now());
                if drain {
                    self.connection.drained(id);
                }
                return;
            }
            Some(Link::Intake(_) | Link::Requests(_) | Link::Coordinator(_)) | None => return,
        };
        hub.broker.set_credit(consumer, credit, now);
        if drain {
            hub.broker.drain(consumer, now);
        }
        self.pending.insert(consumer);
    }

    /// Sends what the broker has for this connection, as far as its output is not congested.
    pub(super) fn deliver(&mut self, hub: &mut Hub) {
        self.pending.extend(hub.take_ready(self.id));
        for consumer in std::mem::take(&mut self.pending) {
            let Some(link) = self.consumers.get(&consumer).copied() else {
                continue;
            };
            self.answer_wait(link, hub);
            if !self.serve_consumer(consumer, link, hub) {
                self.pending.insert(consumer);
            }
        }
    }

    /// Whether messages wait for room in the output, and there is some again.
    pub(super) fn can_go_on(&self) -> bool {
        self.connection.buffered_output() <= OUTPUT_LIMIT / 2
            && self.connection.queued_bytes() <= WINDOW_BYTES / 2
            && self.undecided < MAX_UNDECIDED
            && self.pending.iter().any(|consumer| {
                let link = self.consumers.get(consumer);
                link.is_none_or(|link| self.connection.queued(*link) <= WINDOW_LIMIT / 2)
            })
    }

    /// Sends all that a consumer can take; `false` when the output is congested first.
    fn serve_consumer(&mut self, consumer: ConsumerId, id: LinkId, hub: &mut Hub) -> bool {
        let Some(Link::Delivery(link)) = self.links.get_mut(&id) else {
            return true;
        };
        if self.connection.queued_bytes() > WINDOW_BYTES {
            return false;
        }
        let now = hub.now();
        if link.of_session
            && hub.broker.session_standing(consumer, now) == Some(SessionStanding::Lost)
        {
            self.detach_with(id, &BrokerError::SessionLockLost.into(), hub);
            return true;
        }
        let limit = self.connection.remote_max_message_size(id);
        let mut severed = None;
        let transport_now = hub.transport_clock().now();
        loop {
            if self.connection.buffered_output() > OUTPUT_LIMIT
                || self.connection.queued(id) > WINDOW_LIMIT
                || self.undecided >= MAX_UNDECIDED
            {
                return false;
            }
            if let Some(limit) = limit {
                let size = hub.broker.next_size(consumer);
                if size.is_some_and(|size| message_bytes::max_size(size) > limit) {
                    self.detach_too_small(id, hub);
                    return true;
                }
            }
            let Some(delivery) = hub.broker.take_delivery(consumer, now) else {
                break;
            };
            self.idleness.link_used(id, transport_now);
            match (self.connection.send(id, outgoing(&delivery)), delivery.lock) {
                (Ok(number), Some(lock)) => {
                    link.locks.insert(number, lock.token);
                    self.undecided += 1;
                }
                (Ok(_), None) => {}
                (Err(error), _) => {
                    let sequence = delivery.sequence;
                    hub.note(self.id, &format!("message {sequence} not sent: {error}"));
                    break;
                }
            }
            let label = self.labels.get(&id);
            severed = label.and_then(|label| label.severed(self.id, hub));
            if severed.is_some() {
                break;
            }
        }
        if let Some((what, reason)) = severed {
            self.sever(id, what, reason, hub);
            return true;
        }
        if hub.broker.finish_drain(consumer, now) {
            self.connection.drained(id);
        }
        true
    }

    /// Ends a link whose client does not take messages as large as the next one; nothing is lost.
    fn detach_too_small(&mut self, id: LinkId, hub: &mut Hub) {
        let text = "The next message is larger than the max-message-size of the link.";
        let refusal = Refusal::new("amqp:link:message-size-exceeded", 403, text);
        self.detach_with(id, &refusal, hub);
    }

    pub(super) fn detach_with(&mut self, id: LinkId, refusal: &Refusal, hub: &mut Hub) {
        let now = hub.now();
        let queue = self.links.get(&id).and_then(Link::queue);
        let tracker = queue.map_or_else(|| GATEWAY.to_owned(), |queue| hub.tracker(queue));
        let error = refusal.error(&tracker, now);
        hub.note(self.id, &format!("link detached: {}", refusal.text()));
        self.detached(id, hub);
        self.connection.detach(id, true, Some(error));
    }

    /// The client has decided on a delivery.
    pub(super) fn decided(
        &mut self,
        id: LinkId,
        number: DeliveryId,
        state: Option<DeliveryState>,
        settled: bool,
        hub: &mut Hub,
    ) {
        let Some(Link::Delivery(link)) = self.links.get_mut(&id) else {
            return;
        };
        self.idleness.link_used(id, hub.transport_clock().now());
        let queue = link.queue;
        let Some(state) = state else {
            if settled && link.locks.remove(&number).is_some() {
                self.undecided -= 1;
            }
            return;
        };
        let Some((transaction, stated)) = verdict::provisional(&state) else {
            return;
        };
        let Some(verdict) = verdict::read(&stated) else {
            return;
        };
        let Some(token) = link.locks.remove(&number) else {
            return;
        };
        self.undecided -= 1;
        let now = hub.now();
        let fault = self.fault_on_link(Step::Settlement, id, hub);
        let outcome = match &fault {
            Some(Answer::Refuse(reason)) => Err(Refusal::from(reason.clone())),
            _ => verdict.and_then(|settlement| match &transaction {
                None => Ok(hub.broker.settle(queue, token, settlement, now)?),
                Some(name) => {
                    let id = self.transaction(name)?;
                    hub.broker
                        .enlist_settlement(id, queue, token, settlement, now)?;
                    Ok(())
                }
            }),
        };
        if outcome.is_err() && settled {
            self.doom(transaction.as_ref(), hub);
        }
        let answer = match (outcome, transaction) {
            (Ok(()), None) => verdict::confirmation(&stated),
            (Ok(()), Some(name)) => verdict::in_transaction(name, verdict::confirmation(&stated)),
            (Err(refusal), _) => self.refused_verdict(&refusal, queue, hub),
        };
        match fault {
            _ if settled => {}
            Some(Answer::Delay(by)) => self.delay_disposition(by, id, number, answer, hub),
            Some(Answer::Drop) => {}
            _ => {
                self.connection.dispose(id, number, Some(answer), true);
            }
        }
    }

    fn refused_verdict(&self, refusal: &Refusal, queue: QueueRef, hub: &mut Hub) -> DeliveryState {
        hub.note(self.id, &format!("verdict refused: {}", refusal.text()));
        let now = hub.now();
        verdict::rejected(refusal.error(&hub.tracker(queue), now))
    }
}

fn outgoing(delivery: &Delivery) -> OutgoingDelivery {
    // A GUID, in the order in which .NET writes one; clients read the lock token from it.
    let tag = match delivery.lock {
        Some(lock) => lock.token.uuid().to_bytes_le(),
        None => i128::from(delivery.sequence).to_be_bytes(),
    };
    OutgoingDelivery {
        tag: Bytes::copy_from_slice(&tag),
        payload: message_bytes::delivered(delivery),
        message_format: 0,
        settled: delivery.lock.is_none(),
        state: None,
    }
}
