//! Who holds a session, and what its holder gets.

use super::*;
use ReceiveMode::{PeekLock, ReceiveAndDelete};

const TOO_LONG: BrokerError = BrokerError::ValueTooLong {
    name: "session id",
    limit: 128,
};

pub(super) fn with_sessions() -> Fixture {
    Fixture::with(QueueOptions::new().requires_session(true))
}

pub(super) fn message_of(session: &str, body: &str) -> Message {
    Draft::new(body).of_session(session).message()
}

impl Fixture {
    pub(super) fn send_to(&mut self, session: &str, bodies: &[&str]) {
        let messages = bodies.iter().map(|body| message_of(session, body));
        let messages = messages.collect();
        self.broker
            .enqueue(self.orders, messages, self.now)
            .unwrap();
        self.check();
    }

    pub(super) fn try_accept(&mut self, session: Option<&str>) -> Result<ConsumerId, BrokerError> {
        let outcome = self
            .broker
            .accept_session(self.orders, PeekLock, session, self.now);
        self.check();
        outcome
    }

    pub(super) fn accept(&mut self, session: &str, credit: u32) -> ConsumerId {
        let consumer = self.try_accept(Some(session)).unwrap();
        self.credit(consumer, credit);
        consumer
    }

    pub(super) fn accept_next(&mut self) -> ConsumerId {
        self.try_accept(None).unwrap()
    }

    fn leave(&mut self, consumer: ConsumerId) {
        self.broker.detach_consumer(consumer, self.now);
        self.check();
    }

    fn standing(&mut self, consumer: ConsumerId) -> Option<SessionStanding> {
        self.broker.session_standing(consumer, self.now)
    }

    fn held(&mut self, consumer: ConsumerId) -> Option<String> {
        match self.standing(consumer) {
            Some(SessionStanding::Holding { session, .. }) => Some(session.to_string()),
            _ => None,
        }
    }
}

#[test]
fn a_holder_gets_the_messages_of_its_session_in_order() {
    let mut f = with_sessions();
    f.send_to("a", &["a1"]);
    f.send_to("b", &["b1"]);
    f.send_to("a", &["a2"]);
    let holder = f.accept("a", 10);
    f.send_to("a", &["a3"]);
    assert_eq!(f.take_bodies(holder), ["a1", "a2", "a3"]);
}

#[test]
fn a_message_without_a_session_is_refused_with_its_whole_batch() {
    let mut f = with_sessions();
    let messages = vec![message_of("a", "x"), message("y")];
    let refused = f.broker.enqueue(f.orders, messages, f.now);
    assert_eq!(refused, Err(BrokerError::SessionIdMissing));
    let long = vec![message_of(&"x".repeat(129), "")];
    let refused = f.broker.enqueue(f.orders, long, f.now);
    assert_eq!(refused, Err(TOO_LONG));
    assert_eq!(f.content(f.orders), []);
    f.send_to("", &["the empty id is one as well"]);
    let holder = f.accept("", 1);
    assert_eq!(f.take_bodies(holder).len(), 1);
}

#[test]
fn receivers_and_entities_that_do_not_fit_are_kept_apart() {
    let mut f = with_sessions();
    let refused = f.broker.attach_consumer(f.orders, PeekLock);
    assert_eq!(refused, Err(BrokerError::SessionRequired));
    let refused = f.broker.accept_session(f.dead, PeekLock, None, f.now);
    assert_eq!(refused, Err(BrokerError::SessionsNotSupported));
    let refused = f.try_accept(Some(&"x".repeat(129)));
    assert_eq!(refused, Err(TOO_LONG));
    let mut f = Fixture::new();
    let refused = f.try_accept(Some("a"));
    assert_eq!(refused, Err(BrokerError::SessionsNotSupported));
    f.check();
}

#[test]
fn a_session_has_one_holder() {
    let mut f = with_sessions();
    let holder = f.accept("a", 0);
    let refused = f.try_accept(Some("a"));
    let session = "a".to_owned();
    assert_eq!(refused, Err(BrokerError::SessionCannotBeLocked { session }));
    f.leave(holder);
    assert!(f.try_accept(Some("a")).is_ok());
}

#[test]
fn a_named_session_is_granted_before_it_has_messages_and_lasts_as_long_as_a_lock() {
    let mut f = with_sessions();
    let holder = f.accept("later", 1);
    let until = f.now.after(LOCK);
    let session = "later".into();
    assert_eq!(
        f.standing(holder),
        Some(SessionStanding::Holding { session, until })
    );
    assert_eq!(f.broker.next_due(), Some(until));
    f.send_to("later", &["x"]);
    assert_eq!(f.take_bodies(holder), ["x"]);
}

#[test]
fn the_next_session_is_the_one_that_has_been_free_longest() {
    let mut f = with_sessions();
    for session in ["a", "b", "c"] {
        f.send_to(session, &["x", "y"]);
    }
    let mut order = Vec::new();
    for _ in 0..6 {
        let holder = f.accept_next();
        order.extend(f.held(holder));
        f.leave(holder);
    }
    assert_eq!(order, ["a", "b", "c", "a", "b", "c"]);
}

/// With a look at all sessions for each that is given away, this would take minutes.
#[test]
fn many_sessions_are_served_in_turn() {
    let mut f = with_sessions();
    let names: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
    let messages = names.iter().map(|name| message_of(name, "x")).collect();
    f.broker.enqueue(f.orders, messages, f.now).unwrap();
    for name in names.iter().chain(&names) {
        let accepted = f.broker.accept_session(f.orders, PeekLock, None, f.now);
        let holder = accepted.unwrap();
        assert_eq!(f.held(holder).as_ref(), Some(name));
        f.broker.set_credit(holder, 1, f.now);
        assert!(f.broker.take_delivery(holder, f.now).is_some());
        f.broker.detach_consumer(holder, f.now);
    }
    f.check();
}

#[test]
fn those_who_wait_get_sessions_in_the_order_in_which_they_came() {
    let mut f = with_sessions();
    let first = f.accept_next();
    let second = f.accept_next();
    let third = f.accept_next();
    assert_eq!(f.standing(first), Some(SessionStanding::Waiting));
    f.leave(second);
    assert_eq!(f.broker.take_ready(), []);
    f.send_to("a", &["x"]);
    f.send_to("b", &["x"]);
    assert_eq!(f.broker.take_ready(), [first, third]);
    assert_eq!(f.held(first).as_deref(), Some("a"));
    assert_eq!(f.held(third).as_deref(), Some("b"));
}

#[test]
fn nobody_waits_for_a_session_that_has_nothing_to_deliver() {
    let mut f = with_sessions();
    f.send_to("a", &["x"]);
    let holder = f.accept("a", 1);
    let token = f.lock(holder);
    f.settle(token, defer()).unwrap();
    f.broker
        .set_session_state(holder, Some("state".into()), f.now)
        .unwrap();
    f.leave(holder);
    let waiting = f.accept_next();
    assert_eq!(f.standing(waiting), Some(SessionStanding::Waiting));
}

#[test]
fn credit_that_came_while_waiting_counts_from_the_grant_on() {
    let mut f = with_sessions();
    let waiting = f.accept_next();
    f.credit(waiting, 2);
    f.send_to("a", &["x", "y", "z"]);
    assert_eq!(f.take_bodies(waiting), ["x", "y"]);
}

#[test]
fn a_holder_that_leaves_frees_its_session_at_once_and_no_delivery_counts() {
    for mode in [PeekLock, ReceiveAndDelete] {
        let mut f = with_sessions();
        f.send_to("a", &["x", "y", "z"]);
        let holder = f
            .broker
            .accept_session(f.orders, mode, Some("a"), f.now)
            .unwrap();
        f.credit(holder, 2);
        let taken = f.take(holder).unwrap();
        f.leave(holder);
        if let Some(lock) = taken.lock {
            let late = f.settle(lock.token, Settlement::Complete);
            assert_eq!(late, Err(BrokerError::SessionLockLost));
        }
        let next = f.accept_next();
        f.credit(next, 3);
        let again: Vec<_> = std::iter::from_fn(|| f.take(next)).collect();
        assert!(again.iter().all(|delivery| delivery.delivery_count == 0));
        let expected = if mode == PeekLock { 3 } else { 2 };
        assert_eq!(again.len(), expected, "{mode:?}");
        assert_eq!(f.broker.next_due(), Some(f.now.after(LOCK)));
    }
}

#[test]
fn a_session_lock_that_runs_out_takes_the_locks_on_its_messages_along_and_counts() {
    let mut f = with_sessions();
    f.send_to("a", &["taken", "waiting"]);
    let holder = f.accept("a", 2);
    let delivery = f.take(holder).unwrap();
    let lock = delivery.lock.unwrap();
    assert_eq!(lock.until, None, "the session's lock decides");
    f.broker.take_ready();
    f.advance(LOCK - SECOND);
    assert_eq!(f.broker.take_ready(), []);
    f.advance(SECOND);
    assert_eq!(f.broker.take_ready(), [holder]);
    assert_eq!(f.standing(holder), Some(SessionStanding::Lost));
    let expected = [(1, "taken".to_owned(), 1), (2, "waiting".to_owned(), 0)];
    assert_eq!(f.content(f.orders), expected);
    let late = f.settle(lock.token, Settlement::Complete);
    assert_eq!(late, Err(BrokerError::SessionLockLost));
    let late = f.broker.renew_session_lock(holder, f.now);
    assert_eq!(late, Err(BrokerError::SessionLockLost));
    f.credit(holder, 5);
    assert!(f.take(holder).is_none(), "it may get nothing any more");
    f.leave(holder);
    assert_eq!(f.broker.next_due(), None);
}

#[test]
fn a_session_whose_lock_has_run_out_goes_to_whoever_waits() {
    let mut f = with_sessions();
    f.send_to("a", &["x"]);
    f.accept("a", 1);
    let waiting = f.accept_next();
    f.credit(waiting, 1);
    f.advance(86_400 * SECOND);
    let until = f.now.after(LOCK);
    let session = "a".into();
    assert_eq!(
        f.standing(waiting),
        Some(SessionStanding::Holding { session, until })
    );
    assert_eq!(f.take_bodies(waiting), ["x"]);
}

#[test]
fn a_renewed_session_lock_keeps_its_messages_locked() {
    let mut f = with_sessions();
    f.send_to("a", &["x"]);
    let holder = f.accept("a", 1);
    let token = f.lock(holder);
    let alone = f.broker.renew_lock(f.orders, token, f.now);
    assert_eq!(alone, Err(BrokerError::LockOfSession));
    for _ in 0..5 {
        f.advance(LOCK - SECOND);
        let renewed = f.broker.renew_session_lock(holder, f.now);
        assert_eq!(renewed, Ok(f.now.after(LOCK)));
        f.check();
    }
    assert_eq!(f.settle(token, Settlement::Complete), Ok(()));
}

#[test]
fn a_message_that_comes_back_goes_out_before_those_that_follow_it() {
    let mut f = with_sessions();
    f.send_to("a", &["1", "2", "3", "4"]);
    let holder = f.accept("a", 3);
    let first = f.lock(holder);
    f.settle(first, abandon()).unwrap();
    let again = f.take(holder).unwrap();
    assert_eq!((again.sequence, again.delivery_count), (1, 1));
    assert_eq!(f.take_bodies(holder), ["2"]);
    f.credit(holder, 2);
    assert_eq!(f.take_bodies(holder), ["3", "4"]);
}

#[test]
fn what_is_buried_has_no_session_any_more() {
    let options = QueueOptions::new()
        .requires_session(true)
        .max_delivery_count(1);
    let mut f = Fixture::with(options);
    f.send_to("a", &["x", "y"]);
    let holder = f.accept("a", 2);
    let token = f.lock(holder);
    f.settle(token, dead_letter()).unwrap();
    f.lock(holder);
    f.advance(LOCK);
    let reader = f.attach_to(f.dead, ReceiveAndDelete, 2);
    let buried: Vec<_> = std::iter::from_fn(|| f.take(reader)).collect();
    assert_eq!(buried.iter().map(body).collect::<Vec<_>>(), ["x", "y"]);
    assert!(buried.iter().all(|x| x.message.session_id() == Some("a")));
}

#[test]
fn a_scheduled_message_makes_its_session_available_when_it_is_due() {
    let mut f = with_sessions();
    let at = f.now.after(SECOND);
    f.enqueue(Draft::new("x").of_session("a").at(at));
    let waiting = f.accept_next();
    f.credit(waiting, 1);
    assert_eq!(f.standing(waiting), Some(SessionStanding::Waiting));
    f.advance(SECOND);
    assert_eq!(f.held(waiting).as_deref(), Some("a"));
    assert_eq!(f.take_bodies(waiting), ["x"]);
}

#[test]
fn a_message_that_is_overdue_expires_when_the_lock_on_its_session_ends() {
    let ends: [fn(&mut Fixture, ConsumerId); 2] = [|f, _| f.advance(LOCK), Fixture::leave];
    for end in ends {
        let mut f = with_sessions();
        f.enqueue(Draft::new("mortal").of_session("a").living(SECOND));
        let holder = f.accept("a", 1);
        f.lock(holder);
        f.advance(2 * SECOND);
        assert_eq!(f.content(f.orders).len(), 1, "it is locked");
        end(&mut f, holder);
        assert_eq!(f.content(f.orders), []);
        let waiting = f.accept_next();
        assert_eq!(f.standing(waiting), Some(SessionStanding::Waiting));
    }
}

#[test]
fn deleting_a_queue_ends_its_session_locks() {
    let mut f = with_sessions();
    f.accept("a", 1);
    let waiting = f.accept_next();
    f.broker.delete_entity("orders").unwrap();
    f.check();
    assert_eq!(f.broker.next_due(), None);
    assert_eq!(f.standing(waiting), None);
}
