//! Settling many messages: what becomes of them, and in how many frames.

use servicebus::{
    AbandonOptions, AmqpValue, DeadLetterOptions, ErrorKind, Message, ReceivedMessage, SubQueue,
};

use crate::heap::{assert_all_ok, take, Heap, LONG};

#[test]
fn all_are_gone_when_the_call_returns() {
    let heap = Heap::new();
    heap.send(300);
    let receiver = heap.receiver();
    let messages = take(&receiver, 300);
    assert_all_ok(&receiver.complete_messages(&messages), 300);
    heap.assert_counts(0, 0, 0);
    assert!(receiver
        .complete_messages::<ReceivedMessage>(&[])
        .is_empty());
}

#[test]
fn neighbours_share_a_frame_in_whatever_order_they_are_named() {
    let heap = Heap::new();
    heap.send(10);
    let receiver = heap.receiver();
    let messages = take(&receiver, 10);
    heap.emulator.record_frames(true);
    let odd = messages.iter().skip(1).step_by(2);
    let mixed: Vec<_> = messages.iter().step_by(2).rev().chain(odd).collect();
    assert_all_ok(&receiver.complete_messages(&mixed), 10);
    assert_eq!(heap.count_frames("disposition"), 1, "{}", heap.seen());
}

#[test]
fn a_gap_ends_a_range() {
    let heap = Heap::new();
    heap.send(5);
    let receiver = heap.receiver();
    let messages = take(&receiver, 5);
    heap.emulator.record_frames(true);
    let [a, b, kept, d, e] = &messages[..] else {
        unreachable!("five were taken");
    };
    assert_all_ok(&receiver.complete_messages(&[a, b, d, e]), 4);
    assert_eq!(heap.count_frames("disposition"), 2, "{}", heap.seen());
    heap.assert_counts(0, 1, 0);
    receiver.complete_message(kept).expect("it is completed");
}

#[test]
fn ranges_can_be_switched_off() {
    let heap = Heap::new();
    heap.send(10);
    let receiver = heap
        .client
        .queue_receiver("heap")
        .settle_in_ranges(false)
        .open()
        .expect("the receiver opens");
    let messages = take(&receiver, 10);
    heap.emulator.record_frames(true);
    assert_all_ok(&receiver.complete_messages(&messages), 10);
    assert_eq!(heap.count_frames("disposition"), 10, "{}", heap.seen());
    heap.assert_counts(0, 0, 0);
}

#[test]
fn abandoned_messages_come_again_with_what_was_changed() {
    let heap = Heap::new();
    heap.send(3);
    let receiver = heap.receiver();
    let options = AbandonOptions::new().with_property("attempts", 3i32);
    let results = receiver.abandon_messages_with(&take(&receiver, 3), options);
    assert_all_ok(&results, 3);
    let again = take(&receiver, 3);
    for message in &again {
        let attempts = message.application_properties().get("attempts");
        assert_eq!(attempts, Some(&AmqpValue::Int(3)));
        assert_eq!(message.delivery_count(), 1);
    }
    assert_all_ok(&receiver.abandon_messages(&again), 3);
    heap.assert_counts(3, 0, 0);
}

#[test]
fn dead_lettered_messages_say_why() {
    let heap = Heap::new();
    heap.send(3);
    let receiver = heap.receiver();
    let options = DeadLetterOptions::new().with_reason("spoiled");
    let messages = take(&receiver, 3);
    let (one, rest) = messages.split_at(1);
    assert_all_ok(&receiver.dead_letter_messages(one), 1);
    assert_all_ok(&receiver.dead_letter_messages_with(rest, options), 2);
    let dead = heap
        .client
        .queue_receiver("heap")
        .sub_queue(SubQueue::DeadLetter)
        .open()
        .expect("the receiver opens");
    let reasons: Vec<_> = take(&dead, 3)
        .iter()
        .map(|message| message.dead_letter_reason().map(str::to_owned))
        .collect();
    let spoiled = Some("spoiled".to_owned());
    assert_eq!(reasons, [None, spoiled.clone(), spoiled]);
}

#[test]
fn messages_of_another_link_are_settled_in_one_request() {
    let heap = Heap::new();
    heap.send(20);
    let messages = take(&heap.receiver(), 20);
    let other = heap.receiver();
    heap.emulator.record_frames(true);
    assert_all_ok(&other.complete_messages(&messages), 20);
    assert_eq!(heap.count_frames("transfer"), 1, "{}", heap.seen());
    heap.assert_counts(0, 0, 0);
}

#[test]
fn each_message_has_the_result_that_it_would_have_alone() {
    let heap = Heap::new();
    heap.send(3);
    let other = heap.client.queue_sender("other").open().expect("it opens");
    other
        .send_messages(Message::new("x"))
        .expect("it is stored");
    let receiver = heap.receiver();
    let peeked = receiver.peek_messages(1, None).expect("peeking works");
    let messages = take(&receiver, 3);
    let [done, twice, good] = &messages[..] else {
        unreachable!("three were taken");
    };
    receiver.complete_message(done).expect("it is completed");
    let foreign = heap
        .client
        .queue_receiver("other")
        .open()
        .and_then(|receiver| receiver.next_message(LONG))
        .expect("receiving works")
        .expect("a message is there");
    let peeked = peeked.first().expect("one was peeked");
    let results = receiver.complete_messages(&[done, twice, peeked, twice, &foreign, good]);
    let kinds: Vec<_> = results
        .iter()
        .map(|result| result.as_ref().err().map(|error| error.kind()))
        .collect();
    assert_eq!(
        kinds,
        [
            Some(ErrorKind::MessageAlreadySettled),
            None,
            Some(ErrorKind::InvalidOperation),
            Some(ErrorKind::MessageAlreadySettled),
            Some(ErrorKind::InvalidOperation),
            None
        ]
    );
    heap.assert_counts(0, 0, 0);
}

#[test]
fn what_the_service_would_not_understand_never_leaves() {
    let heap = Heap::new();
    heap.send(2);
    let receiver = heap.receiver();
    let messages = take(&receiver, 2);
    let too_long = DeadLetterOptions::new().with_reason("x".repeat(4_097));
    for result in receiver.dead_letter_messages_with(&messages, too_long) {
        let error = result.expect_err("the reason is too long");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
    }
    assert_all_ok(&receiver.complete_messages(&messages), 2);
}
