//! Messages that a client sends.

use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::{Delivery, LinkId};

use super::peer::Peer;
use super::refusal::Refusal;
use super::verdict;
use crate::broker::QueueRef;
use crate::fault::{Answer, Step};
use crate::hub::Hub;
use crate::message::{unpack_batch, Message, BATCH_FORMAT};

/// The credit of a sender; it is restored when half of it is used up.
const CREDIT: u32 = 1_000;

/// A link on which the client sends messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct IntakeLink {
    pub(super) queue: QueueRef,
    /// Where messages go from there, if the client wants them elsewhere.
    pub(super) destination: Option<QueueRef>,
}

impl Peer {
    pub(super) fn take_in(
        &mut self,
        link: LinkId,
        intake: IntakeLink,
        delivery: &Delivery,
        hub: &mut Hub,
    ) {
        let now = hub.now();
        let fault = self.fault_on_link(Step::Message, link, hub);
        let stored = match &fault {
            Some(Answer::Refuse(reason)) => Err(Refusal::from(reason.clone())),
            Some(Answer::Delay(_) | Answer::Drop) | None => self.store(link, intake, delivery, hub),
        };
        let state = match stored {
            Ok(state) => state,
            Err(refusal) => {
                hub.note(self.id, &format!("message refused: {}", refusal.text()));
                if delivery.settled {
                    let name = verdict::transaction_of(delivery.state.as_ref());
                    self.doom(name.ok().flatten(), hub);
                }
                verdict::rejected(refusal.error(&hub.tracker(intake.queue), now))
            }
        };
        self.tell_outcome(link, delivery, state, fault, hub);
    }

    /// Answers a delivery of the client, unless a fault keeps the answer, and does what a fault has
    /// in store for the link.
    pub(super) fn tell_outcome(
        &mut self,
        link: LinkId,
        delivery: &Delivery,
        state: DeliveryState,
        fault: Option<Answer>,
        hub: &mut Hub,
    ) {
        match fault {
            Some(Answer::Delay(by)) if !delivery.settled => {
                self.delay_disposition(by, link, delivery.id, state, hub);
            }
            Some(Answer::Drop) if !delivery.settled => {}
            _ => self.acknowledge(link, delivery, state, hub),
        }
        self.message_passed(link, hub);
    }

    /// Stores what a delivery holds, or keeps it back for its transaction; says the answer.
    fn store(
        &self,
        link: LinkId,
        IntakeLink { queue, destination }: IntakeLink,
        delivery: &Delivery,
        hub: &mut Hub,
    ) -> Result<DeliveryState, Refusal> {
        let now = hub.now();
        let destination = destination.map(|queue| queue.entity);
        let Some(name) = verdict::transaction_of(delivery.state.as_ref())? else {
            let messages = messages(delivery)?;
            match destination {
                None => hub.broker.enqueue(queue, messages, now).map(|_| ())?,
                Some(destination) => hub.broker.transfer(queue, destination, messages, now)?,
            }
            return Ok(verdict::accepted());
        };
        let id = self.transaction(name)?;
        let messages = messages(delivery)?;
        match destination {
            None => {
                let through = self.entrance(id, link, queue);
                hub.broker
                    .enlist_messages(id, queue, messages, through, now)?;
            }
            Some(destination) => {
                hub.broker
                    .enlist_transfer(id, queue, destination, messages, now)?;
            }
        }
        Ok(verdict::in_transaction(name.clone(), verdict::accepted()))
    }

    /// Settles a delivery of the client, whatever settle mode it asked for: SDKs wait for just this.
    pub(super) fn acknowledge(
        &mut self,
        link: LinkId,
        delivery: &Delivery,
        state: DeliveryState,
        hub: &mut Hub,
    ) {
        if !delivery.settled {
            self.connection
                .dispose(link, delivery.id, Some(state), true);
        }
        self.give_credit(link, hub);
    }

    /// Gives a sender the credit that it has used up, once that is half of it.
    pub(super) fn give_credit(&mut self, link: LinkId, hub: &mut Hub) {
        if self.connection.credit(link) <= CREDIT / 2 && !self.withholds_credit(link, hub) {
            self.connection.set_credit(link, CREDIT);
        }
    }
}

fn messages(delivery: &Delivery) -> Result<Vec<Message>, Refusal> {
    let messages = if delivery.message_format == BATCH_FORMAT {
        unpack_batch(&delivery.payload)
    } else {
        Message::decode(&delivery.payload).map(|message| vec![message])
    };
    messages.map_err(|error| Refusal::new("amqp:decode-error", 400, format!("{error}.")))
}
