//! Deliveries on their way to the peer: accepted against credit, cut into frames, held by the session window.

use std::collections::VecDeque;

use bytes::Bytes;
use serde_bytes::ByteBuf;
use thiserror::Error as ThisError;

use crate::event::{DeliveryId, LinkId};
use crate::outbox::Outbox;
use crate::serial::{origin, wire};
use crate::settlement::Unsettled;
use crate::types::definitions::Handle;
use crate::types::messaging::DeliveryState;
use crate::types::performatives::Transfer;

use super::Session;

/// A message to send, encoded.
#[derive(Clone, Debug)]
pub struct OutgoingDelivery {
    /// This side's name for the delivery, 1 to 32 bytes.
    pub tag: Bytes,
    /// The encoded message.
    pub payload: Bytes,
    /// The layout of the payload; 0 is one plain message.
    pub message_format: u32,
    /// Settle at once: no verdict will come.
    pub settled: bool,
    /// A state to send along, as a transactional transfer needs.
    pub state: Option<DeliveryState>,
}

/// Why a delivery was not taken. Nothing of it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum SendError {
    /// The peer has granted no credit for it.
    #[error("no link credit")]
    NoCredit,
    /// The peer takes no message of that size on this link.
    #[error("message of {size} bytes exceeds the {limit} bytes that the link takes")]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The link is not attached for sending.
    #[error("link is not attached")]
    Detached,
}

/// The sending half of a session.
pub(super) struct Outgoing {
    /// The number of our next transfer frame.
    pub(super) next_id: u32,
    /// How many more frames the peer takes.
    pub(super) window: u32,
    initial_id: u32,
    next_delivery: u64,
    unsettled: Unsettled,
    queue: VecDeque<Queued>,
    /// Holds each tag while its frame is written.
    tag_room: ByteBuf,
}

struct Queued {
    link: u32,
    handle: u32,
    id: u64,
    delivery: OutgoingDelivery,
    /// Its first frame is out.
    started: bool,
}

impl Outgoing {
    pub(super) fn new(next_outgoing_id: u32) -> Self {
        Outgoing {
            next_id: next_outgoing_id,
            window: 0,
            initial_id: next_outgoing_id,
            next_delivery: origin(next_outgoing_id),
            unsettled: Unsettled::new(),
            queue: VecDeque::new(),
            tag_room: ByteBuf::new(),
        }
    }

    /// The peer's flow restates its window as seen from its `next_incoming_id`.
    pub(super) fn window_restated(&mut self, next_incoming_id: Option<u32>, window: u32) {
        let limit = next_incoming_id
            .unwrap_or(self.initial_id)
            .wrapping_add(window);
        let left = crate::serial::distance(self.next_id, limit);
        // A window beyond 2^31 cannot be told from a negative one by subtraction alone.
        self.window = if window > u32::MAX >> 1 {
            u32::MAX >> 1
        } else {
            u32::try_from(left).unwrap_or(0)
        };
    }

    /// The bytes that wait for the peer's window.
    pub(super) fn queued_bytes(&self) -> usize {
        let queued = self.queue.iter();
        queued.map(|queued| queued.delivery.payload.len()).sum()
    }

    /// The session is over.
    pub(super) fn forget_all(&mut self) {
        self.unsettled = Unsettled::new();
        self.queue = VecDeque::new();
    }

    pub(super) fn forget_link(&mut self, link: u32) {
        self.unsettled.forget_link(link);
        self.queue.retain(|queued| queued.link != link);
    }

    pub(super) fn unsettled(&mut self) -> (&mut Unsettled, u64) {
        (&mut self.unsettled, self.next_delivery)
    }
}

impl Session {
    /// The bytes of deliveries that wait for the peer to open its window.
    pub(crate) fn queued_bytes(&self) -> usize {
        self.outgoing.queued_bytes()
    }

    /// Takes a delivery for sending, and sends what the windows allow.
    pub(crate) fn send(
        &mut self,
        link: LinkId,
        delivery: OutgoingDelivery,
        out: &mut Outbox,
    ) -> Result<DeliveryId, SendError> {
        let entry = self
            .attached(link)
            .filter(|entry| entry.is_sender())
            .ok_or(SendError::Detached)?;
        let size = delivery.payload.len() as u64;
        if let Some(limit) = entry.max_message_size.filter(|limit| size > *limit) {
            return Err(SendError::TooLarge { size, limit });
        }
        if entry.outstanding() == 0 {
            return Err(SendError::NoCredit);
        }
        entry.queued += 1;
        let handle = entry.local_handle;
        let id = self.outgoing.next_delivery;
        self.outgoing.next_delivery += 1;
        if !delivery.settled {
            self.outgoing.unsettled.insert(id, link.number);
        }
        self.outgoing.queue.push_back(Queued {
            link: link.number,
            handle,
            id,
            delivery,
            started: false,
        });
        self.pump(out);
        Ok(DeliveryId(id))
    }

    /// Writes queued deliveries as far as the peer's window goes.
    pub(super) fn pump(&mut self, out: &mut Outbox) {
        while self.outgoing.window > 0 {
            let Some(queued) = self.outgoing.queue.front_mut() else {
                return;
            };
            if let Some(held) = self.held.take() {
                let disposition =
                    crate::performative::Performative::Disposition(held.into_disposition());
                out.frame(self.channel, &disposition);
            }
            let first = !queued.started;
            let mut tag = std::mem::take(&mut self.outgoing.tag_room);
            tag.clear();
            tag.extend_from_slice(&queued.delivery.tag);
            let mut transfer = Transfer {
                handle: Handle(queued.handle),
                delivery_id: first.then(|| wire(queued.id)),
                delivery_tag: first.then_some(tag),
                message_format: first.then_some(queued.delivery.message_format),
                settled: first.then_some(queued.delivery.settled),
                more: false,
                rcv_settle_mode: None,
                state: queued.delivery.state.clone(),
                resume: false,
                aborted: false,
                batchable: false,
            };
            out.transfer(self.channel, &mut transfer, &mut queued.delivery.payload);
            self.outgoing.tag_room = transfer.delivery_tag.unwrap_or_default();
            queued.started = true;
            self.outgoing.window -= 1;
            self.outgoing.next_id = self.outgoing.next_id.wrapping_add(1);
            let (number, whole) = (queued.link, queued.delivery.payload.is_empty());
            if whole {
                self.outgoing.queue.pop_front();
            }
            self.after_transfer(number, first, out);
        }
    }

    /// Books a transfer frame on its link once the first of its delivery is out, and completes a
    /// drain that waited for it.
    fn after_transfer(&mut self, number: u32, first: bool, out: &mut Outbox) {
        let link_id = self.link_id(number);
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        if first {
            link.queued = link.queued.saturating_sub(1);
            // What was accepted under an earlier grant is as good as under way, so a grant that
            // shrank since does not hold it back.
            let _covered = link.credit.consume();
        }
        let drains = link.drain_when_sent && link.queued == 0;
        if drains && !self.outgoing.queue.iter().any(|q| q.link == number) {
            self.drained(link_id, out);
        }
    }
}
