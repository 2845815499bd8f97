//! Deliveries on their way from the peer: window, credit, and assembly from transfer frames.

use bytes::{Bytes, BytesMut};

use crate::event::{Cause, Delivery, DeliveryId, Event, LinkId};
use crate::link::{Link, LinkPhase, Partial};
use crate::outbox::Outbox;
use crate::serial::{origin, unwrap_near};
use crate::settlement::Unsettled;
use crate::types::definitions::{AmqpError, Error, LinkError, SessionError};
use crate::types::messaging::{DeliveryState, Rejected};
use crate::types::performatives::Transfer;

use super::{violation, Session};

/// How many unsettled deliveries may share one id on the wire.
const MAX_SAME_ID: u64 = 64;

/// The longest transfer performative, in bytes, that is kept until its delivery is whole. Every peer
/// must be able to write into frames of that size (AMQP 1.0, 2.7.1).
const MAX_HELD_PERFORMATIVE: usize = 512;

/// The receiving half of a session.
pub(super) struct Incoming {
    /// The number of the next transfer frame; unknown until the peer's begin.
    next_id: Option<u32>,
    /// How many more frames the peer may send.
    window: u32,
    size: u32,
    last_delivery: Option<u64>,
    pub(super) unsettled: Unsettled,
}

impl Incoming {
    pub(super) fn new(size: u32) -> Self {
        Incoming {
            next_id: None,
            window: size,
            size,
            last_delivery: None,
            unsettled: Unsettled::new(),
        }
    }

    pub(super) fn begun(&mut self, next_outgoing_id: u32) {
        self.next_id = Some(next_outgoing_id);
    }

    pub(super) fn next_id(&self) -> Option<u32> {
        self.next_id
    }

    pub(super) fn window(&self) -> u32 {
        self.window
    }

    pub(super) fn window_is_due(&self) -> bool {
        self.window < self.size && self.window <= self.size / 2
    }

    pub(super) fn reopen(&mut self) {
        self.window = self.size;
    }

    /// An unwrapped id close to those in use.
    pub(super) fn near(&self) -> u64 {
        self.last_delivery.unwrap_or_else(|| origin(0))
    }

    fn frame_arrived(&mut self) -> Result<(), Error> {
        self.window = self.window.checked_sub(1).ok_or_else(|| {
            violation(
                SessionError::WindowViolation,
                "a transfer arrived outside the incoming window",
            )
        })?;
        self.next_id = self.next_id.map(|id| id.wrapping_add(1));
        Ok(())
    }

    /// The unwrapped number of a new delivery, which no other unsettled one has.
    ///
    /// The peer's ids should rise, but one of Microsoft's clients lets them stand still when several
    /// threads send at once, and its service accepts that. Deliveries that share an id on the wire get
    /// numbers a whole cycle of ids apart, so that each can be settled by itself.
    fn new_delivery(&mut self, id: u32) -> Result<u64, Error> {
        let number = self
            .last_delivery
            .map_or_else(|| origin(id), |last| unwrap_near(last, id));
        self.last_delivery = self.last_delivery.max(Some(number));
        (0..MAX_SAME_ID)
            .map(|cycle| number.saturating_add(cycle << 32))
            .find(|number| !self.unsettled.has(*number))
            .ok_or_else(|| {
                violation(
                    AmqpError::InvalidField,
                    format!("too many unsettled deliveries have the delivery-id {id}"),
                )
            })
    }
}

impl Session {
    /// How many bytes have come of deliveries that are not whole yet.
    pub(crate) fn unfinished(&self) -> usize {
        let partials = self.links.values().filter_map(|link| link.partial.as_ref());
        partials.map(|partial| partial.earlier.len()).sum()
    }

    pub(super) fn handle_transfer(
        &mut self,
        mut transfer: Transfer,
        length: usize,
        payload: Bytes,
        out: &mut Outbox,
    ) -> Result<(), Error> {
        self.incoming.frame_arrived()?;
        if transfer.more && length > MAX_HELD_PERFORMATIVE {
            return Err(violation(
                AmqpError::ResourceLimitExceeded,
                "the transfer of a delivery that is to be continued is too long without its payload",
            ));
        }
        let (number, link) = self.link_at(transfer.handle.0)?;
        match link.phase {
            LinkPhase::DetachSent | LinkPhase::Refused => return Ok(()),
            LinkPhase::Attached if !link.is_sender() => {}
            LinkPhase::Attached | LinkPhase::AttachSent | LinkPhase::AttachReceived => {
                return Err(violation(
                    AmqpError::NotAllowed,
                    "a transfer arrived on a link that does not receive",
                ));
            }
        }
        if link.partial.is_none() {
            if transfer.aborted {
                return Ok(());
            }
            if !self.start_delivery(number, &mut transfer, out)? {
                return Ok(());
            }
        }
        let id = self.link_id(number);
        let Some(link) = self.links.get_mut(&number) else {
            return Ok(());
        };
        if transfer.aborted {
            if let Some(partial) = link.partial.take() {
                self.incoming.unsettled.remove(partial.id);
            }
            if link.completes_drain() {
                out.event(Event::Drained { link: id });
            }
            return Ok(());
        }
        if let Err(error) = add_frame(link, &transfer, payload) {
            self.detach(id, true, Some(error.clone()), Cause::Protocol(error), out);
            return Ok(());
        }
        if transfer.more {
            return Ok(());
        }
        let Some(partial) = link.partial.take() else {
            return Ok(());
        };
        let drained = link.completes_drain();
        let oversized = link.max_message_size.filter(|limit| partial.size > *limit);
        if partial.settled {
            self.incoming.unsettled.remove(partial.id);
        }
        match oversized {
            Some(limit) => self.reject_oversized(id, DeliveryId(partial.id), limit, out),
            None => out.event(Event::Delivery {
                link: id,
                delivery: whole(partial),
            }),
        }
        if drained {
            out.event(Event::Drained { link: id });
        }
        Ok(())
    }

    /// Refuses a delivery whose bytes were not kept. The link lives on: official SDKs report a
    /// rejected delivery, but wait in vain, or see an unknown error, when the link is detached
    /// instead. The owner never sees the delivery, so its credit is granted again.
    fn reject_oversized(
        &mut self,
        link: LinkId,
        delivery: DeliveryId,
        limit: u64,
        out: &mut Outbox,
    ) {
        let error = Some(oversize(limit));
        let state = DeliveryState::Rejected(Rejected { error });
        self.dispose(link, delivery, Some(state), true, out);
        let credit = self.attached(link).map(|link| link.credit);
        if let Some(credit) = credit.filter(|credit| !credit.drain) {
            self.set_credit(link, credit.available + 1, out);
        }
    }

    /// Opens a new delivery on the link. False where the link was detached over it.
    fn start_delivery(
        &mut self,
        number: u32,
        transfer: &mut Transfer,
        out: &mut Outbox,
    ) -> Result<bool, Error> {
        let delivery_id = transfer.delivery_id.ok_or_else(|| {
            violation(
                AmqpError::InvalidField,
                "the first transfer of a delivery has no delivery-id",
            )
        })?;
        let delivery = self.incoming.new_delivery(delivery_id)?;
        let Some(link) = self.links.get_mut(&number) else {
            return Ok(false);
        };
        if !link.credit.consume() {
            let error = violation(
                LinkError::TransferLimitExceeded,
                "a delivery arrived without link credit",
            );
            let id = self.link_id(number);
            self.detach(id, true, Some(error.clone()), Cause::Protocol(error), out);
            return Ok(false);
        }
        link.partial = Some(Partial {
            id: delivery,
            tag: transfer
                .delivery_tag
                .take()
                .map(|tag| Bytes::from(tag.into_vec()))
                .unwrap_or_default(),
            message_format: transfer.message_format.unwrap_or(0),
            settled: false,
            state: None,
            earlier: BytesMut::new(),
            last: Bytes::new(),
            size: 0,
        });
        self.incoming.unsettled.insert(delivery, number);
        Ok(true)
    }
}

fn oversize(limit: u64) -> Error {
    violation(
        LinkError::MessageSizeExceeded,
        format!("the message exceeds the limit of {limit} bytes on the link"),
    )
}

fn add_frame(link: &mut Link, transfer: &Transfer, payload: Bytes) -> Result<(), Error> {
    let limit = link.max_message_size;
    let Some(partial) = link.partial.as_mut() else {
        return Ok(());
    };
    partial.size += payload.len() as u64;
    partial.settled |= transfer.settled.unwrap_or(false);
    if let Some(limit) = limit.filter(|limit| partial.size > *limit) {
        partial.earlier = BytesMut::new();
        // Nobody waits for a verdict on a settled delivery: only a detach tells of its loss.
        return if partial.settled {
            Err(oversize(limit))
        } else {
            Ok(())
        };
    }
    if transfer.state.is_some() {
        partial.state.clone_from(&transfer.state);
    }
    if transfer.more {
        partial.earlier.extend_from_slice(&payload);
    } else {
        partial.last = payload;
    }
    Ok(())
}

fn whole(mut partial: Partial) -> Delivery {
    let payload = if partial.earlier.is_empty() {
        partial.last
    } else {
        partial.earlier.extend_from_slice(&partial.last);
        partial.earlier.freeze()
    };
    Delivery {
        id: DeliveryId(partial.id),
        tag: partial.tag,
        message_format: partial.message_format,
        settled: partial.settled,
        state: partial.state,
        payload,
    }
}
