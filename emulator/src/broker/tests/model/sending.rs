//! What senders do, at once or within a transaction, and how they take it back.

use super::*;
use crate::message::PropertyField;

impl Model {
    fn written(&mut self, wish: &Wish) -> Sent {
        self.sent += 1;
        Sent {
            body: self.sent.to_string(),
            red: wish.red,
            id: wish.id,
            session: wish.session,
            life: wish.life.map(Duration::from_secs),
            at: wish
                .delay
                .map(|delay| self.now().after(Duration::from_secs(delay))),
        }
    }

    pub(super) fn send(&mut self, entity: usize, wishes: &[Wish], within: Option<Within>) {
        let sent: Vec<Sent> = wishes.iter().map(|wish| self.written(wish)).collect();
        let messages = sent.iter().map(encoded).collect();
        let part = Part::Main;
        let queue = self.reference.queue(Place { entity, part });
        let sessions = self
            .reference
            .options(Place { entity, part })
            .requires_session;
        let complete = !sessions || sent.iter().all(|sent| sent.session.is_some());
        let allowed = self.reference.can_send(entity) && complete;
        let now = self.now();
        let Some(within) = within else {
            let outcome = self.broker.enqueue(queue, messages, now);
            if !allowed {
                assert!(outcome.is_err(), "{outcome:?}");
                return;
            }
            let numbers = sent.into_iter();
            let numbers = numbers.map(|sent| self.reference.store(entity, sent, None));
            assert_eq!(outcome, Ok(numbers.collect()));
            return;
        };
        let id = self.transaction(within.slot);
        let place = Place { entity, part };
        let through = (!within.crosses).then_some(queue);
        let broker = &mut self.broker;
        let outcome = if within.schedules {
            broker.enlist_scheduled(id, queue, messages, through, now)
        } else {
            let outcome = broker.enlist_messages(id, queue, messages, through, now);
            outcome.map(|()| Vec::new())
        };
        if !allowed {
            assert!(outcome.is_err(), "{outcome:?}");
            return;
        }
        let asked = sent.iter().filter(|_| within.schedules);
        let promised: Vec<i64> = asked.map(|_| self.reference.next_number(place)).collect();
        self.witness.promised(queue, &promised);
        let work = Work::Send {
            entity,
            messages: sent,
            promised: promised.clone(),
        };
        let about = (!within.crosses).then(|| self.reference.top_level(entity));
        let enlisted = self.reference.enlist(id, work, about);
        assert_eq!(outcome, enlisted.map(|()| promised));
    }

    pub(super) fn cancel(&mut self, message: Pick) {
        let is_scheduled =
            |message: &ModelMessage| matches!(message.state, MessageState::Scheduled { .. });
        let all = 0..self.reference.messages.len();
        let scheduled = all
            .clone()
            .filter(|at| is_scheduled(&self.reference.messages[*at]));
        let Some(chosen) = pick(message, scheduled.collect(), all.collect()) else {
            return;
        };
        let message = &self.reference.messages[chosen];
        let queue = self.reference.queue(message.place);
        let missing = vec![message.sequence];
        let outcome = self.broker.cancel_scheduled(queue, &missing, self.now());
        if is_scheduled(message) {
            assert_eq!(outcome, Ok(()));
            self.reference.end(chosen);
        } else {
            assert_eq!(outcome, Err(BrokerError::MessagesNotScheduled { missing }));
        }
    }

    /// What waits in an outbox is spared, and which messages those are is up to the broker.
    pub(super) fn delete(&mut self, place: Place, session: &str, count: usize, before: Timestamp) {
        let queue = self.reference.queue(place);
        let sessions = self.reference.has_sessions(place);
        let session = sessions.then_some(session);
        let held = |session| {
            self.reference
                .holders
                .keys()
                .any(|(entity, held)| *entity == place.entity && *held == session)
        };
        let allowed = session.is_none_or(held);
        let waiting = self.waiting(place, session);
        let now = self.now();
        let outcome = self
            .broker
            .delete_messages(queue, session, count, before, now);
        if !allowed {
            assert_eq!(outcome, Err(BrokerError::SessionLockLost));
            return;
        }
        let mut deleted = 0;
        for sequence in waiting {
            let wanted =
                |message: &ModelMessage| message.place == place && message.sequence == sequence;
            let found = self.reference.messages.iter().position(wanted).unwrap();
            if deleted < count && self.reference.messages[found].enqueued_at < before {
                self.reference.end(found);
                deleted += 1;
            }
        }
        assert_eq!(outcome, Ok(deleted));
    }

    /// What the broker has not put into an outbox, in the order of the numbers.
    pub(super) fn waiting(&self, place: Place, session: Option<&str>) -> Vec<i64> {
        let queue = self.broker.queue(self.reference.queue(place)).unwrap();
        match (&queue.sessions, session) {
            (Some(sessions), Some(session)) => {
                let session = sessions.by_id.get(session).into_iter();
                session
                    .flat_map(|session| session.available.iter().copied())
                    .collect()
            }
            (_, _) => queue.available.iter().copied().collect(),
        }
    }
}

fn encoded(sent: &Sent) -> Message {
    let mut draft = Draft::new(&sent.body);
    if let Some(id) = sent.id {
        draft = draft.with_id(id);
    }
    if let Some(session) = sent.session {
        draft = draft.of_session(session);
    }
    if let Some(life) = sent.life {
        draft = draft.living(life);
    }
    if let Some(at) = sent.at {
        draft = draft.at(at);
    }
    let subject = if sent.red { "red" } else { "blue" };
    draft
        .message()
        .with_property(PropertyField::Subject, |writer| writer.put_string(subject))
}
