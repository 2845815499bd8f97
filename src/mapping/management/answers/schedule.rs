//! Scheduling and cancelling.

use chrono::DateTime;

use super::*;
use crate::mapping::management::schedule::{self, Scheduled};

fn numbers(numbers: &[i64]) -> Answer {
    answer(200, None, |writer| {
        writer.put_map(|writer| {
            writer.put_string("sequence-numbers");
            writer.put_array(format_code::LONG, |writer| {
                numbers.iter().for_each(|number| writer.put_long(*number));
            });
        });
    })
}

/// The entries of the one message in a request, each with its key.
fn entries_of(message: Message) -> Vec<(String, AmqpValue)> {
    let when = DateTime::from_timestamp_millis(1_000).expect("a date");
    let scheduled = [Scheduled::new(&message, when).expect("it can be sent")];
    let bytes = request(schedule::SCHEDULE, |writer| {
        schedule::write(writer, &scheduled);
    });
    let message = decode_unlocked(&bytes).expect("a message");
    let AmqpBody::Value(AmqpValue::Map(map)) = message.amqp().body() else {
        panic!("{message:?} is no map");
    };
    let Some(AmqpValue::List(messages)) = map.get("messages") else {
        panic!("{map:?} has no list of messages");
    };
    let [AmqpValue::Map(entries)] = &messages[..] else {
        panic!("{messages:?} is not one message");
    };
    entries
        .iter()
        .map(|(key, value)| (key.as_str().expect("a name").to_owned(), value.clone()))
        .collect()
}

#[test]
fn a_request_names_what_the_service_chooses_the_partition_by() {
    let message = Message::new("m")
        .with_message_id("id")
        .with_session_id("s")
        .with_partition_key("s");
    let mut entries = entries_of(message);
    let (key, encoded) = entries.pop().expect("an entry");
    assert_eq!(
        entries,
        [
            ("message-id".to_owned(), AmqpValue::from("id")),
            ("session-id".to_owned(), AmqpValue::from("s")),
            ("partition-key".to_owned(), AmqpValue::from("s")),
        ]
    );
    assert_eq!(key, "message");
    let AmqpValue::Binary(encoded) = encoded else {
        panic!("{encoded:?} is not binary");
    };
    let message = decode_unlocked(&encoded).expect("a whole message");
    assert_eq!(message.to_string(), "m");
    let annotations = message.amqp().message_annotations();
    assert_eq!(
        annotations.get("x-opt-scheduled-enqueue-time"),
        Some(&AmqpValue::Timestamp(1_000))
    );
}

#[test]
fn a_message_without_an_id_gets_one() {
    let entries = entries_of(Message::new("m"));
    let [(id_key, AmqpValue::String(id)), (key, AmqpValue::Binary(encoded))] = &entries[..] else {
        panic!("{entries:?}");
    };
    assert_eq!(
        (id_key.as_str(), key.as_str()),
        ("message-id", "message"),
        "no key that is not set"
    );
    Uuid::parse_str(id).expect("a random id");
    let message = decode_unlocked(encoded).expect("a whole message");
    assert_eq!(message.message_id(), Some(id.as_str()));
}

#[test]
fn a_cancellation_carries_an_array_of_longs() {
    let bytes = request(schedule::CANCEL, |writer| {
        schedule::write_cancel(writer, &[3, 400]);
    });
    assert_eq!(
        body_of(&bytes),
        "sequence-numbers=Array([Long(3), Long(400)]);"
    );
    let gone = answer(404, Some("com.microsoft:message-not-found"), |writer| {
        writer.put_null();
    });
    let error = schedule::read_cancel(&gone).expect_err("nothing was cancelled");
    assert_eq!(error.kind(), ErrorKind::MessageNotFound);
}

#[test]
fn every_scheduled_message_has_its_number() {
    let read = schedule::read(&numbers(&[5, 6]), 2).expect("two numbers");
    assert_eq!(read, [5, 6]);
}

#[test]
fn scheduled_messages_without_numbers_are_no_plain_failure() {
    let unreadable = answer(200, None, |writer| writer.put_null());
    for answer in [numbers(&[5]), unreadable] {
        let error = schedule::read(&answer, 2).expect_err("a number is missing");
        assert!(error.is_outcome_unknown(), "{error:?}");
    }
    let full = answer(403, Some("amqp:resource-limit-exceeded"), |writer| {
        writer.put_null();
    });
    let error = schedule::read(&full, 2).expect_err("the queue is full");
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    assert!(!error.is_outcome_unknown(), "{error:?}");
}
