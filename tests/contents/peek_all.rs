//! Looking at all that an entity holds.

use chrono::{TimeDelta, Utc};
use servicebus::{Message, MessageState, PeekedMessages, ReceivedMessage, SubQueue};

use crate::store::{Store, LONG, PEEK};

#[track_caller]
fn bodies(peeked: PeekedMessages) -> Vec<String> {
    peeked
        .map(|message| message.expect("it is shown").to_string())
        .collect()
}

#[test]
fn all_are_shown_once_and_in_order_whatever_their_state() {
    let store = Store::new();
    store.emulator.freeze();
    store.send("orders", &["a", "b", "c"].map(Message::new));
    let receiver = store.receiver();
    let received = receiver.receive_messages(2, LONG).expect("they come");
    receiver
        .defer_message(&received[0])
        .expect("it is set aside");
    let sender = store.client.queue_sender("orders").open();
    sender
        .expect("it opens")
        .schedule_messages(Message::new("d"), Utc::now() + TimeDelta::hours(1))
        .expect("it is scheduled");
    let peeked: Vec<ReceivedMessage> = receiver
        .peek_all_messages(None)
        .collect::<Result<_, _>>()
        .expect("they are shown");
    let seen: Vec<_> = peeked
        .iter()
        .map(|message| (message.to_string(), message.state()))
        .collect();
    let expected = [
        ("a", MessageState::Deferred),
        ("b", MessageState::Active),
        ("c", MessageState::Active),
        ("d", MessageState::Scheduled),
    ];
    assert_eq!(
        seen,
        expected.map(|(body, state)| (body.to_owned(), state)),
        "{}",
        store.seen()
    );
    assert!(peeked.iter().all(|message| message.lock_token().is_none()));
    receiver
        .complete_message(&received[1])
        .expect("its lock is untouched");
}

#[test]
fn pages_are_asked_for_as_they_are_needed() {
    let store = Store::new();
    store.fill(250);
    let counted = store.count(PEEK);
    let receiver = store.receiver();
    let mut peeked = receiver.peek_all_messages(None);
    assert_eq!(store.hits(counted), 0);
    let first: Vec<_> = peeked.by_ref().take(100).collect();
    assert!(first.iter().all(Result::is_ok));
    assert_eq!(store.hits(counted), 1);
    let rest = bodies(peeked);
    let expected: Vec<String> = (100..250).map(|number| number.to_string()).collect();
    assert_eq!(rest, expected, "{}", store.seen());
    // Three with messages, and the one that has none.
    assert_eq!(store.hits(counted), 4);
}

#[test]
fn answers_that_hold_fewer_than_asked_for_are_not_the_end() {
    let store = Store::new();
    let large: Vec<Message> = (0..5_u8)
        .map(|number| Message::new(vec![number; 700_000]))
        .collect();
    let sender = store.client.queue_sender("orders").open();
    let sender = sender.expect("it opens");
    for message in &large {
        sender.send_messages(message).expect("it is stored");
    }
    let counted = store.count(PEEK);
    let shown: Vec<u8> = store
        .receiver()
        .peek_all_messages(None)
        .map(|message| message.expect("it is shown").body()[0])
        .collect();
    assert_eq!(shown, [0, 1, 2, 3, 4]);
    assert!(store.hits(counted) > 2, "{}", store.seen());
}

#[test]
fn it_begins_where_it_is_told_to_and_goes_its_own_way() {
    let store = Store::new();
    store.send("orders", &["a", "b", "c"].map(Message::new));
    let receiver = store.receiver();
    let mut peeked = receiver.peek_all_messages(2);
    let other = receiver.peek_messages(1, None).expect("it is shown");
    assert_eq!(other[0].to_string(), "a");
    let second = peeked.next().expect("it is there").expect("it is shown");
    assert_eq!(second.to_string(), "b");
    let other = receiver.peek_messages(1, None).expect("it is shown");
    assert_eq!(other[0].to_string(), "b");
    assert_eq!(bodies(peeked), ["c"]);
    assert!(bodies(receiver.peek_all_messages(1_000)).is_empty());
    assert!(bodies(receiver.peek_all_messages(i64::MAX)).is_empty());
}

#[test]
fn it_ends_once_though_more_is_sent_later() {
    let store = Store::new();
    let receiver = store.receiver();
    let mut peeked = receiver.peek_all_messages(None);
    assert!(peeked.next().is_none(), "the queue is empty");
    store.send("orders", &[Message::new("a")]);
    assert!(peeked.next().is_none(), "it has ended");
    assert_eq!(bodies(receiver.peek_all_messages(None)), ["a"]);
}

#[test]
fn it_outlives_the_handle_it_came_from() {
    let store = Store::new();
    store.fill(3);
    let peeked = store.receiver().peek_all_messages(None);
    assert_eq!(bodies(peeked), ["0", "1", "2"]);
}

#[test]
fn a_receiver_of_a_session_sees_that_session() {
    let store = Store::new();
    let messages = [("s", "a"), ("t", "b"), ("s", "c")]
        .map(|(session, body)| Message::new(body).with_session_id(session));
    store.send("desk", &messages);
    let receiver = store.session("s");
    assert_eq!(bodies(receiver.peek_all_messages(None)), ["a", "c"]);
}

#[test]
fn dead_letters_are_shown_by_their_own_queue() {
    let store = Store::new();
    store.send("orders", &["a", "b"].map(Message::new));
    let receiver = store.receiver();
    let messages = receiver.receive_messages(1, LONG).expect("it comes");
    receiver
        .dead_letter_message(&messages[0])
        .expect("it is moved");
    assert_eq!(bodies(receiver.peek_all_messages(None)), ["b"]);
    let dead = store
        .client
        .queue_receiver("orders")
        .sub_queue(SubQueue::DeadLetter)
        .open()
        .expect("it opens");
    assert_eq!(bodies(dead.peek_all_messages(None)), ["a"]);
}
