//! What the connections of one emulator share. One thread owns it, so nothing in it is locked.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use tokio::sync::Notify;

use crate::admin::WrittenRules;
use crate::auth::{Audience, Grant, TokenChecker, TokenError};
use crate::broker::{Broker, BrokerError, ConsumerId, QueueRef, ReceiveMode, Timestamp};
use crate::clock::{MessageClock, TransportClock};
use crate::fault::{Fault, FaultId, InvalidFault, Script};
use crate::frame_record::FrameRecord;
use crate::journal;

/// Borrowed for as long as one wake-up of a task takes, never across an await.
pub(crate) type SharedHub = Rc<RefCell<Hub>>;

/// The most characters of a note: clients choose names that get into it.
const NOTE_LENGTH: usize = 500;

/// Names a connection of one emulator; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PeerId(u64);

impl PeerId {
    /// Counted from 1, in the order in which clients connect.
    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

/// How a connection is reached.
#[derive(Debug)]
struct PeerEntry {
    wake: Rc<Notify>,
    /// Consumers of the connection that have something to take.
    ready: Vec<ConsumerId>,
}

/// Broker, clocks, keys, and the connections that wait for them.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) broker: Broker,
    pub(crate) tokens: TokenChecker,
    pub(crate) faults: Script,
    /// Frames are on record, and not only what they led to.
    pub(crate) record_frames: bool,
    message_clock: MessageClock,
    transport_clock: TransportClock,
    peers: HashMap<PeerId, PeerEntry>,
    owners: HashMap<ConsumerId, PeerId>,
    last_peer: u64,
    started_at: Timestamp,
    pub(crate) written_rules: WrittenRules,
    /// The broker's count of changes when connections were last woken to look at their links.
    entity_changes_told: u64,
    /// Told when something falls due earlier than the timer task expects.
    timer: Rc<Notify>,
    timer_set_for: Option<Timestamp>,
}

impl Hub {
    pub(crate) fn new(broker: Broker, tokens: TokenChecker) -> Self {
        let mut message_clock = MessageClock::new();
        let started_at = message_clock.now();
        Self {
            broker,
            tokens,
            faults: Script::default(),
            record_frames: false,
            message_clock,
            transport_clock: TransportClock::default(),
            peers: HashMap::new(),
            owners: HashMap::new(),
            last_peer: 0,
            started_at,
            written_rules: WrittenRules::default(),
            entity_changes_told: 0,
            timer: Rc::new(Notify::new()),
            timer_set_for: None,
        }
    }

    /// The present instant of message time.
    pub(crate) fn now(&mut self) -> Timestamp {
        self.message_clock.now()
    }

    /// When the emulator began, in message time.
    pub(crate) fn started_at(&self) -> Timestamp {
        self.started_at
    }

    pub(crate) fn message_clock(&mut self) -> &mut MessageClock {
        &mut self.message_clock
    }

    pub(crate) fn transport_clock(&self) -> &TransportClock {
        &self.transport_clock
    }

    /// Moves transport time forward and lets every connection notice.
    pub(crate) fn advance_transport(&mut self, by: std::time::Duration) {
        self.transport_clock.advance(by);
        self.wake_all();
    }

    /// Checks a token for an audience, with the keys of the namespace and of the audience's entity.
    pub(crate) fn check_token(
        &self,
        token: &str,
        audience: &Audience,
    ) -> Result<Grant, TokenError> {
        let entity = self.broker.authorization_rules(audience.path());
        let now = self.transport_clock.unix_seconds();
        self.tokens.check(token, audience, entity, now)
    }

    /// Registers a connection; whoever serves it waits for the notification it gets.
    pub(crate) fn join(&mut self) -> (PeerId, Rc<Notify>) {
        self.last_peer += 1;
        let id = PeerId(self.last_peer);
        let wake = Rc::new(Notify::new());
        let entry = PeerEntry {
            wake: Rc::clone(&wake),
            ready: Vec::new(),
        };
        self.peers.insert(id, entry);
        (id, wake)
    }

    pub(crate) fn leave(&mut self, peer: PeerId) {
        self.peers.remove(&peer);
    }

    pub(crate) fn attach_consumer(
        &mut self,
        peer: PeerId,
        queue: QueueRef,
        mode: ReceiveMode,
    ) -> Result<ConsumerId, BrokerError> {
        let consumer = self.broker.attach_consumer(queue, mode)?;
        self.owners.insert(consumer, peer);
        Ok(consumer)
    }

    /// Asks for a session on behalf of a connection, which is told when there is one.
    pub(crate) fn accept_session(
        &mut self,
        peer: PeerId,
        queue: QueueRef,
        mode: ReceiveMode,
        session: Option<&str>,
    ) -> Result<ConsumerId, BrokerError> {
        let now = self.now();
        let consumer = self.broker.accept_session(queue, mode, session, now)?;
        self.owners.insert(consumer, peer);
        Ok(consumer)
    }

    /// The connection that a consumer belongs to.
    pub(crate) fn owner(&self, consumer: ConsumerId) -> Option<PeerId> {
        self.owners.get(&consumer).copied()
    }

    pub(crate) fn detach_consumer(&mut self, consumer: ConsumerId) {
        let now = self.now();
        self.broker.detach_consumer(consumer, now);
        self.owners.remove(&consumer);
    }

    /// The consumers of a connection that have something to take.
    pub(crate) fn take_ready(&mut self, peer: PeerId) -> Vec<ConsumerId> {
        match self.peers.get_mut(&peer) {
            Some(entry) => std::mem::take(&mut entry.ready),
            None => Vec::new(),
        }
    }

    /// Notes for whom the last operations brought something; wakes them, except the one that asks.
    pub(crate) fn gather_ready(&mut self, asking: PeerId) {
        self.pass_on_ready(Some(asking));
    }

    fn pass_on_ready(&mut self, awake: Option<PeerId>) {
        for consumer in self.broker.take_ready() {
            let Some(owner) = self.owners.get(&consumer) else {
                continue;
            };
            if let Some(entry) = self.peers.get_mut(owner) {
                entry.ready.push(consumer);
                if awake != Some(*owner) {
                    entry.wake.notify_one();
                }
            }
        }
    }

    /// Wakes the connections that the last operations brought something for, and the timer if need be.
    pub(crate) fn wake_ready(&mut self) {
        self.pass_on_ready(None);
        if self.entity_changes_told != self.broker.entity_changes() {
            self.entity_changes_told = self.broker.entity_changes();
            self.wake_all();
        }
        let earlier = match (self.broker.next_due(), self.timer_set_for) {
            (Some(next), Some(planned)) => next < planned,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if earlier {
            self.timer.notify_one();
        }
    }

    /// Fires what is due and says when the next thing will be; `None` while there is nothing to wait for.
    fn fire_due(&mut self) -> Option<std::time::Duration> {
        let now = self.now();
        self.broker.fire_due(now);
        self.timer_set_for = self.broker.next_due();
        self.wake_ready();
        if self.message_clock.is_frozen() {
            return None;
        }
        Some(now.until(self.timer_set_for?))
    }

    /// Moves message time forward; everything that falls due has happened when this returns.
    pub(crate) fn advance(&mut self, by: std::time::Duration) {
        self.message_clock.advance(by);
        self.fire_due();
        // The timer's plan was made for the time as it was.
        self.timer.notify_one();
    }

    /// Lets a frozen clock run on.
    pub(crate) fn thaw(&mut self) {
        self.message_clock.thaw();
        self.timer.notify_one();
    }

    /// Sets a fault; what it does at once, it does as soon as the connections are woken.
    pub(crate) fn inject(&mut self, fault: Fault) -> Result<FaultId, InvalidFault> {
        let id = self.faults.inject(fault)?;
        self.wake_all();
        Ok(id)
    }

    /// Takes a fault back; `false` if it is not set.
    pub(crate) fn clear_fault(&mut self, id: FaultId) -> bool {
        let was_set = self.faults.clear(id);
        self.wake_all();
        was_set
    }

    /// Takes every fault back.
    pub(crate) fn clear_faults(&mut self) {
        self.faults.clear_all();
        self.wake_all();
    }

    /// Whether frames are to be read for the record, or for the log.
    pub(crate) fn records_frames(&self) -> bool {
        self.record_frames || log::log_enabled!(target: journal::LOG_TARGET, log::Level::Debug)
    }

    /// Records a frame.
    pub(crate) fn frame_passed(&mut self, frame: FrameRecord) {
        let now = self.now();
        self.broker.journal().frame(now, frame);
    }

    /// Records something about a connection for the messages of failing tests.
    pub(crate) fn note(&mut self, peer: PeerId, text: &str) {
        let mut text = format!("connection {}: {text}", peer.0);
        if let Some((end, _)) = text.char_indices().nth(NOTE_LENGTH) {
            text.truncate(end);
        }
        log::info!("{text}");
        let now = self.now();
        self.broker.journal().note(now, text);
    }

    fn wake_all(&self) {
        for entry in self.peers.values() {
            entry.wake.notify_one();
        }
    }
}

/// Fires what falls due while nobody does anything.
pub(crate) async fn keep_time(hub: SharedHub) {
    let timer = Rc::clone(&hub.borrow().timer);
    loop {
        let wait = hub.borrow_mut().fire_due();
        match wait {
            Some(wait) => {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = timer.notified() => {}
                }
            }
            None => timer.notified().await,
        }
    }
}
