//! Deleting all messages without receiving them.

use std::time::Duration;

use servicebus::{ErrorKind, Message, ReceiveMode, RetryOptions, SubQueue};
use servicebus_emulator::{Fault, Tier};

use crate::store::{Store, DELETE, LONG};

#[test]
fn nothing_is_left_and_the_number_is_told() {
    let store = Store::with(Tier::Standard, RetryOptions::new());
    store.fill(1_200);
    let counted = store.count(DELETE);
    let purged = store.receiver().purge_messages(None).expect("it works");
    assert_eq!(purged, 1_200, "{}", store.seen());
    store.assert_active("orders", 0);
    // Three of the tier's 500, and the one that finds none.
    assert_eq!(store.hits(counted), 4);
}

#[test]
fn an_empty_queue_is_purged_of_nothing() {
    let store = Store::new();
    let purged = store.receiver().purge_messages(None).expect("it works");
    assert_eq!(purged, 0);
}

#[test]
fn what_was_enqueued_later_stays() {
    let store = Store::new();
    store.emulator.freeze();
    store.fill(10);
    store.emulator.advance(Duration::from_secs(60));
    store.fill(5);
    let receiver = store.receiver();
    let youngest = receiver.peek_messages(1, 11).expect("it is shown");
    let before = youngest[0].enqueued_time();
    let purged = receiver.purge_messages(before).expect("it works");
    assert_eq!(purged, 10, "{}", store.seen());
    store.assert_active("orders", 5);
}

#[test]
fn dead_letters_are_purged_alone() {
    let store = Store::new();
    store.fill(5);
    let receiver = store.receiver();
    let messages = receiver.receive_messages(3, LONG).expect("they come");
    let moved = receiver.dead_letter_messages(&messages);
    assert!(moved.iter().all(Result::is_ok), "{moved:?}");
    let dead = store
        .client
        .queue_receiver("orders")
        .sub_queue(SubQueue::DeadLetter)
        .receive_mode(ReceiveMode::ReceiveAndDelete)
        .open()
        .expect("it opens");
    assert_eq!(dead.purge_messages(None).expect("it works"), 3);
    store.assert_active("orders", 2);
}

#[test]
fn a_receiver_of_a_session_purges_that_session() {
    let store = Store::new();
    let messages = ["s", "t", "s"].map(|id| Message::new(id).with_session_id(id));
    store.send("desk", &messages);
    let purged = store.session("s").purge_messages(None).expect("it works");
    assert_eq!(purged, 2, "{}", store.seen());
    store.assert_active("desk", 1);
}

#[test]
fn a_failure_in_the_middle_tells_how_far_it_came() {
    let store = Store::with(Tier::Standard, RetryOptions::new());
    store.fill(1_200);
    let refusal = Fault::refuse_request("amqp:unauthorized-access");
    store.inject(refusal.operation(DELETE).skip(2));
    let error = store
        .receiver()
        .purge_messages(None)
        .expect_err("the third request is refused");
    assert_eq!(error.kind(), ErrorKind::Authorization, "{error:?}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("1000 messages had been deleted"), "{text}");
    store.assert_active("orders", 200);
}

#[test]
fn time_that_runs_out_leaves_the_rest_to_another_call() {
    let store = Store::with(Tier::Standard, RetryOptions::new());
    store.fill(1_200);
    store.inject(Fault::delay_request(Duration::from_millis(150)).operation(DELETE));
    let error = store
        .receiver()
        .with_timeout(Duration::from_millis(200))
        .purge_messages(None)
        .expect_err("it takes longer than that");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    let purged = store.receiver().purge_messages(None).expect("it works");
    assert!((1..1_200).contains(&purged), "{purged}\n{}", store.seen());
    store.assert_active("orders", 0);
}

#[test]
fn without_time_nothing_is_asked_for() {
    let store = Store::new();
    store.fill(1);
    let counted = store.count(DELETE);
    let receiver = store.receiver();
    let error = receiver
        .with_timeout(Duration::ZERO)
        .purge_messages(None)
        .expect_err("there is no time");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    assert_eq!(store.hits(counted), 0);
}
