//! The receiving end of a link: credit for those who wait, deliveries into the inbox, verdicts under way.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use crossbeam_channel as channel;
use fe2o3_amqp::types::messaging::{DeliveryState, Modified, Released};
use log::warn;
use servicebus_amqp::{Cause, Connection as Endpoint, Delivery, DeliveryId, LinkId};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::at_hand::AtHand;
use super::auto_renewal::Keeper;
use super::renewals::Renewals;
use crate::error::Result;
use crate::mapping::decode::{decode_locked, decode_unlocked, lock_token};
use crate::mapping::transaction::provisional;
use crate::model::entity::Entity;
use crate::model::options::ReceiveMode;
use crate::model::received::ReceivedMessage;
use crate::model::session_request::SessionRequest;

/// The most credit that is outstanding at once.
pub(crate) const MAX_CREDIT: u32 = 2_048;

/// What arrives for the caller: a message, or why one could not be read.
pub(crate) type Arrival = Result<ReceivedMessage>;

/// The service's answer to a settlement.
#[derive(Debug)]
pub(crate) enum Answer {
    Decided(Option<DeliveryState>),
    /// The link ended first; the inbox says why.
    Ended,
}

impl Answer {
    /// What the service answers in a transaction, as it answers outside of one.
    pub(super) fn provisional(self) -> Self {
        match self {
            Answer::Decided(state) => Answer::Decided(provisional(state)),
            Answer::Ended => Answer::Ended,
        }
    }
}

/// How a receiver wants its link run.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) entity: Entity,
    pub(crate) mode: ReceiveMode,
    /// Messages kept at hand without anybody waiting.
    pub(crate) prefetch: u32,
    /// No credit is granted while more bytes than this wait in the inbox.
    pub(crate) max_buffered_bytes: usize,
    /// Equal verdicts on messages that came one after the other share a frame.
    pub(crate) settle_in_ranges: bool,
    /// The session to receive from; `None` where the entity has no sessions.
    pub(crate) session: Option<SessionRequest>,
    /// What renews the locks of messages from their arrival.
    pub(crate) renewals: Option<Arc<Renewals>>,
}

/// The caller's side of a link's inbox.
///
/// The channel disconnects when the link ends; what had arrived before can still be taken. Its length is bounded by
/// the credit granted, which the endpoint holds the peer to.
pub(crate) struct Inbox {
    pub(crate) arrivals: channel::Receiver<Arrival>,
    at_hand: Arc<AtHand>,
    ended: Arc<OnceLock<Cause>>,
    prefetch: u32,
}

impl Inbox {
    /// Whether half of what is to be kept at hand is used.
    pub(crate) fn is_low(&self) -> bool {
        self.prefetch > 0 && self.arrivals.len() <= self.prefetch as usize / 2
    }

    /// Books an arrival that was taken from the channel.
    pub(crate) fn taken(&self, arrival: &Arrival) {
        self.at_hand.taken(size_of(arrival));
    }

    /// Why the link ended, once it has.
    pub(crate) fn ended(&self) -> Option<&Cause> {
        self.ended.get()
    }
}

/// The receiving end of one link.
pub(crate) struct Inbound {
    terms: Terms,
    inbox: channel::Sender<Arrival>,
    /// For what goes back to the service.
    arrivals: channel::Receiver<Arrival>,
    at_hand: Arc<AtHand>,
    ended: Arc<OnceLock<Cause>>,
    /// How many messages the calls that wait now want together.
    demand: u32,
    /// From the answer to its attach until its end.
    stands: bool,
    draining: Vec<oneshot::Sender<()>>,
    /// Closing: what still arrives goes back at once.
    shut: bool,
    /// Deliveries that can be settled on this link, by lock token.
    deliveries: HashMap<Uuid, DeliveryId>,
    settling: BTreeMap<DeliveryId, (Uuid, oneshot::Sender<Answer>)>,
    /// The session that the link was granted, whose lock covers its messages.
    session: Option<Arc<str>>,
    keeper: Option<Keeper>,
}

impl Inbound {
    pub(crate) fn new(terms: Terms, at_hand: Arc<AtHand>, keeper: Option<Keeper>) -> (Self, Inbox) {
        let (inbox, arrivals) = channel::unbounded();
        let ended = Arc::new(OnceLock::new());
        let shared = Inbox {
            arrivals: arrivals.clone(),
            at_hand: at_hand.clone(),
            ended: ended.clone(),
            prefetch: terms.prefetch,
        };
        let inbound = Inbound {
            terms,
            inbox,
            arrivals,
            at_hand,
            ended,
            demand: 0,
            stands: false,
            draining: Vec::new(),
            shut: false,
            deliveries: HashMap::new(),
            settling: BTreeMap::new(),
            session: None,
            keeper,
        };
        (inbound, shared)
    }

    /// The link is attached, for this session where it is for one. Takes over what the link before had brought and
    /// nobody has taken: in receive-and-delete, the service has it no more.
    pub(crate) fn begin(&mut self, session: Option<Arc<str>>, last: Option<&Inbox>) {
        self.session = session;
        self.stands = true;
        self.at_hand.link_stands();
        if let Some(last) = last {
            while let Ok(arrival) = last.arrivals.try_recv() {
                last.taken(&arrival);
                self.put(arrival);
            }
        }
    }

    /// A call begins to wait for `count` messages.
    pub(crate) fn join(&mut self, link: LinkId, count: u32, endpoint: &mut Endpoint) {
        self.demand = self.demand.saturating_add(count);
        self.top_up(link, endpoint);
    }

    /// A call that waited for `count` messages leaves. True where it was the last and left credit or messages behind
    /// that nobody wants, which must go back to the service.
    pub(crate) fn leave(&mut self, link: LinkId, count: u32, endpoint: &Endpoint) -> bool {
        self.demand = self.demand.saturating_sub(count);
        self.is_unwanted() && (endpoint.credit(link) > 0 || self.holds_releasable())
    }

    fn is_unwanted(&self) -> bool {
        self.demand == 0 && self.terms.prefetch == 0
    }

    fn holds_releasable(&self) -> bool {
        self.terms.mode == ReceiveMode::PeekLock && !self.inbox.is_empty()
    }

    /// Grants credit for those who wait and for the prefetch, unless enough is at hand or a drain is under way.
    pub(crate) fn top_up(&mut self, link: LinkId, endpoint: &mut Endpoint) {
        if self.shut || !self.draining.is_empty() {
            return;
        }
        if self.at_hand.bytes() > self.terms.max_buffered_bytes {
            return;
        }
        let at_hand = u32::try_from(self.inbox.len()).unwrap_or(u32::MAX);
        let outstanding = endpoint.credit(link);
        let covered = at_hand.saturating_add(outstanding);
        let prefetch_is_low = self.terms.prefetch > 0 && covered <= self.terms.prefetch / 2;
        if covered < self.demand || prefetch_is_low {
            let wanted = self.demand.max(self.terms.prefetch);
            let credit = wanted.saturating_sub(at_hand).min(MAX_CREDIT);
            if credit > outstanding {
                endpoint.set_credit(link, credit);
            }
        }
    }

    /// Asks the service to use the credit at once or give it up; the channel tells when that is done. `None` where no
    /// credit is outstanding.
    pub(crate) fn drain(
        &mut self,
        link: LinkId,
        endpoint: &mut Endpoint,
    ) -> Option<oneshot::Receiver<()>> {
        if endpoint.credit(link) == 0 {
            return None;
        }
        let (reply, drained) = oneshot::channel();
        if self.draining.is_empty() {
            endpoint.drain(link);
        }
        self.draining.push(reply);
        Some(drained)
    }

    /// The service has given the credit up; whoever came to wait meanwhile gets new credit.
    pub(crate) fn drained(&mut self, link: LinkId, endpoint: &mut Endpoint) {
        for reply in self.draining.drain(..) {
            reply.send(()).ok();
        }
        self.top_up(link, endpoint);
    }

    /// The receiver closes: grants nothing any more, and gives what can go back to the service back, now and when it
    /// arrives. In receive-and-delete nothing can.
    pub(crate) fn shut(&mut self, link: LinkId, endpoint: &mut Endpoint) {
        if self.terms.mode == ReceiveMode::PeekLock {
            self.shut = true;
            self.release_unwanted(link, endpoint);
        }
    }

    /// Gives messages in the inbox that nobody wants back to the service, uncounted as deliveries.
    pub(crate) fn release_unwanted(&mut self, link: LinkId, endpoint: &mut Endpoint) {
        while (self.shut || self.is_unwanted()) && self.holds_releasable() {
            let Ok(arrival) = self.arrivals.try_recv() else {
                return;
            };
            self.at_hand.taken(size_of(&arrival));
            let token = arrival.ok().and_then(|message| message.lock_token());
            if let Some(id) = token.and_then(|token| self.deliveries.remove(&token)) {
                endpoint.dispose(link, id, Some(released()), true);
            }
        }
    }

    /// A delivery has arrived.
    pub(crate) fn arrived(&mut self, link: LinkId, delivery: Delivery, endpoint: &mut Endpoint) {
        let (id, settled) = (delivery.id, delivery.settled);
        if self.shut && !settled {
            endpoint.dispose(link, id, Some(released()), true);
            return;
        }
        let arrival = match self.terms.mode {
            ReceiveMode::PeekLock => {
                let token = lock_token(&delivery.tag);
                let session = self.session.as_ref();
                decode_locked(&delivery.payload, token, &self.terms.entity, session)
            }
            ReceiveMode::ReceiveAndDelete => decode_unlocked(&delivery.payload),
        };
        match &arrival {
            Ok(message) => {
                if let Some(token) = message.lock_token() {
                    self.deliveries.insert(token, id);
                }
                if let (Some(keeper), Some(lock)) = (&self.keeper, message.lock()) {
                    keeper.arrived(lock);
                }
            }
            Err(error) => {
                warn!(target: "servicebus::receiver", "receive from \"{}\": {error}", self.terms.entity);
                if !settled {
                    // It counts as a failed delivery, so that a message nobody can read ends as a dead letter.
                    endpoint.dispose(link, id, Some(failed()), true);
                }
            }
        }
        self.put(arrival);
    }

    fn put(&self, arrival: Arrival) {
        self.at_hand.put(size_of(&arrival));
        // Fails only when the receiver is gone, and the link with it.
        self.inbox.send(arrival).ok();
    }

    /// Sends a verdict on the message with this token; the service's answer comes through the channel. `None` where
    /// the message did not come by this link.
    pub(crate) fn settle(
        &mut self,
        link: LinkId,
        token: Uuid,
        state: DeliveryState,
        endpoint: &mut Endpoint,
    ) -> Option<oneshot::Receiver<Answer>> {
        let id = *self.deliveries.get(&token)?;
        if !endpoint.dispose(link, id, Some(state), false) {
            self.deliveries.remove(&token);
            return None;
        }
        if !self.terms.settle_in_ranges {
            endpoint.end_range(link.session());
        }
        let (reply, answer) = oneshot::channel();
        self.settling.insert(id, (token, reply));
        Some(answer)
    }

    /// How many verdicts the service has not answered.
    pub(super) fn unanswered(&self) -> usize {
        self.settling.len()
    }

    /// Sends the same verdict on many messages, in the order in which they came, so that few ranges hold them all; the
    /// answers are in the order of the tokens.
    pub(crate) fn settle_all(
        &mut self,
        link: LinkId,
        tokens: &[Uuid],
        state: &DeliveryState,
        endpoint: &mut Endpoint,
    ) -> Vec<Option<oneshot::Receiver<Answer>>> {
        let mut order: Vec<(usize, Uuid)> = tokens.iter().copied().enumerate().collect();
        order.sort_by_key(|(_, token)| self.deliveries.get(token));
        let mut answers: Vec<_> = order
            .into_iter()
            .map(|(place, token)| (place, self.settle(link, token, state.clone(), endpoint)))
            .collect();
        answers.sort_by_key(|(place, _)| *place);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    /// The message with this token cannot be settled on this link any more.
    pub(crate) fn forget(&mut self, token: Uuid) {
        self.deliveries.remove(&token);
    }

    /// The service's word on a delivery.
    pub(crate) fn answered(&mut self, id: DeliveryId, state: Option<DeliveryState>, settled: bool) {
        if !settled {
            return;
        }
        match self.settling.remove(&id) {
            Some((token, reply)) => {
                self.deliveries.remove(&token);
                reply.send(Answer::Decided(state)).ok();
            }
            None => self.deliveries.retain(|_, delivery| *delivery != id),
        }
    }

    /// The link is gone: everyone who waits learns it, and the inbox disconnects.
    pub(crate) fn ended(self, cause: &Cause) {
        // Set before the inbox disconnects with `self`, so that whoever sees that finds the cause.
        self.ended.set(cause.clone()).ok();
        if self.stands {
            self.at_hand.link_ended();
        }
        for (_, reply) in self.settling.into_values() {
            reply.send(Answer::Ended).ok();
        }
    }
}

fn released() -> DeliveryState {
    DeliveryState::Released(Released {})
}

fn failed() -> DeliveryState {
    DeliveryState::Modified(Modified {
        delivery_failed: Some(true),
        undeliverable_here: None,
        message_annotations: None,
    })
}

fn size_of(arrival: &Arrival) -> usize {
    arrival.as_ref().map_or(0, |message| message.body().len())
}
