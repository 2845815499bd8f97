//! What receivers do.

use super::reference::Holder;
use super::*;
use ReceiveMode::PeekLock;

#[derive(Clone, Copy, Debug)]
pub(super) struct ModelConsumer {
    pub(super) id: ConsumerId,
    pub(super) place: Place,
    pub(super) mode: ReceiveMode,
    /// The session that it holds, or has lost.
    pub(super) session: Option<&'static str>,
    pub(super) credit: u32,
}

impl Model {
    pub(super) fn attach(
        &mut self,
        consumer: usize,
        place: Place,
        session: &'static str,
        mode: ReceiveMode,
    ) {
        let (queue, now) = (self.reference.queue(place), self.now());
        let session = self.reference.has_sessions(place).then_some(session);
        let outcome = match session {
            Some(_) => self.broker.accept_session(queue, mode, session, now),
            None => self.broker.attach_consumer(queue, mode),
        };
        let key = session.map(|session| (place.entity, session));
        let held = key.is_some_and(|key| self.reference.holders.contains_key(&key));
        let allowed = self.reference.can_receive(place) && !held;
        assert_eq!(outcome.is_ok(), allowed, "{outcome:?}");
        let Ok(id) = outcome else {
            return;
        };
        if let Some(key) = key {
            let until = now.after(self.reference.options(place).lock_duration);
            let consumer = id;
            self.reference
                .holders
                .insert(key, Holder { consumer, until });
        }
        self.consumers[consumer] = Some(ModelConsumer {
            id,
            place,
            mode,
            session,
            credit: 0,
        });
    }

    pub(super) fn detach(&mut self, consumer: usize) {
        if let Some(left) = self.consumers[consumer].take() {
            let now = self.now();
            self.broker.detach_consumer(left.id, now);
            self.leave_session(left);
        }
    }

    /// What the holder of a session had is free, and counts as no failure.
    pub(super) fn leave_session(&mut self, left: ModelConsumer) {
        if !self.holds(left) {
            return;
        }
        let Some(session) = left.session else {
            return;
        };
        let key = (left.place.entity, session);
        self.reference.holders.remove(&key);
        while let Some(first) = self.reference.first_held(key) {
            self.reference.messages[first].lock = None;
        }
    }

    /// Whether a consumer may get anything: it needs no session, or still holds its own.
    fn holds(&self, consumer: ModelConsumer) -> bool {
        consumer.session.is_none_or(|session| {
            let holder = self
                .reference
                .holders
                .get(&(consumer.place.entity, session));
            holder.is_some_and(|holder| holder.consumer == consumer.id)
        })
    }

    pub(super) fn set_credit(&mut self, consumer: usize, credit: u32) {
        let now = self.now();
        if let Some(consumer) = &mut self.consumers[consumer] {
            consumer.credit = credit;
            self.broker.set_credit(consumer.id, credit, now);
        }
    }

    pub(super) fn take(&mut self, consumer: usize) -> bool {
        let Some(taker) = self.consumers[consumer] else {
            return false;
        };
        let now = self.now();
        let Some(delivery) = self.broker.take_delivery(taker.id, now) else {
            let waiting = self.waiting(taker.place, taker.session);
            let idle = taker.credit == 0 || waiting.is_empty() || !self.holds(taker);
            assert!(idle, "{taker:?} has nothing, and {waiting:?} wait");
            return false;
        };
        assert!(
            taker.credit > 0 && self.holds(taker),
            "{taker:?} got {delivery:?}"
        );
        let sequence = delivery.sequence;
        let found = self
            .reference
            .messages
            .iter()
            .position(|message| message.place == taker.place && message.sequence == sequence);
        let found = found.unwrap_or_else(|| panic!("delivered out of nothing: {delivery:?}"));
        let message = &self.reference.messages[found];
        assert_eq!(message.state, MessageState::Active, "{delivery:?}");
        if let Some(session) = taker.session {
            assert_eq!(message.sent.session, Some(session), "{delivery:?}");
            assert_eq!(
                Some(found),
                self.first_of(taker.place, session),
                "order in a session"
            );
        }
        self.consumers[consumer] = Some(ModelConsumer {
            credit: taker.credit - 1,
            ..taker
        });
        self.received(found, taker.mode, &delivery);
        true
    }

    /// The message of a session that is to be delivered next.
    fn first_of(&self, place: Place, session: &str) -> Option<usize> {
        let messages = self.reference.messages.iter().enumerate();
        let first = messages
            .filter(|(_, message)| {
                message.place == place
                    && message.sent.session == Some(session)
                    && message.state == MessageState::Active
                    && message.lock.is_none()
            })
            .min_by_key(|(_, message)| message.sequence);
        first.map(|(first, _)| first)
    }

    /// Somebody got a message, as the broker says.
    fn received(&mut self, found: usize, mode: ReceiveMode, delivery: &Delivery) {
        let now = self.now();
        let message = &mut self.reference.messages[found];
        let place = message.place;
        assert_eq!(message.lock, None, "delivered while locked");
        let told = (body(delivery), delivery.delivery_count);
        assert_eq!(told, (message.sent.body.clone(), message.count));
        assert_eq!(delivery.lock.is_some(), mode == PeekLock);
        message.lock = delivery.lock;
        let Some(lock) = delivery.lock else {
            self.reference.end(found);
            return;
        };
        self.tokens.push((lock.token, place));
        let alone = !self.reference.has_sessions(place);
        assert_eq!(lock.until.is_some(), alone, "{lock:?}");
        let latest = now.after(self.reference.options(place).lock_duration);
        let stands = |until| until > now && until <= latest;
        assert!(lock.until.is_none_or(stands), "{lock:?}");
    }

    pub(super) fn drain(&mut self, consumer: usize) {
        let Some(ModelConsumer { id, .. }) = self.consumers[consumer] else {
            return;
        };
        let now = self.now();
        self.broker.drain(id, now);
        while self.take(consumer) {}
        let drained = self.consumers[consumer].as_mut().unwrap();
        drained.credit = 0;
        let finished = self.broker.finish_drain(id, now);
        let drained = *drained;
        assert!(finished || !self.holds(drained), "nothing is left to take");
    }

    pub(super) fn receive_deferred(&mut self, message: Pick, mode: ReceiveMode) {
        let is_there = |message: &ModelMessage| {
            message.state == MessageState::Deferred && message.lock.is_none()
        };
        let all = 0..self.reference.messages.len();
        let there = all
            .clone()
            .filter(|at| is_there(&self.reference.messages[*at]));
        let Some(chosen) = pick(message, there.collect(), all.collect()) else {
            return;
        };
        let message = &self.reference.messages[chosen];
        let (place, numbers) = (message.place, [message.sequence]);
        let session = message
            .sent
            .session
            .filter(|_| self.reference.has_sessions(place));
        let key = session.map(|session| (place.entity, session));
        let held = key.is_none_or(|key| self.reference.holders.contains_key(&key));
        let allowed = is_there(message) && held && self.reference.can_receive(place);
        let (queue, now) = (self.reference.queue(place), self.now());
        let broker = &mut self.broker;
        let outcome = broker.receive_deferred(queue, session, &numbers, mode, u64::MAX, now);
        assert_eq!(outcome.is_ok(), allowed, "{outcome:?}");
        for delivery in outcome.into_iter().flatten() {
            assert_eq!(delivery.sequence, numbers[0]);
            self.received(chosen, mode, &delivery);
        }
    }
}
