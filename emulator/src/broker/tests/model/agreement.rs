//! What must be true after every operation.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::filter::{Arrival, MessageView, Value};

/// What has been seen of the broker so far.
#[derive(Debug, Default)]
pub(super) struct Witness {
    /// The highest number of each queue.
    highest: BTreeMap<QueueRef, i64>,
    /// The numbers in each queue when last looked at.
    numbers: BTreeMap<QueueRef, Vec<i64>>,
    /// Numbers that messages will have, and that may be lower than those of others.
    promised: BTreeSet<(QueueRef, i64)>,
}

/// A message as a reader can see it.
#[derive(Debug, PartialEq)]
struct Seen {
    sequence: i64,
    first_sequence: Option<i64>,
    body: String,
    count: u32,
    state: MessageState,
    enqueued_at: Timestamp,
    expires_at: Option<Timestamp>,
    source: Option<String>,
    reason: Option<String>,
    rule: Option<String>,
}

impl Model {
    pub(super) fn agree(&mut self) {
        invariants::check(&self.broker);
        let mut copies = BTreeMap::<String, usize>::new();
        for entity in 0..self.reference.entities.len() {
            for part in Part::ALL {
                let place = Place { entity, part };
                let seen = self.compare(place);
                self.witness.look(self.reference.queue(place), &seen);
                for seen in seen {
                    *copies.entry(seen.body).or_default() += 1;
                }
            }
        }
        self.reference.balance.retain(|_, copies| *copies > 0);
        assert_eq!(
            copies, self.reference.balance,
            "none is lost, none is in two places"
        );
    }

    fn compare(&mut self, place: Place) -> Vec<Seen> {
        let (queue, now) = (self.reference.queue(place), self.now());
        let path = self.broker.path(queue).unwrap().to_owned();
        let seen: Vec<Seen> = self.broker.peek(queue, 1, now).unwrap().map(seen).collect();
        let messages = self.reference.messages.iter();
        let mut there: Vec<&ModelMessage> =
            messages.filter(|message| message.place == place).collect();
        there.sort_by_key(|message| message.sequence);
        let expected: Vec<Seen> = there.iter().map(|message| expected(message)).collect();
        assert_eq!(seen, expected, "in {path}");
        assert_eq!(
            self.broker.counts(queue),
            Some(self.counts(&there)),
            "of {path}"
        );
        seen
    }

    /// What is in an outbox under a lock counts as locked, but nobody has got it yet.
    fn counts(&self, there: &[&ModelMessage]) -> QueueCounts {
        let mut counts = QueueCounts::default();
        for message in there {
            let count = match (message.state, message.lock) {
                (_, Some(_)) => &mut counts.locked,
                (MessageState::Active, None) => &mut counts.active,
                (MessageState::Deferred, None) => &mut counts.deferred,
                (MessageState::Scheduled { .. }, None) => &mut counts.scheduled,
            };
            *count += 1;
        }
        let Some(first) = there.first() else {
            return counts;
        };
        let queue = self
            .broker
            .queue(self.reference.queue(first.place))
            .unwrap();
        let consumers = queue.consumers.values();
        let locking = consumers.filter(|consumer| consumer.mode == ReceiveMode::PeekLock);
        let boxed: usize = locking.map(|consumer| consumer.outbox.len()).sum();
        counts.active -= boxed;
        counts.locked += boxed;
        counts
    }
}

impl Witness {
    pub(super) fn promised(&mut self, queue: QueueRef, numbers: &[i64]) {
        let numbers = numbers.iter().map(|number| (queue, *number));
        self.promised.extend(numbers);
    }

    /// A number that was not there before is higher than any that was.
    fn look(&mut self, queue: QueueRef, seen: &[Seen]) {
        let now: Vec<i64> = seen.iter().map(|seen| seen.sequence).collect();
        let before = self.numbers.entry(queue).or_default();
        let highest = self.highest.entry(queue).or_default();
        for number in &now {
            let promised = self.promised.contains(&(queue, *number));
            let rises = number > highest || before.contains(number) || promised;
            assert!(rises, "#{number} of {queue:?} comes after #{highest}");
        }
        *highest = now.iter().copied().chain([*highest]).max().unwrap();
        *before = now;
    }
}

fn expected(message: &ModelMessage) -> Seen {
    Seen {
        sequence: message.sequence,
        first_sequence: message.first_sequence,
        body: message.sent.body.clone(),
        count: message.count,
        state: message.state,
        enqueued_at: message.enqueued_at,
        expires_at: message.expires_at,
        source: message.source.clone(),
        reason: message.reason.map(str::to_owned),
        rule: message.marked.then(|| "marks".to_owned()),
    }
}

fn seen(delivery: Delivery) -> Seen {
    let arrival = Arrival {
        enqueued_at: 0,
        sequence: 0,
    };
    // Most messages have no properties, and there is much to look at.
    let bare = delivery.message.application_properties.is_empty();
    let view = (!bare).then(|| MessageView::new(&delivery.message, arrival));
    let property = |name| match view.as_ref()?.application_property(name)?.1 {
        Value::String(text) => Some(text.into_owned()),
        other => panic!("no text: {other:?}"),
    };
    Seen {
        sequence: delivery.sequence,
        first_sequence: delivery.first_sequence,
        body: body(&delivery),
        count: delivery.delivery_count,
        state: delivery.state,
        enqueued_at: delivery.enqueued_at,
        expires_at: delivery.expires_at,
        source: delivery.dead_letter_source.as_deref().map(str::to_owned),
        reason: property("DeadLetterReason"),
        rule: property("RuleName"),
    }
}
