//! Deferred messages are settled as others are, without a delivery on a link.

use servicebus::{AbandonOptions, DeadLetterOptions, DeferOptions, ErrorKind, SubQueue};

use crate::orders::{take, Orders, LOCK, LONG};

#[test]
fn it_is_completed_once() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    let receiver = orders.receiver();
    let message = take(&receiver, numbers[0]);
    receiver
        .complete_message(&message)
        .expect("it is completed");
    orders.assert_counts(0, 0, 0, 0);
    let error = receiver
        .complete_message(&message)
        .expect_err("it was completed");
    assert_eq!(error.kind(), ErrorKind::MessageAlreadySettled, "{error:?}");
}

#[test]
fn an_abandoned_one_is_deferred_still_and_its_delivery_counted() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    let receiver = orders.receiver();
    let message = take(&receiver, numbers[0]);
    let options = AbandonOptions::new().with_property("tried", true);
    receiver
        .abandon_message_with(&message, options)
        .expect("it is abandoned");
    orders.assert_counts(1, 0, 0, 0);
    let again = take(&receiver, numbers[0]);
    let counted = again.delivery_count() - message.delivery_count();
    assert_eq!(counted, 1, "{}", orders.seen());
    let tried = again.application_properties().get("tried");
    assert_eq!(tried, Some(&true.into()));
}

#[test]
fn it_can_be_deferred_again() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    let receiver = orders.receiver();
    for round in 1..=3 {
        let message = take(&receiver, numbers[0]);
        let options = DeferOptions::new().with_property("round", round);
        receiver
            .defer_message_with(&message, options)
            .expect("it is set aside");
        orders.assert_counts(1, 0, 0, 0);
    }
    let message = take(&receiver, numbers[0]);
    let round = message.application_properties().get("round");
    assert_eq!(round, Some(&3.into()), "{}", orders.seen());
}

#[test]
fn a_dead_lettered_one_says_why() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    let receiver = orders.receiver();
    let why = DeadLetterOptions::new()
        .with_reason("late")
        .with_error_description("step 1 never came");
    receiver
        .dead_letter_message_with(&take(&receiver, numbers[0]), why)
        .expect("it is moved");
    orders.assert_counts(0, 0, 0, 1);
    let dead = orders
        .client
        .queue_receiver("orders")
        .sub_queue(SubQueue::DeadLetter)
        .open()
        .expect("it opens");
    let message = dead.receive_messages(1, LONG).expect("it comes");
    assert_eq!(message[0].dead_letter_reason(), Some("late"));
    let description = message[0].dead_letter_error_description();
    assert_eq!(description, Some("step 1 never came"));
}

#[test]
fn a_renewed_lock_outlasts_its_first_term() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    let receiver = orders.receiver();
    let message = take(&receiver, numbers[0]);
    let first = message.locked_until().expect("a lock");
    orders.emulator.advance(LOCK / 2);
    let until = receiver
        .renew_message_lock(&message)
        .expect("the lock stands");
    assert!(until > first, "{until} after {first}");
    orders.emulator.advance(LOCK * 3 / 4);
    receiver
        .complete_message(&message)
        .expect("the lock stands");
    orders.assert_counts(0, 0, 0, 0);
}

#[test]
fn another_receiver_may_settle_it_and_many_at_once() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a", "b", "c"]);
    let messages = orders
        .receiver()
        .receive_deferred_messages(&numbers)
        .expect("they are deferred");
    let results = orders.receiver().complete_messages(&messages);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    orders.assert_counts(0, 0, 0, 0);
}

#[test]
fn a_property_that_the_service_would_not_take_is_refused_at_once() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    let receiver = orders.receiver();
    let message = take(&receiver, numbers[0]);
    let options = DeferOptions::new().with_property("l", servicebus::AmqpValue::List(vec![]));
    let error = receiver
        .defer_message_with(&message, options)
        .expect_err("it is a list");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    receiver.defer_message(&message).expect("it is open still");
}
