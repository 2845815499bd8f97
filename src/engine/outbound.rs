//! The sending end of a link: messages wait for credit, then for the service's verdict.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use fe2o3_amqp::types::messaging::DeliveryState;
use servicebus_amqp::{
    Cause, Connection as Endpoint, DeliveryId, LinkId, OutgoingDelivery, SendError,
};
use tokio::sync::oneshot;

use crate::mapping::batch::Payload;
use crate::mapping::transaction::transfer_state;

/// What became of a message that was to be sent.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The peer decided, or (`None`) settled without saying how.
    Decided(Option<DeliveryState>),
    /// It was not sent: the link takes nothing of that size, or is gone.
    Refused(SendError),
    /// The link ended first. `sent`: after the message had left.
    Ended { cause: Cause, sent: bool },
}

/// Names a message that waits on a link, so that its sender can give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

struct Waiting {
    ticket: Ticket,
    payload: Payload,
    reply: oneshot::Sender<Verdict>,
}

/// The sending end of one link.
#[derive(Default)]
pub(crate) struct Outbound {
    waiting: VecDeque<Waiting>,
    in_flight: BTreeMap<DeliveryId, oneshot::Sender<Verdict>>,
    next: u64,
}

impl Outbound {
    /// Queues an encoded message; the verdict comes through the channel.
    pub(crate) fn send(
        &mut self,
        link: LinkId,
        payload: Payload,
        endpoint: &mut Endpoint,
    ) -> (Ticket, oneshot::Receiver<Verdict>) {
        let (reply, verdict) = oneshot::channel();
        let ticket = Ticket(self.next);
        self.next += 1;
        self.waiting.push_back(Waiting {
            ticket,
            payload,
            reply,
        });
        self.pump(link, endpoint);
        (ticket, verdict)
    }

    /// Gives a message up that has not left. False where it has: its outcome is open then.
    pub(crate) fn withdraw(&mut self, ticket: Ticket) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.ticket != ticket);
        self.waiting.len() < before
    }

    /// Sends what waits, as far as the credit goes.
    pub(crate) fn pump(&mut self, link: LinkId, endpoint: &mut Endpoint) {
        while endpoint.credit(link) > 0 {
            let Some(next) = self.waiting.pop_front() else {
                return;
            };
            if next.reply.is_closed() {
                continue;
            }
            let delivery = OutgoingDelivery {
                tag: Bytes::copy_from_slice(&next.ticket.0.to_be_bytes()),
                payload: next.payload.bytes,
                message_format: next.payload.message_format,
                settled: false,
                state: next.payload.transaction.as_ref().map(transfer_state),
            };
            match endpoint.send(link, delivery) {
                Ok(id) => {
                    self.in_flight.insert(id, next.reply);
                }
                Err(error) => {
                    next.reply.send(Verdict::Refused(error)).ok();
                }
            }
        }
    }

    /// How many messages wait for credit.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many messages have left that the peer has not answered.
    pub(super) fn unanswered(&self) -> usize {
        self.in_flight.len()
    }

    /// The peer's word on a message.
    pub(crate) fn decided(
        &mut self,
        link: LinkId,
        id: DeliveryId,
        state: Option<DeliveryState>,
        settled: bool,
        endpoint: &mut Endpoint,
    ) {
        let undecided = !state.as_ref().is_some_and(DeliveryState::is_terminal);
        if undecided && !settled {
            return;
        }
        if !settled {
            endpoint.dispose(link, id, None, true);
        }
        if let Some(reply) = self.in_flight.remove(&id) {
            reply.send(Verdict::Decided(state)).ok();
        }
    }

    /// The link is gone: everyone who waits learns it.
    pub(crate) fn ended(self, cause: &Cause) {
        for waiting in self.waiting {
            let verdict = Verdict::Ended {
                cause: cause.clone(),
                sent: false,
            };
            waiting.reply.send(verdict).ok();
        }
        for reply in self.in_flight.into_values() {
            let verdict = Verdict::Ended {
                cause: cause.clone(),
                sent: true,
            };
            reply.send(verdict).ok();
        }
    }
}
