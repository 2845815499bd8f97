//! What a random schedule acts on, and what must have come of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::types::messaging::{Accepted, DeliveryState, Released};
use servicebus_amqp::{
    Connection, ConnectionOptions, DeliveryId, Event, LinkId, OutgoingDelivery, SendError,
    SessionOptions,
};

use crate::pair::{attach, delivery, Pair};

#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// Of client and server, as the next two.
    pub(crate) frame_sizes: [u32; 2],
    pub(crate) windows: [u32; 2],
    pub(crate) first_ids: [u32; 2],
    /// Where every link begins to count.
    pub(crate) delivery_count: u32,
    pub(crate) sessions: usize,
    /// One link each, on every session.
    pub(crate) client_sends: Vec<bool>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Carry {
        to_server: bool,
        bytes: usize,
    },
    Send {
        link: usize,
        size: usize,
        settled: bool,
    },
    Grant {
        link: usize,
        more: u32,
    },
    Drain {
        link: usize,
    },
    AnswerDrain {
        link: usize,
    },
    /// The receiver's verdict, settled at once or to be confirmed.
    Judge {
        link: usize,
        which: usize,
        settled: bool,
    },
    /// The sender settles what the receiver has judged.
    Confirm {
        link: usize,
        which: usize,
    },
}

/// A link and all that happened on it.
struct Line {
    client_sends: bool,
    client: LinkId,
    server: LinkId,
    /// Deliveries by tag, in the order they were sent.
    sent: Vec<(DeliveryId, usize, bool)>,
    arrived: Vec<DeliveryId>,
    /// At the receiver, by tag.
    unjudged: Vec<u32>,
    /// At the sender, by tag: judged, not settled.
    unconfirmed: Vec<u32>,
    /// Verdicts and confirmations, by tag.
    verdicts: BTreeMap<u32, u32>,
    confirmations: BTreeMap<u32, u32>,
    awaits_confirmation: BTreeMap<u32, bool>,
    /// What the receiver granted and has not seen used or drained.
    granted: u32,
    drain_pending: bool,
    drain_to_answer: bool,
}

pub(crate) struct World {
    pair: Pair,
    lines: Vec<Line>,
}

impl World {
    pub(crate) fn new(setup: &Setup) -> Self {
        let session = |end: usize| SessionOptions {
            incoming_window: setup.windows[end],
            next_outgoing_id: setup.first_ids[end],
            ..SessionOptions::default()
        };
        let options = |end: usize| ConnectionOptions {
            max_frame_size: setup.frame_sizes[end],
            session: session(end),
            ..ConnectionOptions::default()
        };
        let mut pair = Pair::open(options(0), options(1));
        let mut lines = Vec::new();
        for _ in 0..setup.sessions {
            let id = pair.begin(&session(0));
            for client_sends in &setup.client_sends {
                let role = match client_sends {
                    true => Role::Sender,
                    false => Role::Receiver,
                };
                let mut attach = attach(&lines.len().to_string(), role);
                attach.initial_delivery_count = Some(setup.delivery_count);
                let (client, server) = pair.link(id, attach);
                lines.push(Line::new(*client_sends, client, server));
            }
        }
        World { pair, lines }
    }

    pub(crate) fn take(&mut self, step: &Step) {
        let count = self.lines.len();
        match step {
            Step::Carry { to_server, bytes } => {
                match to_server {
                    true => self.pair.carry_to_server(*bytes),
                    false => self.pair.carry_to_client(*bytes),
                }
                self.take_events();
            }
            Step::Send {
                link,
                size,
                settled,
            } => self.lines[link % count].send(&mut self.pair, *size, *settled),
            Step::Grant { link, more } => self.lines[link % count].grant(&mut self.pair, *more),
            Step::Drain { link } => self.lines[link % count].drain(&mut self.pair),
            Step::AnswerDrain { link } => self.lines[link % count].answer_drain(&mut self.pair),
            Step::Judge {
                link,
                which,
                settled,
            } => self.lines[link % count].judge(&mut self.pair, *which, *settled),
            Step::Confirm { link, which } => {
                self.lines[link % count].confirm(&mut self.pair, *which);
            }
        }
        self.take_events();
    }

    fn take_events(&mut self) {
        for at_client in [true, false] {
            let end = match at_client {
                true => &mut self.pair.client,
                false => &mut self.pair.server,
            };
            let events: Vec<Event> = std::iter::from_fn(|| end.poll_event()).collect();
            for event in events {
                let link = match &event {
                    Event::Flow { link, .. }
                    | Event::Drained { link }
                    | Event::Delivery { link, .. }
                    | Event::Disposition { link, .. } => *link,
                    other => panic!("nothing should end or begin, but {other:?}"),
                };
                let line = self
                    .lines
                    .iter_mut()
                    .find(|line| line.end(at_client) == link)
                    .expect("the link is known");
                line.note(at_client, &event);
            }
        }
    }

    /// Carries, answers and judges until nothing is left to do.
    pub(crate) fn come_to_rest(&mut self) {
        for round in 0.. {
            assert!(round < 1_000, "it never comes to rest");
            self.pair.exchange();
            self.take_events();
            for line in &mut self.lines {
                line.answer_drain(&mut self.pair);
                while !line.unjudged.is_empty() {
                    line.judge(&mut self.pair, 0, true);
                }
                while !line.unconfirmed.is_empty() {
                    line.confirm(&mut self.pair, 0);
                }
            }
            let at_rest =
                self.pair.client.output().is_empty() && self.pair.server.output().is_empty();
            if at_rest {
                break;
            }
        }
    }

    pub(crate) fn assert_agreement(&mut self) {
        for (number, line) in self.lines.iter().enumerate() {
            line.assert_agreement(number, &mut self.pair);
        }
    }
}

impl Line {
    fn new(client_sends: bool, client: LinkId, server: LinkId) -> Self {
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

    fn end(&self, at_client: bool) -> LinkId {
        match at_client {
            true => self.client,
            false => self.server,
        }
    }

    fn sender<'a>(&self, pair: &'a mut Pair) -> (&'a mut Connection, LinkId) {
        match self.client_sends {
            true => (&mut pair.client, self.client),
            false => (&mut pair.server, self.server),
        }
    }

    fn receiver<'a>(&self, pair: &'a mut Pair) -> (&'a mut Connection, LinkId) {
        match self.client_sends {
            true => (&mut pair.server, self.server),
            false => (&mut pair.client, self.client),
        }
    }

    fn send(&mut self, pair: &mut Pair, size: usize, settled: bool) {
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

    fn grant(&mut self, pair: &mut Pair, more: u32) {
        if self.drain_pending {
            return;
        }
        let (receiver, link) = self.receiver(pair);
        let credit = receiver.credit(link);
        receiver.set_credit(link, credit + more);
        self.granted = credit + more;
    }

    fn drain(&mut self, pair: &mut Pair) {
        let (receiver, link) = self.receiver(pair);
        receiver.drain(link);
        self.drain_pending = true;
    }

    fn answer_drain(&mut self, pair: &mut Pair) {
        if std::mem::take(&mut self.drain_to_answer) {
            let (sender, link) = self.sender(pair);
            sender.drained(link);
        }
    }

    fn judge(&mut self, pair: &mut Pair, which: usize, settled: bool) {
        if self.unjudged.is_empty() {
            return;
        }
        let tag = self.unjudged.remove(which % self.unjudged.len());
        let id = self.arrived[tag as usize];
        let (receiver, link) = self.receiver(pair);
        assert!(receiver.dispose(link, id, verdict(tag), settled));
        self.awaits_confirmation.insert(tag, !settled);
    }

    fn confirm(&mut self, pair: &mut Pair, which: usize) {
        if self.unconfirmed.is_empty() {
            return;
        }
        let tag = self.unconfirmed.remove(which % self.unconfirmed.len());
        let (id, ..) = self.sent[tag as usize];
        let (sender, link) = self.sender(pair);
        assert!(sender.dispose(link, id, verdict(tag), true));
    }

    fn note(&mut self, at_client: bool, event: &Event) {
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

    fn assert_agreement(&self, number: usize, pair: &mut Pair) {
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
