//! The dead-letter queue: what gets there, and what is different in it.

use super::*;
use servicebus_amqp::sections::section_value;
use servicebus_amqp::walker::{Element, Kind};
use ReceiveMode::PeekLock;

/// The application properties of a message that are strings.
pub(super) fn texts(delivery: &Delivery) -> Vec<(String, String)> {
    let section = &delivery.message.application_properties;
    let Kind::Map(entries) = section_value(section).unwrap().kind().unwrap() else {
        panic!("no map in {section:?}");
    };
    let texts: Vec<_> = entries
        .map(|entry| entry.unwrap().as_text().unwrap_or("no text").to_owned())
        .collect();
    texts
        .chunks(2)
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect()
}

pub(super) fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn a_dead_lettered_message_keeps_its_past_and_gets_a_new_number() {
    let mut f = Fixture::new();
    f.send(&["a", "b"]);
    let sent_at = f.now;
    let consumer = f.attach(PeekLock, 3);
    let first = f.lock(consumer);
    f.settle(first, abandon()).unwrap();
    let second = f.lock(consumer);
    f.advance(SECOND);
    f.settle(second, dead_letter()).unwrap();

    assert_eq!(f.content(f.orders), [(1, "a".to_owned(), 1)]);
    let dead: Vec<_> = f.broker.peek(f.dead, 1, f.now).unwrap().collect();
    let [dead] = dead.as_slice() else {
        panic!("dead-lettered: {dead:?}");
    };
    assert_eq!((dead.sequence, dead.first_sequence), (1, Some(2)));
    assert_eq!(dead.enqueued_at, sent_at);
    assert_eq!(
        texts(dead),
        [
            pair("DeadLetterReason", "tired"),
            pair("DeadLetterErrorDescription", "of it all"),
        ]
    );
}

#[test]
fn the_last_failed_delivery_dead_letters() {
    for by_expiry in [false, true] {
        let mut f = Fixture::with(QueueOptions::new().max_delivery_count(3));
        f.send(&["a"]);
        let consumer = f.attach(PeekLock, 10);
        for attempt in 0..3 {
            let delivery = f.take(consumer).unwrap();
            assert_eq!(delivery.delivery_count, attempt);
            if by_expiry {
                f.advance(LOCK);
            } else {
                f.settle(delivery.lock.unwrap().token, abandon()).unwrap();
            }
        }
        assert!(f.take(consumer).is_none());
        let dead = f.attach_to(f.dead, PeekLock, 1);
        let dead = f.take(dead).unwrap();
        assert_eq!((body(&dead), dead.delivery_count), ("a".to_owned(), 3));
        let description = "Message could not be consumed after 3 delivery attempts.";
        assert_eq!(
            texts(&dead),
            [
                pair("DeadLetterReason", "MaxDeliveryCountExceeded"),
                pair("DeadLetterErrorDescription", description),
            ]
        );
    }
}

#[test]
fn releasing_never_dead_letters() {
    let mut f = Fixture::with(QueueOptions::new().max_delivery_count(1));
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 100);
    for _ in 0..20 {
        let token = f.lock(consumer);
        f.settle(token, Settlement::Release).unwrap();
    }
    assert_eq!(f.content(f.orders), [(1, "a".to_owned(), 0)]);
}

#[test]
fn failures_in_the_dead_letter_queue_do_not_count() {
    let mut f = Fixture::with(QueueOptions::new().max_delivery_count(1));
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.settle(token, abandon()).unwrap();
    let consumer = f.attach_to(f.dead, PeekLock, 10);
    for _ in 0..3 {
        let token = f.lock(consumer);
        f.settle_in(f.dead, token, abandon()).unwrap();
        f.lock(consumer);
        f.advance(LOCK);
    }
    assert_eq!(f.content(f.dead), [(1, "a".to_owned(), 1)]);
}

#[test]
fn a_dead_letter_stays_where_it_is_until_it_is_completed() {
    let mut f = Fixture::new();
    f.send(&["a"]);
    let consumer = f.attach(PeekLock, 1);
    let token = f.lock(consumer);
    f.settle(token, dead_letter()).unwrap();
    let consumer = f.attach_to(f.dead, PeekLock, 1);
    let token = f.lock(consumer);
    let refused = f.settle_in(f.dead, token, dead_letter());
    assert!(
        matches!(refused, Err(BrokerError::DeadLetterOfDeadLetter { .. })),
        "{refused:?}"
    );
    assert_eq!(f.settle_in(f.dead, token, Settlement::Complete), Ok(()));
    assert_eq!(f.content(f.dead), []);
}

#[test]
fn nobody_can_send_to_a_dead_letter_queue() {
    let mut f = Fixture::new();
    let refused = f.broker.enqueue(f.dead, vec![message("a")], f.now);
    assert!(
        matches!(refused, Err(BrokerError::SendToSubQueue { .. })),
        "{refused:?}"
    );
}

#[test]
fn changes_made_while_abandoning_are_merged_into_the_properties() {
    let mut f = Fixture::new();
    // {"keep": "old", "change": "old"}
    let mut payload = b"\x00\x53\x74\xc1\x1c\x04".to_vec();
    for text in ["keep", "old", "change", "old"] {
        payload.push(0xa1);
        payload.push(u8::try_from(text.len()).unwrap());
        payload.extend_from_slice(text.as_bytes());
    }
    payload[4] = u8::try_from(payload.len() - 5).unwrap();
    let message = Message::decode(&payload).unwrap();
    f.broker.enqueue(f.orders, vec![message], f.now).unwrap();
    let consumer = f.attach(PeekLock, 2);
    let token = f.lock(consumer);
    let mut changes = PropertyChanges::default();
    changes.set_text("change", "new");
    changes.set("number", &Element::parse_whole(&[0x54, 7]).unwrap());
    f.settle(token, Settlement::Abandon { changes }).unwrap();
    let again = f.take(consumer).unwrap();
    assert_eq!(
        texts(&again),
        [
            pair("keep", "old"),
            pair("change", "new"),
            pair("number", "no text")
        ]
    );
}
