//! Moving messages to the dead-letter queue, and out of it.

use servicebus::{AmqpValue, DeadLetterOptions, ErrorKind, Receiver, SubQueue};

use crate::orders::{next, Orders};

fn dead_letters(orders: &Orders) -> Receiver {
    orders
        .client
        .queue_receiver("orders")
        .sub_queue(SubQueue::DeadLetter)
        .open()
        .expect("the dead-letter queue can be received from")
}

#[test]
fn reason_description_and_properties_arrive() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let why = DeadLetterOptions::new()
        .with_reason("NotWanted")
        .with_error_description("nobody ordered it")
        .with_property("by", "test");
    receiver
        .dead_letter_message_with(&next(&receiver), why)
        .expect("it is moved");
    orders.assert_counts(0, 0, 1);
    let receiver = dead_letters(&orders);
    let message = next(&receiver);
    assert_eq!(message.dead_letter_reason(), Some("NotWanted"));
    assert_eq!(
        message.dead_letter_error_description(),
        Some("nobody ordered it")
    );
    assert_eq!(
        message.application_properties().get("by"),
        Some(&AmqpValue::from("test"))
    );
    receiver
        .complete_message(&message)
        .expect("it is completed");
    orders.assert_counts(0, 0, 0);
}

#[test]
fn without_options_there_is_no_reason() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    receiver
        .dead_letter_message(&next(&receiver))
        .expect("it is moved");
    let message = next(&dead_letters(&orders));
    assert_eq!(message.to_string(), "a");
    assert_eq!(message.dead_letter_reason(), None);
}

#[test]
fn a_reason_beyond_the_limit_is_refused_and_the_message_stays_open() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.receiver();
    let message = next(&receiver);
    let why = DeadLetterOptions::new().with_reason("x".repeat(4_097));
    let error = receiver
        .dead_letter_message_with(&message, why)
        .expect_err("it is too long");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    let why = DeadLetterOptions::new().with_reason("x".repeat(4_096));
    receiver
        .dead_letter_message_with(&message, why)
        .expect("the limit itself is fine");
    orders.assert_counts(0, 0, 1);
}
