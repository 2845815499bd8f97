//! What happens by itself.

use super::*;

/// In the order in which it does at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    LockEnd(QueueRef, i64),
    Activation(QueueRef, i64),
    SessionEnd(QueueRef, ConsumerId),
    Expiry(QueueRef, i64),
}

impl Reference {
    /// Lets happen what is due up to an instant.
    pub(in super::super) fn pass(&mut self, until: Timestamp) {
        self.end_transactions(until);
        while self.next_due(until).is_some() {
            while let Some((at, event)) = self.next_due(until) {
                self.now = self.now.max(at);
                self.happen(event);
                self.carry();
            }
            self.now = until;
            self.let_leave();
            self.carry();
        }
        self.now = until;
    }

    fn next_due(&self, until: Timestamp) -> Option<(Timestamp, Event)> {
        let messages = self.messages.iter().filter_map(|message| {
            let queue = self.queue(message.place);
            let sequence = message.sequence;
            match (message.state, message.lock) {
                (MessageState::Scheduled { at }, _) => {
                    Some((at, Event::Activation(queue, sequence)))
                }
                (_, Some(lock)) => Some((lock.until?, Event::LockEnd(queue, sequence))),
                (_, None) => Some((message.expires_at?, Event::Expiry(queue, sequence))),
            }
        });
        let sessions = self.holders.iter().map(|((entity, _), holder)| {
            let queue = self.entities[*entity].queue;
            (holder.until, Event::SessionEnd(queue, holder.consumer))
        });
        let next = messages.chain(sessions).min()?;
        (next.0 <= until).then_some(next)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::LockEnd(queue, sequence) => {
                let message = self.place_of(queue, sequence);
                self.fail(message);
            }
            Event::Activation(queue, sequence) => {
                let message = self.place_of(queue, sequence);
                let message = self.messages.remove(message);
                self.append(ModelMessage {
                    state: MessageState::Active,
                    enqueued_at: self.now,
                    ..message
                });
            }
            Event::SessionEnd(_, consumer) => self.session_ends(consumer),
            Event::Expiry(queue, sequence) => {
                let place = self.place_of(queue, sequence);
                let message = &self.messages[place];
                let keeps = self
                    .options(message.place)
                    .dead_lettering_on_message_expiration;
                if keeps && message.state == MessageState::Active {
                    let message = self.messages.remove(place);
                    self.set_aside(message, Part::DeadLetter, Some("TTLExpiredException"));
                } else {
                    self.end(place);
                }
            }
        }
    }

    /// Every message that the holder has got was delivered in vain.
    fn session_ends(&mut self, consumer: ConsumerId) {
        let held = |(_, holder): &(&(usize, &'static str), &Holder)| holder.consumer == consumer;
        let (key, _) = self.holders.iter().find(held).unwrap();
        let key = *key;
        self.holders.remove(&key);
        while let Some(first) = self.first_held(key) {
            self.fail(first);
        }
    }

    /// The first message that is locked in a session.
    pub(in super::super) fn first_held(&self, session: (usize, &'static str)) -> Option<usize> {
        let part = Part::Main;
        let entity = session.0;
        let place = Place { entity, part };
        let messages = self.messages.iter().enumerate().filter(|(_, message)| {
            message.place == place
                && message.sent.session == Some(session.1)
                && message.lock.is_some()
        });
        let first = messages.min_by_key(|(_, message)| message.sequence);
        first.map(|(first, _)| first)
    }

    fn place_of(&self, queue: QueueRef, sequence: i64) -> usize {
        let wanted = |message: &ModelMessage| {
            self.queue(message.place) == queue && message.sequence == sequence
        };
        self.messages.iter().position(wanted).unwrap()
    }
}
