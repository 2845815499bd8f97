//! Setting messages aside, and receiving them by their numbers.

use servicebus::{DeferOptions, ErrorKind, Message, MessageState, ReceiveMode, SubQueue};
use servicebus_emulator::Fault;

use crate::orders::{bodies, numbers, take, Orders, LOCK, LONG, RECEIVE, SHORT};

#[test]
fn a_deferred_message_comes_by_its_number_alone() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    orders.assert_counts(1, 0, 0, 0);
    let receiver = orders.receiver();
    let others = receiver.receive_messages(1, SHORT).expect("it works");
    assert!(others.is_empty(), "{}", orders.seen());
    let message = take(&receiver, numbers[0]);
    assert_eq!(message.to_string(), "a");
    assert_eq!(message.sequence_number(), Some(numbers[0]));
    assert_eq!(message.state(), MessageState::Deferred);
    assert!(message.lock_token().is_some() && message.locked_until().is_some());
    orders.assert_counts(0, 1, 0, 0);
}

#[test]
fn many_come_in_the_order_asked_for_by_one_request() {
    let orders = Orders::new();
    let mut numbers = orders.defer(&["a", "b", "c"]);
    numbers.reverse();
    let counted = orders.inject(Fault::delay_request(std::time::Duration::ZERO).operation(RECEIVE));
    let receiver = orders.receiver();
    let messages = receiver
        .receive_deferred_messages(&numbers)
        .expect("they are deferred");
    assert_eq!(bodies(&messages), ["c", "b", "a"], "{}", orders.seen());
    assert_eq!(orders.emulator.hits(counted), Some(1));
    let none = receiver.receive_deferred_messages(&[]);
    assert!(none.expect("nothing is no error").is_empty());
    assert_eq!(orders.emulator.hits(counted), Some(1));
}

#[test]
fn many_are_deferred_in_one_call() {
    let orders = Orders::new();
    orders.send("orders", vec![Message::new("a"), Message::new("b")]);
    let receiver = orders.receiver();
    let messages = receiver.receive_messages(2, LONG).expect("they come");
    let again = [&messages[0], &messages[1], &messages[0]];
    let results = receiver.defer_messages_with(&again, DeferOptions::new().with_property("p", 1));
    assert!(results[0].is_ok() && results[1].is_ok(), "{results:?}");
    let twice = results[2].as_ref().expect_err("it is there twice");
    assert_eq!(twice.kind(), ErrorKind::MessageAlreadySettled, "{twice:?}");
    let deferred = receiver
        .receive_deferred_messages(&numbers(&messages))
        .expect("they are deferred");
    for message in &deferred {
        let property = message.application_properties().get("p");
        assert_eq!(property, Some(&1.into()), "{}", orders.seen());
    }
    assert!(receiver.defer_messages(&deferred).iter().all(Result::is_ok));
    orders.assert_counts(2, 0, 0, 0);
}

#[test]
fn in_receive_and_delete_they_are_gone() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a", "b"]);
    let receiver = orders.receiver_in(ReceiveMode::ReceiveAndDelete);
    let messages = receiver
        .receive_deferred_messages(&numbers)
        .expect("they are deferred");
    assert_eq!(bodies(&messages), ["a", "b"]);
    orders.assert_counts(0, 0, 0, 0);
    let error = receiver
        .complete_message(&messages[0])
        .expect_err("it has no lock");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
}

#[test]
fn all_come_or_none() {
    let orders = Orders::new();
    let mut numbers = orders.defer(&["a"]);
    numbers.push(numbers[0] + 1_000);
    for mode in [ReceiveMode::PeekLock, ReceiveMode::ReceiveAndDelete] {
        let error = orders
            .receiver_in(mode)
            .receive_deferred_messages(&numbers)
            .expect_err("one is not there");
        assert_eq!(error.kind(), ErrorKind::MessageNotFound, "{error:?}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
    }
    orders.assert_counts(1, 0, 0, 0);
}

#[test]
fn what_is_active_locked_or_gone_is_not_found() {
    let orders = Orders::new();
    let numbers = orders.defer(&["locked", "gone"]);
    orders.send("orders", vec![Message::new("active")]);
    let receiver = orders.receiver();
    let _locked = take(&receiver, numbers[0]);
    let gone = take(&receiver, numbers[1]);
    receiver.complete_message(&gone).expect("it is completed");
    let peeked = receiver.peek_messages(5, None).expect("they are shown");
    let active = peeked.iter().find(|peeked| peeked.to_string() == "active");
    let active = active.and_then(|message| message.sequence_number());
    for number in [numbers[0], numbers[1], active.expect("it is shown")] {
        let error = receiver
            .receive_deferred_messages(&[number])
            .expect_err("it is not to be had");
        assert_eq!(error.kind(), ErrorKind::MessageNotFound, "{error:?}");
    }
}

#[test]
fn it_stays_deferred_when_its_lock_runs_out() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    let receiver = orders.receiver();
    let message = take(&receiver, numbers[0]);
    orders.emulator.advance(LOCK * 2);
    orders.assert_counts(1, 0, 0, 0);
    let error = receiver
        .complete_message(&message)
        .expect_err("the lock ran out");
    assert_eq!(error.kind(), ErrorKind::MessageLockLost, "{error:?}");
    let again = take(&receiver, numbers[0]);
    let counted = again.delivery_count() - message.delivery_count();
    assert_eq!(counted, 1, "{}", orders.seen());
    receiver.complete_message(&again).expect("it is completed");
    orders.assert_counts(0, 0, 0, 0);
}

#[test]
fn dead_letters_are_deferred_as_well() {
    let orders = Orders::new();
    orders.send("orders", vec![Message::new("a")]);
    let receiver = orders.receiver();
    let message = receiver.receive_messages(1, LONG).expect("it comes");
    receiver
        .dead_letter_message(&message[0])
        .expect("it is moved");
    let dead = orders
        .client
        .queue_receiver("orders")
        .sub_queue(SubQueue::DeadLetter)
        .open()
        .expect("it opens");
    let message = dead.receive_messages(1, LONG).expect("it comes");
    dead.defer_message(&message[0]).expect("it is set aside");
    let number = numbers(&message)[0];
    receiver
        .receive_deferred_messages(&[number])
        .expect_err("it is not in the queue itself");
    let deferred = take(&dead, number);
    receiver
        .complete_message(&deferred)
        .expect_err("it is of another entity");
    dead.complete_message(&deferred).expect("it is completed");
    orders.assert_counts(0, 0, 0, 0);
}
