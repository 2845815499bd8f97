//! Messages that a client sends.

use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::{Delivery, LinkId};

use super::peer::Peer;
use super::refusal::Refusal;
use super::verdict;
use crate::broker::QueueRef;
use crate::hub::Hub;
use crate::message::{unpack_batch, Message, BATCH_FORMAT};

/// The credit of a sender; it is restored when half of it is used up.
pub(super) const CREDIT: u32 = 1_000;

/// A link on which the client sends messages.
#[derive(Debug)]
pub(super) struct IntakeLink {
    pub(super) queue: QueueRef,
}

impl Peer {
    pub(super) fn take_in(
        &mut self,
        link: LinkId,
        queue: QueueRef,
        delivery: &Delivery,
        hub: &mut Hub,
    ) {
        let now = hub.now();
        let state = match store(queue, delivery, hub) {
            Ok(()) => verdict::accepted(),
            Err(refusal) => {
                hub.note(self.id, &format!("message refused: {}", refusal.text()));
                let path = hub.broker.path(queue).unwrap_or_default();
                verdict::rejected(refusal.error(path, now))
            }
        };
        self.acknowledge(link, delivery, state);
    }

    /// Settles a delivery of the client, whatever settle mode it asked for: SDKs wait for just this.
    pub(super) fn acknowledge(&mut self, link: LinkId, delivery: &Delivery, state: DeliveryState) {
        if !delivery.settled {
            self.connection
                .dispose(link, delivery.id, Some(state), true);
        }
        if self.connection.credit(link) <= CREDIT / 2 {
            self.connection.set_credit(link, CREDIT);
        }
    }
}

fn store(queue: QueueRef, delivery: &Delivery, hub: &mut Hub) -> Result<(), Refusal> {
    if delivery.state.is_some() {
        return Err(Refusal::not_implemented("Transactions are not supported."));
    }
    let messages = if delivery.message_format == BATCH_FORMAT {
        unpack_batch(&delivery.payload)
    } else {
        Message::decode(&delivery.payload).map(|message| vec![message])
    };
    let messages =
        messages.map_err(|error| Refusal::new("amqp:decode-error", 400, format!("{error}.")))?;
    let now = hub.now();
    hub.broker.enqueue(queue, messages, now)?;
    Ok(())
}
