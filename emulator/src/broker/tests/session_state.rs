//! What a session remembers, and how it is seen from outside.

use super::sessions::{message_of, with_sessions};
use super::*;

impl Fixture {
    fn set_state(&mut self, holder: ConsumerId, state: Option<&'static str>) {
        let state = state.map(Into::into);
        self.broker
            .set_session_state(holder, state, self.now)
            .unwrap();
        self.check();
    }

    fn state(&mut self, holder: ConsumerId) -> Option<String> {
        let state = self.broker.session_state(holder, self.now).unwrap();
        state.map(|state| String::from_utf8(state.to_vec()).unwrap())
    }

    fn leave_session(&mut self, holder: ConsumerId) {
        self.broker.detach_consumer(holder, self.now);
        self.check();
    }

    fn listed(&mut self, changed_after: Option<Timestamp>) -> Vec<String> {
        let ids = self
            .broker
            .session_ids(self.orders, changed_after, self.now)
            .unwrap();
        ids.map(str::to_owned).collect()
    }
}

#[test]
fn a_state_outlives_lock_and_messages_until_it_is_cleared() {
    let mut f = with_sessions();
    let holder = f.accept("a", 0);
    assert_eq!(f.state(holder), None);
    f.set_state(holder, Some("one"));
    f.set_state(holder, Some("two"));
    f.leave_session(holder);
    let holder = f.accept("a", 0);
    assert_eq!(f.state(holder).as_deref(), Some("two"));
    f.set_state(holder, Some(""));
    assert_eq!(f.state(holder).as_deref(), Some(""), "empty is a state");
    f.set_state(holder, None);
    f.leave_session(holder);
    assert_eq!(f.listed(None), [""; 0]);
    let holder = f.accept("a", 0);
    assert_eq!(f.state(holder), None);
}

#[test]
fn a_state_is_for_whoever_holds_the_session() {
    let mut f = with_sessions();
    let holder = f.accept("a", 0);
    f.set_state(holder, Some("one"));
    f.advance(LOCK);
    let lost = Err(BrokerError::SessionLockLost);
    assert_eq!(f.broker.session_state(holder, f.now), lost);
    let refused = f.broker.set_session_state(holder, None, f.now);
    assert_eq!(refused, Err(BrokerError::SessionLockLost));
    let waiting = f.accept_next();
    assert_eq!(f.broker.session_state(waiting, f.now), lost);
    assert_eq!(f.broker.session_holder(f.orders, "a", f.now), None);
    let next = f.accept("a", 0);
    assert_eq!(f.broker.session_holder(f.orders, "a", f.now), Some(next));
    assert_eq!(f.state(next).as_deref(), Some("one"));
}

#[test]
fn a_state_may_be_as_large_as_a_message() {
    let mut f = with_sessions();
    let holder = f.accept("a", 0);
    let limit = f.broker.max_message_size(f.orders);
    let length = usize::try_from(limit).unwrap();
    let refused = f
        .broker
        .set_session_state(holder, Some(vec![0; length + 1].into()), f.now);
    let size = limit + 1;
    assert_eq!(
        refused,
        Err(BrokerError::SessionStateTooLarge { size, limit })
    );
    let accepted = f
        .broker
        .set_session_state(holder, Some(vec![0; length].into()), f.now);
    assert_eq!(accepted, Ok(()));
}

#[test]
fn listed_are_sessions_with_messages_to_deliver_or_a_state() {
    let mut f = with_sessions();
    for session in ["messages", "deferred", "locked"] {
        f.send_to(session, &["x"]);
    }
    let holder = f.accept("deferred", 1);
    let token = f.lock(holder);
    f.settle(token, defer()).unwrap();
    f.leave_session(holder);
    let holder = f.accept("state", 1);
    f.set_state(holder, Some("kept"));
    f.accept("nothing", 1);
    let holder = f.accept("locked", 1);
    f.lock(holder);
    assert_eq!(f.listed(None), ["locked", "messages", "state"]);
}

#[test]
fn sessions_are_listed_by_the_time_of_their_last_state() {
    let mut f = with_sessions();
    f.send_to("never", &["x"]);
    let first = f.accept("first", 0);
    f.set_state(first, Some("x"));
    let between = f.now;
    f.advance(SECOND);
    let second = f.accept("second", 0);
    f.set_state(second, Some("x"));
    assert_eq!(f.listed(Some(between)), ["second"]);
    let before = Timestamp::from_millis(between.millis() - 1);
    assert_eq!(f.listed(Some(before)), ["first", "second"]);
    assert_eq!(f.listed(Some(f.now)), [""; 0]);
}

#[test]
fn a_queue_without_sessions_lists_none() {
    let mut f = Fixture::new();
    let refused = f.broker.session_ids(f.orders, None, f.now).err();
    assert_eq!(refused, Some(BrokerError::SessionsNotSupported));
}

#[test]
fn browsing_a_session_shows_its_messages_from_a_number_on() {
    let mut f = with_sessions();
    f.send_to("a", &["a1"]);
    f.send_to("b", &["b1"]);
    f.send_to("a", &["a2", "a3"]);
    let holder = f.accept("a", 1);
    f.lock(holder);
    let mut seen = |session, from| -> Vec<String> {
        let seen = f.broker.peek_session(f.orders, session, from, f.now);
        seen.unwrap().map(|delivery| body(&delivery)).collect()
    };
    assert_eq!(seen("a", 1), ["a1", "a2", "a3"]);
    assert_eq!(seen("a", 2), ["a2", "a3"]);
    assert_eq!(seen("b", 3), [""; 0]);
    assert_eq!(seen("nobody", 1), [""; 0]);
}

#[test]
fn browsing_by_session_where_there_are_none_goes_by_what_was_sent() {
    let mut f = Fixture::new();
    let messages = vec![message("x"), message_of("a", "y"), message_of("b", "z")];
    f.broker.enqueue(f.orders, messages, f.now).unwrap();
    let seen = f.broker.peek_session(f.orders, "a", 1, f.now).unwrap();
    assert_eq!(seen.map(|x| body(&x)).collect::<Vec<_>>(), ["y"]);
}

#[test]
fn deferred_messages_are_received_by_whoever_holds_their_session() {
    let mut f = with_sessions();
    f.send_to("a", &["x"]);
    let holder = f.accept("a", 1);
    let token = f.lock(holder);
    f.settle(token, defer()).unwrap();
    let mode = ReceiveMode::PeekLock;
    let receive = |f: &mut Fixture, session: Option<&str>| {
        let outcome = f
            .broker
            .receive_deferred(f.orders, session, &[1], mode, u64::MAX, f.now);
        f.check();
        outcome.map(|deliveries| deliveries[0].lock.unwrap())
    };
    for session in [None, Some("b")] {
        let refused = receive(&mut f, session);
        assert_eq!(refused, Err(BrokerError::SessionLockLost), "{session:?}");
    }
    let lock = receive(&mut f, Some("a")).unwrap();
    assert_eq!(lock.until, None);
    f.leave_session(holder);
    assert_eq!(f.content(f.orders), [(1, "x".to_owned(), 1)]);
    assert_eq!(f.broker.counts(f.orders).unwrap().deferred, 1);
    f.accept("b", 0);
    let refused = receive(&mut f, Some("b"));
    assert_eq!(refused, Err(BrokerError::MessageNotDeferred));
}
