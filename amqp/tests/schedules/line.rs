//! A link, all that happened on it, and what must hold of that.

use std::collections::BTreeMap;

use bytes::Bytes;
use servicebus_amqp::types::messaging::{Accepted, DeliveryState, Released};
use servicebus_amqp::{Connection, DeliveryId, Event, LinkId, OutgoingDelivery, SendError};

use crate::pair::Pair;
use crate::samples::delivery;

/// A link and all that happened on it.
pub(crate) struct Line {
    client_sends: bool,
    client: LinkId,
    server: LinkId,
    /// Deliveries by tag, in the order they were sent.
    sent: Vec<(DeliveryId, usize, bool)>,
    arrived: Vec<DeliveryId>,
    /// At the receiver, by tag.
    pub(crate) unjudged: Vec<u32>,
    /// At the sender, by tag: judged, not settled.
    pub(crate) unconfirmed: Vec<u32>,
    /// Verdicts and confirmations, by tag.
    verdicts: BTreeMap<u32, u32>,
    confirmations: BTreeMap<u32, u32>,
    awaits_confirmation: BTreeMap<u32, bool>,
    /// What the receiver granted and has not seen used or drained.
    granted: u32,
    drain_pending: bool,
    drain_to_answer: bool,
}

impl Line {
    pub(crate) fn new(client_sends: bool, client: LinkId, server: LinkId) -> Self {
        Line {
            client_sends,
            client,
            server,
            sent: Vec::new(),
            arrived: Vec::new(),
            unjudged: Vec::new(),
            unconfirmed: Vec::new(),
            verdicts: BTreeMap::new(),
            confirmations: BTreeMap::new(),
            awaits_confirmation: BTreeMap::new(),
            granted: 0,
            drain_pending: false,
            drain_to_answer: false,
        }
    }

    pub(crate) fn end(&self, at_client: bool) -> LinkId {
        match at_client {
            true => self.client,
            false => self.server,
        }
    }

    fn sender<'a>(&self, pair: &'a mut Pair) -> (&'a mut Connection, LinkId) {
        self.end_in(pair, self.client_sends)
    }

    fn receiver<'a>(&self, pair: &'a mut Pair) -> (&'a mut Connection, LinkId) {
        self.end_in(pair, !self.client_sends)
    }

    fn end_in<'a>(&self, pair: &'a mut Pair, client: bool) -> (&'a mut Connection, LinkId) {
        match client {
            true => (&mut pair.client, self.client),
            false => (&mut pair.server, self.server),
        }
    }

    pub(crate) fn send(&mut self, pair: &mut Pair, size: usize, settled: bool) {
        let tag = self.sent.len() as u32;
        let (sender, link) = self.sender(pair);
        let credit = sender.credit(link);
        let outgoing = OutgoingDelivery {
            settled,
            ..delivery(tag, payload(tag, size))
        };
        match sender.send(link, outgoing) {
            Ok(id) => {
                assert!(credit > 0, "sent without credit");
                assert_eq!(sender.credit(link), credit - 1);
                self.sent.push((id, size, settled));
            }
            Err(error) => {
                assert_eq!(error, SendError::NoCredit);
                assert_eq!(credit, 0, "credit was refused");
            }
        }
    }

    pub(crate) fn grant(&mut self, pair: &mut Pair, more: u32) {
        if !self.drain_pending {
            self.granted += more;
            let (receiver, link) = self.receiver(pair);
            receiver.set_credit(link, receiver.credit(link) + more);
        }
    }

    pub(crate) fn drain(&mut self, pair: &mut Pair) {
        let (receiver, link) = self.receiver(pair);
        receiver.drain(link);
        self.drain_pending = true;
    }

    pub(crate) fn answer_drain(&mut self, pair: &mut Pair) {
        if std::mem::take(&mut self.drain_to_answer) {
            let (sender, link) = self.sender(pair);
            sender.drained(link);
        }
    }

    pub(crate) fn judge(&mut self, pair: &mut Pair, which: usize, settled: bool) {
        if self.unjudged.is_empty() {
            return;
        }
        let tag = self.unjudged.remove(which % self.unjudged.len());
        let id = self.arrived[tag as usize];
        let (receiver, link) = self.receiver(pair);
        assert!(receiver.dispose(link, id, verdict(tag), settled));
        self.awaits_confirmation.insert(tag, !settled);
    }

    pub(crate) fn confirm(&mut self, pair: &mut Pair, which: usize) {
        if self.unconfirmed.is_empty() {
            return;
        }
        let tag = self.unconfirmed.remove(which % self.unconfirmed.len());
        let (id, ..) = self.sent[tag as usize];
        let (sender, link) = self.sender(pair);
        assert!(sender.dispose(link, id, verdict(tag), true));
    }

    pub(crate) fn note(&mut self, at_client: bool, event: &Event) {
        match event {
            Event::Flow { drain, .. } => self.drain_to_answer = *drain,
            Event::Drained { .. } => {
                assert!(self.drain_pending, "a drain completed twice");
                self.drain_pending = false;
                self.granted = 0;
            }
            Event::Delivery { delivery, .. } => {
                let tag = self.arrived.len() as u32;
                assert_eq!(delivery.tag[..], tag.to_be_bytes(), "out of order");
                let (_, size, settled) = self.sent[tag as usize];
                assert_eq!(delivery.payload, payload(tag, size));
                assert_eq!(delivery.settled, settled);
                self.arrived.push(delivery.id);
                self.granted -= 1;
                if !settled {
                    self.unjudged.push(tag);
                }
            }
            Event::Disposition {
                id, state, settled, ..
            } if at_client == self.client_sends => {
                let tag = position(self.sent.iter().map(|(id, ..)| id), id);
                assert_eq!(*state, verdict(tag));
                assert_eq!(Some(&!settled), self.awaits_confirmation.get(&tag));
                *self.verdicts.entry(tag).or_default() += 1;
                if !settled {
                    self.unconfirmed.push(tag);
                }
            }
            Event::Disposition {
                id, state, settled, ..
            } => {
                let tag = position(self.arrived.iter(), id);
                assert_eq!((state, settled), (&verdict(tag), &true));
                *self.confirmations.entry(tag).or_default() += 1;
            }
            other => panic!("not of a link: {other:?}"),
        }
    }

    pub(crate) fn assert_agreement(&self, number: usize, pair: &mut Pair) {
        assert_eq!(
            self.arrived.len(),
            self.sent.len(),
            "link {number} lost some"
        );
        assert!(!self.drain_pending, "link {number} still drains");
        let (sender, link) = self.sender(pair);
        let credit = sender.credit(link);
        for (tag, (id, _, settled)) in (0..).zip(&self.sent) {
            let verdicts = self.verdicts.get(&tag).copied().unwrap_or(0);
            assert_eq!(
                verdicts,
                u32::from(!settled),
                "link {number}, delivery {tag}"
            );
            let still_open = sender.dispose(link, *id, None, true);
            assert!(!still_open, "link {number}, delivery {tag} at the sender");
        }
        let (receiver, link) = self.receiver(pair);
        assert_eq!(credit, receiver.credit(link), "link {number}: credit");
        assert_eq!(credit, self.granted, "link {number}: credit went unasked");
        for (tag, id) in (0..).zip(&self.arrived) {
            let awaited = self.awaits_confirmation.get(&tag) == Some(&true);
            let confirmations = self.confirmations.get(&tag).copied().unwrap_or(0);
            assert_eq!(
                confirmations,
                u32::from(awaited),
                "link {number}, delivery {tag}"
            );
            let still_open = receiver.dispose(link, *id, None, true);
            assert!(!still_open, "link {number}, delivery {tag} at the receiver");
        }
    }
}

fn position<'a>(mut ids: impl Iterator<Item = &'a DeliveryId>, id: &DeliveryId) -> u32 {
    ids.position(|known| known == id)
        .and_then(|at| u32::try_from(at).ok())
        .expect("the verdict is on something known")
}

fn payload(tag: u32, size: usize) -> Bytes {
    (0..size).map(|at| (at as u32 ^ tag) as u8).collect()
}

/// Differs between neighbours, so that a mixed-up range shows.
fn verdict(tag: u32) -> Option<DeliveryState> {
    Some(match tag % 3 {
        0 => DeliveryState::Released(Released {}),
        _ => DeliveryState::Accepted(Accepted {}),
    })
}
