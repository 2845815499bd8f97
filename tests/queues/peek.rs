//! Looking without locking.

use servicebus::{ErrorKind, SubQueue};

use crate::orders::{bodies, next, Orders, LONG};

#[test]
fn peeking_goes_on_where_it_ended_and_locks_nothing() {
    let orders = Orders::holding(&["a", "b", "c"]);
    let receiver = orders.receiver();
    let first = receiver.peek_messages(2, None).expect("they are shown");
    assert_eq!(bodies(&first), ["a", "b"]);
    assert!(first.iter().all(|message| message.lock_token().is_none()));
    let rest = receiver.peek_messages(2, None).expect("they are shown");
    assert_eq!(bodies(&rest), ["c"]);
    let end = receiver
        .peek_messages(2, None)
        .expect("nothing is no error");
    assert!(end.is_empty());
    let again = receiver.peek_messages(5, 2).expect("they are shown");
    assert_eq!(bodies(&again), ["b", "c"]);
    orders.assert_counts(3, 0, 0);
}

#[test]
fn locked_messages_are_shown() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let locked = next(&receiver);
    let peeked = receiver.peek_messages(1, None).expect("it is shown");
    assert_eq!(bodies(&peeked), ["a"]);
    receiver
        .complete_message(&locked)
        .expect("the lock is untouched");
}

#[test]
fn the_dead_letter_queue_can_be_peeked() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    receiver
        .dead_letter_message(&next(&receiver))
        .expect("it is moved");
    let dead = orders
        .client
        .queue_receiver("orders")
        .sub_queue(SubQueue::DeadLetter)
        .open()
        .expect("it opens");
    assert_eq!(
        bodies(&dead.peek_messages(5, None).expect("it is shown")),
        ["a"]
    );
    assert_eq!(
        bodies(&dead.receive_messages(5, LONG).expect("it comes")),
        ["a"]
    );
}

#[test]
fn a_count_of_zero_is_refused() {
    let error = Orders::new()
        .receiver()
        .peek_messages(0, None)
        .expect_err("nothing is asked for");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}
