//! Who gets which message.

use super::*;
use ReceiveMode::{PeekLock, ReceiveAndDelete};

#[test]
fn messages_go_out_in_the_order_of_their_numbers() {
    let mut f = Fixture::new();
    let consumer = f.attach(PeekLock, 10);
    f.send(&["a", "b"]);
    f.send(&["c"]);
    assert_eq!(f.take_bodies(consumer), ["a", "b", "c"]);
}

#[test]
fn nothing_goes_out_beyond_the_credit() {
    let mut f = Fixture::new();
    f.send(&["a", "b", "c"]);
    let consumer = f.attach(PeekLock, 2);
    assert_eq!(f.take_bodies(consumer), ["a", "b"]);
    f.credit(consumer, 1);
    assert_eq!(f.take_bodies(consumer), ["c"]);
}

#[test]
fn credit_beyond_what_waits_for_a_connection_is_used_up_in_both_modes() {
    for mode in [PeekLock, ReceiveAndDelete] {
        let mut f = Fixture::new();
        f.send(&["x"; 700]);
        let consumer = f.attach(mode, 600);
        assert_eq!(f.take_bodies(consumer).len(), 600, "{mode:?}");
    }
}

#[test]
fn credit_is_served_in_the_order_it_arrived() {
    let mut f = Fixture::new();
    let first = f.attach(ReceiveAndDelete, 2);
    let second = f.attach(ReceiveAndDelete, 2);
    f.send(&["a", "b", "c", "d", "e"]);
    assert_eq!(f.take_bodies(second), ["c", "d"]);
    assert_eq!(f.take_bodies(first), ["a", "b"]);
}

#[test]
fn credit_added_during_a_turn_queues_up_behind_others() {
    let mut f = Fixture::new();
    let greedy = f.attach(ReceiveAndDelete, 1);
    let modest = f.attach(ReceiveAndDelete, 1);
    f.credit(greedy, 5);
    f.send(&["a", "b", "c"]);
    assert_eq!(f.take_bodies(greedy), ["a", "c"]);
    assert_eq!(f.take_bodies(modest), ["b"]);
}

#[test]
fn restating_the_same_credit_changes_nothing() {
    let mut f = Fixture::new();
    f.send(&["a", "b", "c"]);
    let consumer = f.attach(PeekLock, 2);
    f.credit(consumer, 2);
    f.credit(consumer, 2);
    assert_eq!(f.take_bodies(consumer), ["a", "b"]);
}

#[test]
fn a_consumer_is_reported_once_until_it_has_been_emptied() {
    let mut f = Fixture::new();
    let consumer = f.attach(PeekLock, 10);
    assert_eq!(f.broker.take_ready(), []);
    f.send(&["a"]);
    f.send(&["b"]);
    assert_eq!(f.broker.take_ready(), [consumer]);
    f.take(consumer);
    f.send(&["c"]);
    assert_eq!(f.broker.take_ready(), []);
    assert_eq!(f.take_bodies(consumer), ["b", "c"]);
    f.send(&["d"]);
    assert_eq!(f.broker.take_ready(), [consumer]);
}

#[test]
fn credit_taken_back_frees_what_was_promised_for_it() {
    for mode in [PeekLock, ReceiveAndDelete] {
        let mut f = Fixture::new();
        f.send(&["a", "b", "c"]);
        let first = f.attach(mode, 3);
        let second = f.attach(mode, 3);
        f.credit(first, 1);
        assert_eq!(f.take_bodies(second), ["b", "c"], "{mode:?}");
        assert_eq!(f.take_bodies(first), ["a"], "{mode:?}");
    }
}

#[test]
fn a_drain_uses_up_what_is_there_and_gives_up_the_rest() {
    let mut f = Fixture::new();
    f.send(&["a", "b"]);
    let consumer = f.attach(PeekLock, 5);
    f.broker.drain(consumer, f.now);
    assert!(
        !f.broker.finish_drain(consumer, f.now),
        "messages are waiting"
    );
    assert_eq!(f.take_bodies(consumer), ["a", "b"]);
    assert!(f.broker.finish_drain(consumer, f.now));
    assert!(!f.broker.finish_drain(consumer, f.now), "said once");
    f.send(&["c"]);
    assert_eq!(f.take_bodies(consumer), [""; 0]);
}

#[test]
fn a_drain_of_nothing_is_finished_at_once() {
    let mut f = Fixture::new();
    let consumer = f.attach(PeekLock, 5);
    f.broker.drain(consumer, f.now);
    assert!(f.broker.finish_drain(consumer, f.now));
}

#[test]
fn a_drain_hands_over_more_than_waits_for_a_connection_at_once() {
    let mut f = Fixture::new();
    let bodies: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
    f.send(&bodies.iter().map(String::as_str).collect::<Vec<_>>());
    let consumer = f.attach(PeekLock, 2_000);
    f.broker.drain(consumer, f.now);
    assert_eq!(f.take_bodies(consumer), bodies);
    assert!(f.broker.finish_drain(consumer, f.now));
}

#[test]
fn a_slow_connection_does_not_lock_the_whole_queue() {
    let mut f = Fixture::new();
    f.send(&["x"; 1_000]);
    f.attach(PeekLock, 2_000);
    let locked = f.broker.counts(f.orders).unwrap().locked;
    assert!((1..500).contains(&locked), "{locked} are locked");
}

#[test]
fn a_consumer_that_leaves_gives_back_what_it_has_not_taken_without_a_count() {
    for mode in [PeekLock, ReceiveAndDelete] {
        let mut f = Fixture::new();
        f.send(&["a", "b", "c"]);
        let leaving = f.attach(mode, 3);
        assert_eq!(body(&f.take(leaving).unwrap()), "a");
        f.broker.detach_consumer(leaving, f.now);
        f.check();
        let staying = f.attach(ReceiveAndDelete, 3);
        assert_eq!(f.take(staying).unwrap().delivery_count, 0, "{mode:?}");
        assert_eq!(f.take_bodies(staying), ["c"], "{mode:?}");
    }
}
