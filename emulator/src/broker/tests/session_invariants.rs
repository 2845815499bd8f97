//! What must hold of the sessions of a queue between any two operations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::agenda::Due;
use super::super::consumer::Scope;
use super::super::queue::Hold;
use super::super::session::{Session, Sessions};
use super::*;

/// Returns when the locks on sessions end.
pub(super) fn check(queue: &Queue) -> Vec<(Timestamp, Due)> {
    let Some(sessions) = &queue.sessions else {
        let scopes = queue.consumers.values().map(|consumer| &consumer.scope);
        assert!(scopes.into_iter().all(|scope| *scope == Scope::Queue));
        return Vec::new();
    };
    let mut entered = 0;
    let mut ends = Vec::new();
    for (id, session) in &sessions.by_id {
        assert!(!session.is_over(), "{id:?} has no reason to exist");
        check_messages(queue, id, session);
        entered += session.messages.len();
        if let Some(lock) = &session.lock {
            let queue = queue.id;
            let holder = lock.holder;
            ends.push((lock.until, Due::SessionLockExpiry { queue, holder }));
        }
    }
    assert_eq!(entered, queue.messages.len(), "every message has a session");
    check_offers(sessions);
    check_consumers(queue, sessions);
    ends
}

fn check_messages(queue: &Queue, id: &Arc<str>, session: &Session) {
    let mut available = BTreeSet::new();
    let mut covered = BTreeSet::new();
    for sequence in &session.messages {
        let stored = &queue.messages[sequence];
        assert_eq!(stored.session.as_ref(), Some(id), "session of #{sequence}");
        match stored.hold {
            Hold::Free if stored.state == MessageState::Active => {
                available.insert(*sequence);
            }
            Hold::Free => {}
            Hold::Promised { .. } | Hold::Locked { .. } => {
                covered.insert(*sequence);
            }
        }
    }
    assert_eq!(session.available, available, "available in {id:?}");
    let under_lock = session.lock.as_ref().map(|lock| lock.covered.clone());
    assert_eq!(
        under_lock.unwrap_or_default(),
        covered,
        "what is held in {id:?} is held by its lock"
    );
}

/// What nobody holds and has something to deliver is on offer, and nobody waits while it is.
fn check_offers(sessions: &Sessions) {
    let due = |session: &Session| session.lock.is_none() && !session.available.is_empty();
    let offered: BTreeMap<u64, Arc<str>> = sessions
        .by_id
        .iter()
        .filter_map(|(id, session)| Some((session.offer?, Arc::clone(id))))
        .collect();
    assert_eq!(
        sessions.offers, offered,
        "each offer is known to its session"
    );
    for (id, session) in &sessions.by_id {
        assert_eq!(session.offer.is_some(), due(session), "offer of {id:?}");
    }
    assert!(
        sessions.waiting.is_empty() || sessions.offers.is_empty(),
        "{:?} wait while {:?} are on offer",
        sessions.waiting,
        sessions.offers
    );
    assert!(sessions.stirred.is_empty(), "everybody was served");
}

fn check_consumers(queue: &Queue, sessions: &Sessions) {
    let mut waiting = BTreeSet::new();
    let mut holders = BTreeMap::new();
    for (id, consumer) in &queue.consumers {
        match &consumer.scope {
            Scope::Queue => panic!("{id:?} would get messages of any session"),
            Scope::NextSession => {
                waiting.insert(*id);
            }
            Scope::Session(session) => {
                holders.insert(*id, Arc::clone(session));
                let available = &sessions.by_id[session].available;
                let first = available.first();
                assert!(
                    first.is_none() || consumer.wants() == 0,
                    "{id:?} wants messages while {first:?} waits"
                );
                let outbox: Vec<i64> = consumer.outbox.iter().copied().collect();
                assert!(
                    outbox.iter().chain(first).is_sorted(),
                    "out of order: {outbox:?} before {first:?}"
                );
            }
            Scope::LostSession => assert!(consumer.outbox.is_empty()),
        }
    }
    assert_eq!(sessions.waiting, waiting);
    let locks = sessions
        .by_id
        .iter()
        .filter_map(|(id, session)| Some((session.lock.as_ref()?.holder, Arc::clone(id))));
    assert_eq!(locks.collect::<BTreeMap<_, _>>(), holders);
}

/// The bytes that the sessions of a queue remember.
pub(super) fn state_size(queue: &Queue) -> u64 {
    let sessions = queue
        .sessions
        .iter()
        .flat_map(|sessions| sessions.by_id.values());
    let states = sessions.filter_map(|session| session.state.as_ref());
    states
        .map(|state| u64::try_from(state.len()).unwrap())
        .sum()
}
