//! One end of a link: who it is, how far it stands, and its credit.

use bytes::{Bytes, BytesMut};

use crate::event::Cause;
use crate::serial::distance;
use crate::types::definitions::Role;
use crate::types::messaging::DeliveryState;

/// How far a link has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkPhase {
    /// Our attach is out, the answer is due.
    AttachSent,
    /// The peer's attach is here, our answer is due.
    AttachReceived,
    Attached,
    /// The peer's answer had no terminus: its detach with the reason follows.
    Refused,
    /// Our detach is out. Frames of the peer still count in the session's window and are dropped.
    DetachSent,
}

/// One end of a link.
pub(crate) struct Link {
    pub(crate) name: String,
    /// Our role.
    pub(crate) role: Role,
    pub(crate) local_handle: u32,
    pub(crate) remote_handle: Option<u32>,
    pub(crate) phase: LinkPhase,
    /// Why we detached, once we have.
    pub(crate) local_cause: Option<Cause>,
    pub(crate) credit: Credit,
    /// Sending: the peer's limit. Receiving: ours. `None`: no limit.
    pub(crate) max_message_size: Option<u64>,
    /// Deliveries accepted by `send` whose first frame is not written yet.
    pub(crate) queued: u32,
    /// Sending: what the receiver counts from until it has seen our attach.
    pub(crate) initial_delivery_count: u32,
    /// Give the rest of the credit up as soon as nothing is queued.
    pub(crate) drain_when_sent: bool,
    /// The delivery that is arriving.
    pub(crate) partial: Option<Partial>,
}

/// A delivery of which not every transfer has arrived.
pub(crate) struct Partial {
    pub(crate) id: u64,
    pub(crate) tag: Bytes,
    pub(crate) message_format: u32,
    pub(crate) settled: bool,
    pub(crate) state: Option<DeliveryState>,
    /// What the transfers before the last one brought. A copy: a slice, however short, would keep the
    /// whole buffer that it was read into.
    pub(crate) earlier: BytesMut,
    /// What the last transfer brought, in most cases everything.
    pub(crate) last: Bytes,
    pub(crate) size: u64,
}

impl Link {
    pub(crate) fn is_sender(&self) -> bool {
        self.role == Role::Sender
    }
}

/// Link credit (AMQP 1.0, 2.6.7), the same arithmetic for both ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credit {
    /// Deliveries sent on the link so far, given-up credit included; wraps.
    pub(crate) delivery_count: u32,
    /// Deliveries that may still be sent.
    pub(crate) available: u32,
    /// The receiver asked for the credit to be used or given up.
    pub(crate) drain: bool,
}

impl Credit {
    /// A delivery was sent or has arrived. False where no credit was left for it.
    #[must_use]
    pub(crate) fn consume(&mut self) -> bool {
        self.delivery_count = self.delivery_count.wrapping_add(1);
        match self.available.checked_sub(1) {
            Some(left) => {
                self.available = left;
                true
            }
            None => false,
        }
    }

    /// The sender gives up what is left.
    pub(crate) fn give_up(&mut self) {
        self.delivery_count = self.delivery_count.wrapping_add(self.available);
        self.available = 0;
    }

    /// The sender learns what the receiver grants: `link_credit` counted from `delivery_count`, which
    /// may lag behind by what is under way.
    pub(crate) fn granted(&mut self, delivery_count: u32, link_credit: u32, drain: bool) {
        let limit = delivery_count.wrapping_add(link_credit);
        self.available = u32::try_from(distance(self.delivery_count, limit)).unwrap_or(0);
        self.drain = drain;
    }

    /// The receiver learns how far the sender has come; an advance beyond what arrived is given-up credit.
    pub(crate) fn advanced(&mut self, delivery_count: u32) {
        let advance = u32::try_from(distance(self.delivery_count, delivery_count)).unwrap_or(0);
        self.delivery_count = self.delivery_count.wrapping_add(advance);
        self.available = self.available.saturating_sub(advance);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Both ends agree on the credit however sends and grants interleave, across the wrap-around.
        #[test]
        fn sender_and_receiver_agree(start in prop::sample::select(vec![0, 7, u32::MAX - 3, u32::MAX]), steps in prop::collection::vec((0u8..4, 0u32..9), 0..60)) {
            let mut sender = Credit { delivery_count: start, ..Credit::default() };
            let mut receiver = sender;
            let mut under_way = 0;
            for (step, amount) in steps {
                match step {
                    0 if sender.available > 0 => {
                        prop_assert!(sender.consume());
                        under_way += 1;
                    }
                    1 if under_way > 0 => {
                        prop_assert!(receiver.consume());
                        under_way -= 1;
                    }
                    2 => {
                        // A receiver may raise its grant, never lower it without a drain.
                        receiver.available = receiver.available.max(amount);
                        sender.granted(receiver.delivery_count, receiver.available, false);
                    }
                    3 => {
                        while under_way > 0 {
                            prop_assert!(receiver.consume());
                            under_way -= 1;
                        }
                        sender.give_up();
                        receiver.advanced(sender.delivery_count);
                        prop_assert_eq!(receiver.available, 0);
                    }
                    _ => {}
                }
                prop_assert!(sender.available <= receiver.available);
            }
            while under_way > 0 {
                prop_assert!(receiver.consume());
                under_way -= 1;
            }
            prop_assert_eq!(sender.delivery_count, receiver.delivery_count);
        }
    }
}
