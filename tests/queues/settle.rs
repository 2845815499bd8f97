//! Completing and abandoning.

use servicebus::{AbandonOptions, AmqpValue};

use crate::orders::{next, Orders};

#[test]
fn a_completed_message_is_gone_when_the_call_returns() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let message = next(&receiver);
    orders.assert_counts(0, 1, 0);
    receiver
        .complete_message(&message)
        .expect("it is completed");
    orders.assert_counts(0, 0, 0);
}

#[test]
fn an_abandoned_message_comes_again_and_counts() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let message = next(&receiver);
    receiver.abandon_message(&message).expect("it is abandoned");
    orders.assert_counts(1, 0, 0);
    let again = next(&receiver);
    assert_eq!(
        (again.to_string().as_str(), again.delivery_count()),
        ("a", 1)
    );
    assert_eq!(again.sequence_number(), message.sequence_number());
    assert_ne!(again.lock_token(), message.lock_token());
}

#[test]
fn abandoning_changes_properties() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let options = AbandonOptions::new()
        .with_property("attempts", 3i32)
        .with_property("who", "me");
    receiver
        .abandon_message_with(&next(&receiver), options)
        .expect("it is abandoned");
    let again = next(&receiver);
    let properties = again.application_properties();
    assert_eq!(properties.get("attempts"), Some(&AmqpValue::Int(3)));
    assert_eq!(properties.get("who"), Some(&AmqpValue::from("me")));
}

#[test]
fn the_last_delivery_ends_in_the_dead_letter_queue() {
    let options = servicebus_emulator::QueueOptions::new().max_delivery_count(2);
    let orders = Orders::with_options(options);
    orders.send(&["a"]);
    let receiver = orders.receiver();
    for _ in 0..2 {
        receiver
            .abandon_message(&next(&receiver))
            .expect("it is abandoned");
    }
    orders.assert_counts(0, 0, 1);
}

#[test]
fn a_clone_settles_what_the_iterator_by_value_brings() {
    let orders = Orders::holding(&["a", "b"]);
    let receiver = orders.receiver();
    let settler = receiver.clone();
    for message in receiver {
        settler
            .complete_message(&message.expect("it comes"))
            .expect("it is completed");
    }
    orders.assert_counts(0, 0, 0);
}

#[test]
fn another_receiver_of_the_queue_settles_too() {
    let orders = Orders::holding(&["a", "b"]);
    let (receiver, other) = (orders.receiver(), orders.receiver());
    let (first, second) = (next(&receiver), next(&receiver));
    other.complete_message(&first).expect("it is completed");
    other.abandon_message(&second).expect("it is abandoned");
    orders.assert_counts(1, 0, 0);
}

#[test]
fn a_message_outlives_its_receiver_and_is_settled_by_the_next() {
    let orders = Orders::holding(&["a"]);
    let message = next(&orders.receiver());
    orders.assert_counts(0, 1, 0);
    orders
        .receiver()
        .complete_message(&message)
        .expect("it is completed");
    orders.assert_counts(0, 0, 0);
}
