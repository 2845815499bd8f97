//! Where messages come to rest: stored, dropped, copied, passed on or set aside.

use super::*;

const MAX_HOPS: u32 = 4;

impl Reference {
    /// A message of a sender, which may be sent there; says its number, 0 for a duplicate.
    pub(in super::super) fn store(
        &mut self,
        entity: usize,
        sent: Sent,
        promised: Option<i64>,
    ) -> i64 {
        let message = ModelMessage {
            sent,
            place: Place {
                entity,
                part: Part::Main,
            },
            sequence: 0,
            first_sequence: None,
            count: 0,
            state: MessageState::Active,
            enqueued_at: self.now,
            expires_at: None,
            hops: 0,
            source: None,
            reason: None,
            marked: false,
            lock: None,
        };
        self.made(&message);
        self.arrive(message, promised)
    }

    /// A number that is given to nothing else.
    pub(in super::super) fn next_number(&mut self, place: Place) -> i64 {
        let last = &mut self.entities[place.entity].last;
        let last = last.entry(place.part).or_default();
        *last += 1;
        *last
    }

    fn arrive(&mut self, mut message: ModelMessage, promised: Option<i64>) -> i64 {
        let now = self.now;
        let entity = &mut self.entities[message.place.entity];
        if let Some(window) = entity.options.duplicate_window() {
            let id = message.sent.id.unwrap_or(&message.sent.body).to_owned();
            if entity
                .seen
                .get(&id)
                .is_some_and(|at| now < at.after(window))
            {
                self.ended(&message);
                return 0;
            }
            entity.seen.insert(id, now);
        }
        if let Some(at) = message.sent.at.filter(|at| *at > now) {
            message.state = MessageState::Scheduled { at };
            if let Some(promised) = promised {
                return self.insert(promised, message);
            }
        }
        self.append(message)
    }

    pub(super) fn append(&mut self, message: ModelMessage) -> i64 {
        let number = self.next_number(message.place);
        self.insert(number, message)
    }

    fn insert(&mut self, number: i64, mut message: ModelMessage) -> i64 {
        let place = message.place;
        message.sequence = number;
        message.lock = None;
        message.expires_at = self.expiry_of(&message);
        if message.state == MessageState::Active && self.passes_on(place) {
            self.leaving.push_back(message);
        } else {
            self.messages.push(message);
        }
        number
    }

    fn expiry_of(&self, message: &ModelMessage) -> Option<Timestamp> {
        if message.place.part != Part::Main || message.state != MessageState::Active {
            return None;
        }
        let allowed = self.options(message.place).default_message_time_to_live;
        let allowed = (allowed != FOREVER).then_some(allowed);
        let life = message.sent.life.into_iter().chain(allowed).min();
        let own = life.map(|life| message.enqueued_at.after(life));
        own.into_iter().chain(message.expires_at).min()
    }

    /// What has come free where nothing stays leaves, in the order of the numbers.
    pub(in super::super) fn let_leave(&mut self) {
        for entity in 0..self.entities.len() {
            for part in Part::ALL {
                let place = Place { entity, part };
                while let Some(first) = self.first_to_leave(place) {
                    let message = self.messages.remove(first);
                    self.leaving.push_back(message);
                }
            }
        }
    }

    fn first_to_leave(&self, place: Place) -> Option<usize> {
        let leaves = |message: &ModelMessage| {
            message.place == place
                && message.state == MessageState::Active
                && message.lock.is_none()
                && message.expires_at.is_none_or(|at| at > self.now)
        };
        let messages = self.messages.iter().enumerate();
        let first = messages
            .filter(|(_, message)| self.passes_on(place) && leaves(message))
            .min_by_key(|(_, message)| message.sequence);
        first.map(|(first, _)| first)
    }

    pub(in super::super) fn carry(&mut self) {
        while let Some(message) = self.leaving.pop_front() {
            match self.entities[message.place.entity].kind {
                ModelKind::Topic if message.place.part == Part::Main => self.fan_out(message),
                _ => self.forward(message),
            }
        }
    }

    fn fan_out(&mut self, message: ModelMessage) {
        for entity in 0..self.entities.len() {
            let ModelKind::Subscription { topic, rules } = &self.entities[entity].kind else {
                continue;
            };
            if *topic != message.place.entity {
                continue;
            }
            let red = message.sent.red;
            let has = |rule| rules.contains(&rule);
            let plain = has(ModelRule::Everything) || (red && has(ModelRule::Red));
            let marks = red && has(ModelRule::MarksRed);
            for marked in plain
                .then_some(false)
                .into_iter()
                .chain(marks.then_some(true))
            {
                let part = Part::Main;
                let copy = ModelMessage {
                    place: Place { entity, part },
                    first_sequence: message.first_sequence.or(Some(message.sequence)),
                    marked: message.marked || marked,
                    ..message.clone()
                };
                self.made(&copy);
                match self.session_obstacle(&copy) {
                    Some(reason) => self.set_aside(copy, Part::DeadLetter, Some(reason)),
                    None => {
                        self.append(copy);
                    }
                }
            }
        }
        self.ended(&message);
    }

    fn forward(&mut self, message: ModelMessage) {
        let from = message.place;
        let source = &self.entities[from.entity];
        let (target, source) = match from.part {
            Part::Main => (&source.options.forward_to, message.source.clone()),
            _ => (
                &source.options.forward_dead_lettered_messages_to,
                Some(source.path.clone()),
            ),
        };
        let known = |entity: &ModelEntity| Some(&entity.path) == target.as_ref();
        let entity = self.entities.iter().position(known).unwrap();
        let part = Part::Main;
        let arriving = ModelMessage {
            place: Place { entity, part },
            first_sequence: message.first_sequence.or(Some(message.sequence)),
            count: 0,
            enqueued_at: self.now,
            hops: message.hops + 1,
            source,
            ..message
        };
        let obstacle = if arriving.hops > MAX_HOPS {
            Some("MaxTransferHopCountExceeded")
        } else if !self.can_send(entity) {
            Some("MessagingEntityDisabled")
        } else {
            self.session_obstacle(&arriving)
        };
        match obstacle {
            Some(reason) => {
                let kept = ModelMessage {
                    place: from,
                    ..arriving
                };
                self.set_aside(kept, Part::TransferDeadLetter, Some(reason));
            }
            None => {
                self.arrive(arriving, None);
            }
        }
    }

    fn session_obstacle(&self, arriving: &ModelMessage) -> Option<&'static str> {
        let missing = self.has_sessions(arriving.place) && arriving.sent.session.is_none();
        missing.then_some("Session id is null.")
    }

    /// A message goes no further than a queue of the entity where it is.
    pub(super) fn set_aside(
        &mut self,
        message: ModelMessage,
        part: Part,
        reason: Option<&'static str>,
    ) {
        self.append(ModelMessage {
            place: Place {
                part,
                ..message.place
            },
            first_sequence: message.first_sequence.or(Some(message.sequence)),
            expires_at: None,
            state: MessageState::Active,
            reason: reason.or(message.reason),
            ..message
        });
    }
}
