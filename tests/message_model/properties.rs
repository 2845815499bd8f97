//! Each property of the official Python client's messages, by its name there: set, read, sent, received, taken off.

use std::time::Duration;

use chrono::DateTime;
use servicebus::{AmqpBody, AmqpValue, Message, MessageState, ReceivedMessage};

use crate::desk::Desk;

/// A property: its name, how it is set and taken off, how it is read before and after the way through the service.
struct Property {
    name: &'static str,
    set: fn(Message) -> Message,
    unset: fn(Message) -> Message,
    sent: fn(&Message) -> Option<String>,
    received: fn(&ReceivedMessage) -> Option<String>,
    value: &'static str,
}

macro_rules! property {
    ($name:literal, $get:ident, $set:ident, $unset:ident, $value:expr, $text:literal) => {
        Property {
            name: $name,
            set: |message| message.$set($value),
            unset: |message| message.$unset(),
            sent: |message| message.$get().map(|value| format!("{value:?}")),
            received: |message| message.$get().map(|value| format!("{value:?}")),
            value: $text,
        }
    };
}

fn properties() -> Vec<Property> {
    vec![
        property!(
            "message_id",
            message_id,
            with_message_id,
            without_message_id,
            "m",
            "\"m\""
        ),
        property!(
            "correlation_id",
            correlation_id,
            with_correlation_id,
            without_correlation_id,
            "c",
            "\"c\""
        ),
        property!(
            "subject",
            subject,
            with_subject,
            without_subject,
            "s",
            "\"s\""
        ),
        property!(
            "content_type",
            content_type,
            with_content_type,
            without_content_type,
            "text/plain",
            "\"text/plain\""
        ),
        property!("to", to, with_to, without_to, "t", "\"t\""),
        property!(
            "reply_to",
            reply_to,
            with_reply_to,
            without_reply_to,
            "r",
            "\"r\""
        ),
        property!(
            "session_id",
            session_id,
            with_session_id,
            without_session_id,
            "g",
            "\"g\""
        ),
        property!(
            "reply_to_session_id",
            reply_to_session_id,
            with_reply_to_session_id,
            without_reply_to_session_id,
            "h",
            "\"h\""
        ),
        property!(
            "partition_key",
            partition_key,
            with_partition_key,
            without_partition_key,
            "p",
            "\"p\""
        ),
        property!(
            "time_to_live",
            time_to_live,
            with_time_to_live,
            without_time_to_live,
            Duration::from_secs(90),
            "90s"
        ),
        property!(
            "scheduled_enqueue_time_utc",
            scheduled_enqueue_time,
            with_scheduled_enqueue_time,
            without_scheduled_enqueue_time,
            DateTime::UNIX_EPOCH,
            "1970-01-01T00:00:00Z"
        ),
    ]
}

#[test]
fn of_a_message_that_is_sent() {
    let desk = Desk::new();
    for Property {
        name,
        set,
        unset,
        sent,
        received,
        value,
    } in properties()
    {
        let plain = Message::new("a");
        assert_eq!(sent(&plain), None, "{name} of a new message");
        let message = set(plain.clone());
        assert_eq!(
            sent(&message).as_deref(),
            Some(value),
            "{name} once it is set"
        );
        assert_eq!(set(message.clone()), message, "{name} set twice");
        assert_eq!(unset(message.clone()), plain, "{name} taken off");
        let arrived = desk.through(message);
        assert_eq!(
            received(&arrived).as_deref(),
            Some(value),
            "{name} received"
        );
        let copy = arrived.to_message();
        let kept = (name != "scheduled_enqueue_time_utc").then_some(value);
        assert_eq!(sent(&copy).as_deref(), kept, "{name} of a copy");
    }
}

#[test]
fn none_is_set_that_the_sender_did_not_set() {
    let desk = Desk::new();
    let arrived = desk.through(Message::new("a"));
    for Property { name, received, .. } in properties() {
        // The service gives an id where the sender gave none.
        assert_eq!(received(&arrived).is_some(), name == "message_id", "{name}");
    }
    assert!(arrived.application_properties().is_empty());
    assert!(arrived.amqp().footer().is_empty());
}

#[test]
fn that_the_service_adds() {
    let desk = Desk::new();
    let first = desk.through(Message::new("a"));
    let second = desk.through(Message::new("b").with_time_to_live(Duration::from_secs(9)));
    assert_eq!(
        (first.sequence_number(), second.sequence_number()),
        (Some(1), Some(2))
    );
    assert_eq!(second.delivery_count(), 0);
    assert_eq!(second.state(), MessageState::Active);
    assert!(second.lock_token().is_some() && second.lock_token() != first.lock_token());
    assert!(second.locked_until() > second.enqueued_time());
    let enqueued = second.enqueued_time().expect("the service's stamp");
    assert_eq!(second.expires_at(), Some(enqueued + Duration::from_secs(9)));
    assert_eq!(first.expires_at(), None);
    let none = [
        second.dead_letter_reason(),
        second.dead_letter_error_description(),
        second.dead_letter_source(),
    ];
    assert_eq!(none, [None; 3]);
    assert!(second.auto_renew_error().is_none());
}

/// A body of `None` in Python is a null value.
#[test]
fn a_message_without_a_body() {
    let desk = Desk::new();
    let received = desk.through(Message::new(AmqpValue::Null));
    assert_eq!(received.amqp().body(), &AmqpBody::Value(AmqpValue::Null));
    assert_eq!(received.body(), b"");
}
