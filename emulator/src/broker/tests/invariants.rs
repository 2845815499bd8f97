//! What must hold between any two operations.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::super::agenda::Due;
use super::super::consumer::Scope;
use super::super::queue::Hold;
use super::*;

pub(super) fn check(broker: &Broker) {
    let mut agenda = BTreeSet::new();
    let mut consumers = BTreeMap::new();
    for entity in broker.entities.values() {
        for part in Part::ALL {
            let queue = entity.queue(part);
            agenda.extend(check_holds(queue, broker.time));
            check_line(queue);
            agenda.extend(session_invariants::check(queue));
            consumers.extend(queue.consumers.keys().map(|id| (*id, queue.id)));
        }
    }
    assert!(
        broker.effects.leaving.is_empty(),
        "nothing is under way between two operations: {:?}",
        broker.effects.leaving
    );
    let planned: BTreeSet<_> = broker.effects.agenda.events().copied().collect();
    assert_eq!(
        planned, agenda,
        "the agenda holds what is to happen, each once"
    );
    let (enlisted, looked_up) = broker.transactions.locks();
    assert_eq!(&enlisted, looked_up, "what transactions settle is known");
    let known: BTreeMap<_, _> = broker
        .consumers
        .iter()
        .map(|(id, queue)| (*id, *queue))
        .collect();
    assert_eq!(known, consumers, "every consumer belongs to one queue");
}

/// Each message is in one place; returns what is to happen to them.
fn check_holds(queue: &Queue, time: Timestamp) -> Vec<(Timestamp, Due)> {
    let mut events = Vec::new();
    let mut free = BTreeSet::new();
    let mut tokens = HashSet::new();
    let mut boxed = BTreeMap::<ConsumerId, BTreeSet<i64>>::new();
    let messages = queue.messages.values();
    let size: u64 = messages.map(|stored| stored.message.size()).sum();
    let states: u64 = session_invariants::state_size(queue);
    assert_eq!(queue.size, size + states, "size of {}", queue.path);
    for (sequence, stored) in &queue.messages {
        let sequence = *sequence;
        if let Some(activation) = queue.activation(sequence, stored.state) {
            assert_eq!(stored.hold, Hold::Free, "nobody has what is scheduled");
            events.push(activation);
        }
        if let Some((at, due)) = queue.expiry(sequence, stored) {
            if at > time {
                events.push((at, due));
            } else {
                let protected = matches!(stored.hold, Hold::Locked { outbox: None, .. });
                assert!(protected, "#{sequence} should have expired");
            }
        }
        let outbox = match stored.hold {
            Hold::Free => {
                if stored.state == MessageState::Active && stored.session.is_none() {
                    free.insert(sequence);
                }
                None
            }
            Hold::Promised { consumer } => Some(consumer),
            Hold::Locked {
                token,
                until,
                outbox,
            } => {
                assert_eq!(
                    queue.locks.get(&token),
                    Some(&sequence),
                    "a lock finds its message"
                );
                assert!(tokens.insert(token), "a token names one lock");
                let queue = queue.id;
                assert_eq!(until.is_none(), stored.session.is_some());
                events.extend(until.map(|until| (until, Due::LockExpiry { queue, sequence })));
                outbox
            }
        };
        if let Some(consumer) = outbox {
            boxed.entry(consumer).or_default().insert(sequence);
        }
    }
    assert_eq!(
        queue.available, free,
        "what is active and nobody holds is available"
    );
    assert_eq!(
        queue.locks.len(),
        tokens.len(),
        "every token names a message"
    );
    for (id, consumer) in &queue.consumers {
        let outbox: BTreeSet<_> = consumer.outbox.iter().copied().collect();
        assert_eq!(
            outbox.len(),
            consumer.outbox.len(),
            "{id:?} is promised a message once"
        );
        assert_eq!(
            boxed.remove(id).unwrap_or_default(),
            outbox,
            "outbox of {id:?}"
        );
        let credit = usize::try_from(consumer.credit).unwrap();
        assert!(
            outbox.len() <= credit,
            "{id:?} has credit {credit} for {outbox:?}"
        );
    }
    assert!(
        boxed.is_empty(),
        "messages wait for consumers that are gone: {boxed:?}"
    );
    events
}

/// Who wants messages stands in line, once, and nothing is left over while somebody does.
fn check_line(queue: &Queue) {
    let in_line: BTreeSet<_> = queue.line.iter().copied().collect();
    assert_eq!(
        in_line.len(),
        queue.line.len(),
        "one place each: {:?}",
        queue.line
    );
    for (id, consumer) in &queue.consumers {
        assert_eq!(
            in_line.contains(id),
            consumer.turn > 0,
            "place and turn of {id:?}"
        );
        assert!(consumer.turn <= consumer.wants(), "turn of {id:?}");
        if !consumer.outbox.is_empty() {
            assert!(consumer.announced, "{id:?} was told of its messages");
        } else if consumer.wants() > 0 && consumer.scope == Scope::Queue {
            assert!(
                in_line.contains(id),
                "{id:?} wants messages and waits for its turn"
            );
        }
    }
    assert!(
        queue.line.is_empty() || queue.available.is_empty(),
        "{:?} wait while {:?} are available",
        queue.line,
        queue.available
    );
}
