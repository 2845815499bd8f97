//! Work that happens as a whole or not at all.

use super::*;
use ReceiveMode::PeekLock;

const TIMEOUT: Duration = Duration::from_secs(120);

impl Fixture {
    fn enlist_sends(&mut self, id: TransactionId, bodies: &[&str]) -> Result<(), BrokerError> {
        let queue = self.orders;
        self.enlist_sends_to(queue, id, bodies, Some(queue))
    }

    fn enlist_sends_to(
        &mut self,
        queue: QueueRef,
        id: TransactionId,
        bodies: &[&str],
        through: Option<QueueRef>,
    ) -> Result<(), BrokerError> {
        let messages = bodies.iter().map(|body| message(body)).collect();
        let outcome = self
            .broker
            .enlist_messages(id, queue, messages, through, self.now);
        self.check();
        outcome
    }

    fn enlist(
        &mut self,
        id: TransactionId,
        token: LockToken,
        settlement: Settlement,
    ) -> Result<(), BrokerError> {
        let outcome = self
            .broker
            .enlist_settlement(id, self.orders, token, settlement, self.now);
        self.check();
        outcome
    }

    fn commit(&mut self, id: TransactionId) -> Result<(), BrokerError> {
        let outcome = self.broker.commit(id, self.now);
        self.check();
        outcome
    }

    fn roll_back(&mut self, id: TransactionId) -> Result<(), BrokerError> {
        let outcome = self.broker.roll_back(id, self.now);
        self.check();
        outcome
    }

    fn other(&mut self) -> QueueRef {
        self.broker
            .create_queue("other", QueueOptions::new())
            .unwrap();
        self.broker.resolve("other").unwrap()
    }
}

#[test]
fn nothing_is_seen_before_the_commit_and_all_after_it() {
    let mut f = Fixture::new();
    f.send(&["done", "bad", "later", "again"]);
    let consumer = f.attach(PeekLock, 4);
    let tokens: Vec<LockToken> = (0..4).map(|_| f.lock(consumer)).collect();
    let id = f.broker.declare();
    let verdicts = [Settlement::Complete, dead_letter(), defer(), abandon()];
    for (token, verdict) in tokens.iter().zip(verdicts) {
        assert_eq!(f.enlist(id, *token, verdict), Ok(()));
    }
    assert_eq!(f.enlist_sends(id, &["new", "newer"]), Ok(()));

    let counts = f.broker.counts(f.orders).unwrap();
    assert_eq!((counts.active, counts.locked, counts.deferred), (0, 4, 0));
    assert_eq!(f.content(f.orders).len(), 4, "a peek sees no more either");
    assert_eq!(f.content(f.dead), []);

    assert_eq!(f.commit(id), Ok(()));
    let expected = [
        (3, "later", 1),
        (4, "again", 1),
        (5, "new", 0),
        (6, "newer", 0),
    ];
    assert_eq!(
        f.content(f.orders),
        expected.map(|(number, body, count)| (number, body.to_owned(), count))
    );
    assert_eq!(f.content(f.dead), [(1, "bad".to_owned(), 0)]);
    let counts = f.broker.counts(f.orders).unwrap();
    assert_eq!((counts.active, counts.locked, counts.deferred), (3, 0, 1));
    assert_eq!(f.commit(id), Err(BrokerError::TransactionUnknown));
}

#[test]
fn a_rollback_leaves_the_locks_and_forgets_the_messages() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    let id = f.broker.declare();
    f.enlist(id, token, Settlement::Complete).unwrap();
    f.enlist_sends(id, &["b"]).unwrap();
    assert_eq!(f.roll_back(id), Ok(()));
    assert_eq!(f.content(f.orders), [(1, "a".to_owned(), 0)]);
    assert_eq!(f.settle(token, Settlement::Complete), Ok(()));
    assert_eq!(f.content(f.orders), []);
    assert_eq!(f.roll_back(id), Err(BrokerError::TransactionUnknown));
}

#[test]
fn scheduled_messages_have_the_numbers_that_were_promised_for_them() {
    let mut f = Fixture::new();
    let (kept, given_up) = (f.broker.declare(), f.broker.declare());
    let at = f.now.after(LOCK);
    let draft = |body| vec![Draft::new(body).at(at).message()];
    let through = Some(f.orders);
    let enlist = |f: &mut Fixture, id, messages| {
        let numbers = f
            .broker
            .enlist_scheduled(id, f.orders, messages, through, f.now);
        f.check();
        numbers
    };
    let soon = vec![Draft::new("soon").at(f.now.after(SECOND)).message()];
    assert_eq!(enlist(&mut f, kept, draft("kept")), Ok(vec![1]));
    assert_eq!(enlist(&mut f, given_up, draft("given up")), Ok(vec![2]));
    assert_eq!(enlist(&mut f, kept, soon), Ok(vec![3]));
    assert_eq!(f.schedule("other", LOCK), 4);
    assert_eq!(f.content(f.orders), [(4, "other".to_owned(), 0)]);

    f.advance(SECOND);
    assert_eq!(f.roll_back(given_up), Ok(()));
    assert_eq!(f.commit(kept), Ok(()));
    // What became due before the commit has never been scheduled.
    let expected = [(1, "kept", 0), (4, "other", 0), (5, "soon", 0)];
    let expected = expected.map(|(number, body, count)| (number, body.to_owned(), count));
    assert_eq!(f.content(f.orders), expected);
    assert_eq!(f.cancel(&[1]), Ok(()));
}

#[test]
fn a_lock_that_runs_out_rolls_everything_back() {
    let mut f = Fixture::new();
    f.send(&["a", "b"]);
    let consumer = f.attach(PeekLock, 2);
    let (first, second) = (f.lock(consumer), f.lock(consumer));
    let id = f.broker.declare();
    f.enlist(id, first, Settlement::Complete).unwrap();
    f.enlist_sends(id, &["c"]).unwrap();
    f.enlist(id, second, Settlement::Complete).unwrap();
    f.advance(LOCK - SECOND);
    f.broker.renew_lock(f.orders, first, f.now).unwrap();
    f.advance(SECOND);
    assert_eq!(f.commit(id), Err(BrokerError::TransactionRolledBack));
    let left = [(1, "a".to_owned(), 0), (2, "b".to_owned(), 1)];
    assert_eq!(f.content(f.orders), left);
    assert_eq!(f.settle(first, Settlement::Complete), Ok(()));
}

#[test]
fn a_lock_that_ran_out_is_lost_whatever_was_to_settle_it() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    let id = f.broker.declare();
    f.enlist(id, token, Settlement::Complete).unwrap();
    f.advance(LOCK);
    let lost = Err(BrokerError::MessageLockLost);
    assert_eq!(f.settle(token, Settlement::Complete), lost);
    assert_eq!(f.enlist(id, token, Settlement::Complete), lost);
}

#[test]
fn a_message_has_one_verdict_at_a_time() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    let (id, rival) = (f.broker.declare(), f.broker.declare());
    f.enlist(id, token, abandon()).unwrap();
    let taken = Err(BrokerError::LockInTransaction);
    assert_eq!(f.settle(token, Settlement::Complete), taken);
    assert_eq!(f.enlist(id, token, Settlement::Complete), taken);
    assert_eq!(f.enlist(rival, token, Settlement::Complete), taken);
    f.roll_back(id).unwrap();
    assert_eq!(f.enlist(rival, token, Settlement::Complete), Ok(()));
    assert_eq!(f.commit(rival), Ok(()));
    assert_eq!(f.content(f.orders), []);
}

#[test]
fn a_transaction_is_over_two_minutes_after_its_first_operation() {
    for commits in [true, false] {
        let mut f = Fixture::new();
        let id = f.broker.declare();
        f.advance(2 * TIMEOUT);
        f.enlist_sends(id, &["a"]).unwrap();
        assert_eq!(f.broker.next_due(), Some(f.now.after(TIMEOUT)));
        f.advance(TIMEOUT);
        let over = Err(BrokerError::TransactionTimedOut);
        assert_eq!(f.enlist_sends(id, &["b"]), over);
        let discharged = if commits {
            f.commit(id)
        } else {
            f.roll_back(id)
        };
        assert_eq!(discharged, over);
        assert_eq!(f.commit(id), Err(BrokerError::TransactionUnknown));
        assert_eq!(f.content(f.orders), []);
    }
}

#[test]
fn a_timeout_lets_go_of_the_locks() {
    let lasting = QueueOptions::new().lock_duration(Duration::from_secs(300));
    let mut f = Fixture::with(lasting);
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    let id = f.broker.declare();
    f.enlist(id, token, Settlement::Complete).unwrap();
    f.advance(TIMEOUT - SECOND);
    let taken = Err(BrokerError::LockInTransaction);
    assert_eq!(f.settle(token, Settlement::Complete), taken);
    f.advance(SECOND);
    assert_eq!(f.settle(token, Settlement::Complete), Ok(()));
}

#[test]
fn a_hundred_messages_are_the_most() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    let id = f.broker.declare();
    f.enlist(id, token, Settlement::Complete).unwrap();
    f.enlist_sends(id, &["x"; 99]).unwrap();
    let refused = Err(BrokerError::TransactionTooLarge { limit: 100 });
    assert_eq!(f.enlist_sends(id, &["y"]), refused);
    assert_eq!(f.commit(id), Ok(()));
    assert_eq!(f.content(f.orders).len(), 99);
}

#[test]
fn a_transaction_is_about_one_entity_unless_messages_go_through_it() {
    let mut f = Fixture::new();
    let other = f.other();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    let id = f.broker.declare();
    f.enlist(id, token, Settlement::Complete).unwrap();
    let refused = f.enlist_sends_to(other, id, &["b"], Some(other));
    assert_eq!(refused, Err(BrokerError::TransactionSpansEntities));
    assert_eq!(f.enlist_sends_to(other, id, &["b"], None), Ok(()));
    assert_eq!(f.commit(id), Ok(()));
    assert_eq!(f.content(f.orders), []);
    assert_eq!(f.content(other), [(1, "b".to_owned(), 0)]);
}

#[test]
fn an_entity_that_goes_away_rolls_everything_back() {
    let mut f = Fixture::new();
    let other = f.other();
    let id = f.broker.declare();
    f.enlist_sends(id, &["a"]).unwrap();
    f.enlist_sends_to(other, id, &["b"], None).unwrap();
    f.broker.delete_entity("other").unwrap();
    assert_eq!(f.commit(id), Err(BrokerError::TransactionRolledBack));
    assert_eq!(f.content(f.orders), []);
}

#[test]
fn what_could_not_be_committed_is_refused_at_once() {
    let mut f = Fixture::new();
    let id = f.broker.declare();
    let lost = f.enlist(id, LockToken::generate(), Settlement::Complete);
    assert_eq!(lost, Err(BrokerError::MessageLockLost));
    let dead = f.enlist_sends_to(f.dead, id, &["a"], None);
    assert!(
        matches!(dead, Err(BrokerError::SendToSubQueue { .. })),
        "{dead:?}"
    );
    let huge = "x".repeat(262_145);
    let refused = f.enlist_sends(id, &["small", &huge]);
    let too_large = matches!(refused, Err(BrokerError::MessageSizeExceeded { .. }));
    assert!(too_large, "{refused:?}");
    assert_eq!(f.commit(id), Ok(()), "what was refused is no part of it");
    assert_eq!(f.content(f.orders), []);
}

#[test]
fn a_doomed_transaction_is_rolled_back() {
    let mut f = Fixture::new();
    let id = f.broker.declare();
    f.enlist_sends(id, &["a"]).unwrap();
    f.broker.doom(id);
    f.check();
    let rolled_back = Err(BrokerError::TransactionRolledBack);
    assert_eq!(f.enlist_sends(id, &["b"]), rolled_back);
    assert_eq!(f.commit(id), rolled_back);
    assert_eq!(f.content(f.orders), []);
}
