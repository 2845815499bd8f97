//! Whatever can be sent is received as it was, but for what the service owns.

use proptest::prelude::*;
use servicebus::{AmqpMap, AmqpMessage, Message, ReceivedMessage};

use crate::any_message::message;
use crate::desk::Desk;

/// The annotations that the service alone sets.
const OWNED: [&str; 5] = [
    "x-opt-enqueued-time",
    "x-opt-sequence-number",
    "x-opt-locked-until",
    "x-opt-lock-token",
    "x-opt-message-state",
];

fn few(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The message with what the service changes on its way: the count of deliveries; its annotations, which come before
/// the sender's; the id of a message that has none; and when a message expires that has a time to live and does not
/// say so itself.
fn as_delivered(sent: &AmqpMessage, received: &ReceivedMessage) -> AmqpMessage {
    let mut properties = sent.properties().clone();
    if let (Some(time_to_live), None) = (
        sent.header().time_to_live(),
        properties.absolute_expiry_time(),
    ) {
        let enqueued = received.enqueued_time().expect("the service's stamp");
        properties = properties.with_absolute_expiry_time(enqueued + time_to_live);
    }
    let amqp = received.amqp();
    if let (None, Some(given)) = (properties.message_id(), amqp.properties().message_id()) {
        properties = properties.with_message_id(given.clone());
    }
    let delivery_annotations = stamped(amqp.delivery_annotations(), sent.delivery_annotations());
    let message_annotations = stamped(amqp.message_annotations(), sent.message_annotations());
    sent.clone()
        .with_header(sent.header().clone().with_delivery_count(0))
        .with_properties(properties)
        .with_delivery_annotations(delivery_annotations)
        .with_message_annotations(message_annotations)
}

/// The service's own annotations among those that were received, and then the sender's.
fn stamped(received: &AmqpMap, sent: &AmqpMap) -> AmqpMap {
    let owned = received
        .iter()
        .filter(|(key, _)| key.as_str().is_some_and(|key| OWNED.contains(&key)));
    owned
        .chain(sent.iter())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Equal as values and, because equal numbers may have several encodings, as bytes.
fn same(received: &AmqpMessage, expected: &AmqpMessage) -> Result<(), TestCaseError> {
    prop_assert_eq!(received, expected);
    prop_assert_eq!(bytes(received), bytes(expected));
    Ok(())
}

fn bytes(amqp: &AmqpMessage) -> Vec<u8> {
    let bytes = Message::from(amqp.clone()).to_bytes();
    bytes.expect("the message can be sent").to_vec()
}

#[test]
fn sent_alone() {
    let desk = Desk::new();
    proptest!(few(200), |(sent in message())| {
        let received = desk.through(sent.clone());
        same(received.amqp(), &as_delivered(&sent, &received))?;
        prop_assert_eq!(received.body(), &*sent.body().to_bytes());
        prop_assert_eq!(received.to_string(), sent.body().to_string());
    });
}

#[test]
fn sent_in_a_batch() {
    let desk = Desk::new();
    proptest!(few(50), |(sent in proptest::collection::vec(message(), 2..6))| {
        let messages: Vec<Message> = sent.iter().cloned().map(Message::from).collect();
        desk.sender.send_messages(&messages).expect("they are stored");
        for sent in &sent {
            let received = desk.next();
            same(received.amqp(), &as_delivered(sent, &received))?;
        }
    });
}

#[test]
fn peeked() {
    let desk = Desk::new();
    proptest!(few(50), |(sent in message())| {
        desk.sender.send_messages(Message::from(sent.clone())).expect("it is stored");
        let peeked = desk.receiver.peek_messages(1, None).expect("it is shown");
        let peeked = peeked.first().expect("a message is there");
        // Delivery annotations are for whom a message is delivered to.
        let expected = as_delivered(&sent, peeked).with_delivery_annotations(AmqpMap::new());
        same(peeked.amqp(), &expected)?;
        prop_assert_eq!(peeked.lock_token(), None);
        desk.next();
    });
}

#[test]
fn kept_as_bytes() {
    proptest!(few(300), |(sent in message())| {
        let bytes = Message::from(sent.clone()).to_bytes().expect("it can be sent");
        let kept = Message::from_bytes(bytes.clone()).expect("a message");
        same(kept.amqp(), &sent)?;
        let received = ReceivedMessage::from_bytes(bytes).expect("a message");
        same(received.amqp(), &sent)?;
        prop_assert_eq!(received.body(), &*sent.body().to_bytes());
        prop_assert_eq!(received.lock_token(), None);
    });
}

#[test]
fn sent_again() {
    let desk = Desk::new();
    proptest!(few(50), |(sent in message())| {
        let first = desk.through(sent);
        let copy = first.to_message();
        let second = desk.through(copy.clone());
        same(second.amqp(), &as_delivered(copy.amqp(), &second))?;
        same(second.to_message().amqp(), copy.amqp())?;
    });
}
