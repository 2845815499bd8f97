//! Messages that are set aside and received by their numbers.

use super::*;
use ReceiveMode::{PeekLock, ReceiveAndDelete};

/// `orders` with the messages `a` to `c`, of which the second is deferred.
fn second_deferred(options: QueueOptions) -> Fixture {
    let mut f = Fixture::with(options);
    f.send(&["a", "b", "c"]);
    let consumer = f.attach(PeekLock, 2);
    let first = f.lock(consumer);
    let second = f.lock(consumer);
    f.settle(second, defer()).unwrap();
    f.settle(first, Settlement::Release).unwrap();
    f.broker.detach_consumer(consumer, f.now);
    f
}

fn states(f: &mut Fixture) -> Vec<(i64, MessageState)> {
    let messages = f.broker.peek(f.orders, 1, f.now).unwrap();
    messages.map(|seen| (seen.sequence, seen.state)).collect()
}

#[test]
fn a_deferred_message_is_passed_over_and_still_seen() {
    let mut f = second_deferred(QueueOptions::new());
    assert_eq!(
        states(&mut f),
        [
            (1, MessageState::Active),
            (2, MessageState::Deferred),
            (3, MessageState::Active),
        ]
    );
    let counts = f.broker.counts(f.orders).unwrap();
    assert_eq!((counts.active, counts.locked, counts.deferred), (2, 0, 1));
    let consumer = f.attach(ReceiveAndDelete, 10);
    assert_eq!(f.take_bodies(consumer), ["a", "c"]);
}

#[test]
fn a_deferred_message_is_received_by_its_number_under_a_lock_of_its_own() {
    let mut f = second_deferred(QueueOptions::new());
    let received = f.receive_deferred(&[2]).unwrap();
    let [delivery] = received.as_slice() else {
        panic!("received {received:?}");
    };
    assert_eq!(
        (body(delivery), delivery.delivery_count),
        ("b".to_owned(), 1)
    );
    assert_eq!(delivery.state, MessageState::Deferred);
    let lock = delivery.lock.expect("it is locked");
    assert_eq!(lock.until, Some(f.now.after(LOCK)));
    assert_eq!(f.settle(lock.token, Settlement::Complete), Ok(()));
    assert_eq!(f.content(f.orders).len(), 2);
}

#[test]
fn receiving_and_deleting_by_number_removes_the_message() {
    let mut f = second_deferred(QueueOptions::new());
    let received = f
        .broker
        .receive_deferred(f.orders, None, &[2], ReceiveAndDelete, u64::MAX, f.now)
        .unwrap();
    f.check();
    assert!(received.iter().all(|delivery| delivery.lock.is_none()));
    assert_eq!(received.len(), 1);
    assert_eq!(f.content(f.orders).len(), 2);
}

#[test]
fn a_deferred_message_stays_deferred_however_its_lock_ends() {
    let mut f = second_deferred(QueueOptions::new());
    type End = fn(&mut Fixture, LockToken);
    let ends: [(End, u32); 4] = [
        (|f, token| f.settle(token, Settlement::Release).unwrap(), 1),
        (|f, token| f.settle(token, abandon()).unwrap(), 2),
        (|f, token| f.settle(token, defer()).unwrap(), 3),
        (|f, _| f.advance(LOCK), 4),
    ];
    for (end, count) in ends {
        let received = f.receive_deferred(&[2]).unwrap();
        end(&mut f, received[0].lock.unwrap().token);
        assert_eq!(states(&mut f)[1], (2, MessageState::Deferred));
        assert_eq!(f.content(f.orders)[1], (2, "b".to_owned(), count));
    }
}

#[test]
fn only_deferred_messages_that_nobody_has_are_received_by_number() {
    let mut f = second_deferred(QueueOptions::new());
    let held = f.receive_deferred(&[2]).unwrap();
    for numbers in [&[2][..], &[1], &[99], &[0], &[-1], &[i64::MAX]] {
        let refused = f.receive_deferred(numbers);
        assert!(
            matches!(refused, Err(BrokerError::MessageNotDeferred)),
            "{numbers:?}: {refused:?}"
        );
    }
    f.settle(held[0].lock.unwrap().token, Settlement::Release)
        .unwrap();
    for numbers in [&[2, 1][..], &[2, 2]] {
        let refused = f.receive_deferred(numbers);
        assert!(
            matches!(refused, Err(BrokerError::MessageNotDeferred)),
            "{numbers:?}: {refused:?}"
        );
        let counts = f.broker.counts(f.orders).unwrap();
        assert_eq!(counts.locked, 0, "none of {numbers:?} is locked");
    }
}

#[test]
fn more_than_an_answer_holds_is_not_received() {
    let mut f = second_deferred(QueueOptions::new());
    let refused = f
        .broker
        .receive_deferred(f.orders, None, &[2], PeekLock, 5, f.now);
    assert!(
        matches!(
            refused,
            Err(BrokerError::AnswerSizeExceeded { limit: 5, .. })
        ),
        "{refused:?}"
    );
    assert_eq!(f.broker.counts(f.orders).unwrap().deferred, 1);
}

#[test]
fn the_last_delivery_cannot_be_deferred() {
    let mut f = Fixture::with(QueueOptions::new().max_delivery_count(1));
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.settle(token, defer()).unwrap();
    assert_eq!(f.content(f.orders), []);
    let consumer = f.attach_to(f.dead, PeekLock, 1);
    assert_eq!(f.take_bodies(consumer), ["a"], "it is no longer deferred");
}

#[test]
fn a_deferred_message_can_be_dead_lettered() {
    let mut f = second_deferred(QueueOptions::new());
    let received = f.receive_deferred(&[2]).unwrap();
    f.settle(received[0].lock.unwrap().token, dead_letter())
        .unwrap();
    let consumer = f.attach_to(f.dead, PeekLock, 1);
    assert_eq!(f.take_bodies(consumer), ["b"]);
}

#[test]
fn a_dead_letter_can_be_deferred_and_does_not_count() {
    let mut f = Fixture::with(QueueOptions::new().max_delivery_count(1));
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.settle(token, dead_letter()).unwrap();
    let consumer = f.attach_to(f.dead, PeekLock, 1);
    let token = f.lock(consumer);
    f.settle_in(f.dead, token, defer()).unwrap();
    let received = f
        .broker
        .receive_deferred(f.dead, None, &[1], PeekLock, u64::MAX, f.now)
        .unwrap();
    assert_eq!(received[0].delivery_count, 0);
}

#[test]
fn nothing_is_received_by_number_where_nothing_may_be_received() {
    let mut f = second_deferred(QueueOptions::new());
    let options = QueueOptions::new().status(EntityStatus::ReceiveDisabled);
    f.broker.update_queue("orders", options).unwrap();
    let refused = f.receive_deferred(&[2]);
    assert!(
        matches!(refused, Err(BrokerError::EntityDisabled { .. })),
        "{refused:?}"
    );
}
