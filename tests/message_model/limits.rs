//! What the official Python client refuses is refused by every way of sending, before anything is sent.

use std::time::Duration;

use chrono::Utc;
use servicebus::{AmqpHeader, AmqpMap, AmqpMessage, AmqpValue, ErrorKind, Message, Result};

use crate::desk::Desk;

/// Messages that cannot be sent, each with what its refusal says.
fn unsendable() -> Vec<(Message, &'static str)> {
    let long = "ä".repeat(129);
    let long = long.as_str();
    let message = || Message::new("a");
    let mixed = AmqpValue::Array(vec![1.into(), "one".into()]);
    vec![
        (
            message().with_message_id(long),
            "message id is longer than 128",
        ),
        (
            message().with_session_id(long),
            "session id is longer than 128",
        ),
        (
            message().with_reply_to_session_id(long),
            "reply-to session id is longer than 128",
        ),
        (
            message().with_partition_key(long),
            "partition key is longer than 128",
        ),
        (
            message().with_session_id("a").with_partition_key("b"),
            "partition key and session id differ",
        ),
        (
            message().with_application_property("items", AmqpValue::List(vec![])),
            "\"items\" is a list",
        ),
        (
            message().with_application_property("items", AmqpMap::new()),
            "\"items\" is a list",
        ),
        (
            message().with_content_type("größe"),
            "content type is not ascii",
        ),
        (Message::new(mixed), "array elements differ"),
        (
            AmqpMessage::new("a")
                .with_message_annotations(AmqpMap::from_iter([(1, 2)]))
                .into(),
            "annotation key",
        ),
    ]
}

#[test]
fn by_every_way_of_sending() {
    let desk = Desk::new();
    for (message, expected) in unsendable() {
        let sender = &desk.sender;
        let good = Message::new("good");
        let mut batch = sender.create_message_batch().expect("a batch");
        let refusals: [(&str, Result<()>); 5] = [
            ("alone", sender.send_messages(&message)),
            (
                "in a list",
                sender.send_messages([&good, &message].map(Clone::clone)),
            ),
            (
                "scheduled",
                sender.schedule_messages(&message, Utc::now()).map(|_| ()),
            ),
            ("as bytes", message.to_bytes().map(|_| ())),
            (
                "in a batch",
                batch.try_add(message.clone()).map_err(Into::into),
            ),
        ];
        for (way, result) in refusals {
            let error = result.expect_err(way);
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{way}: {error}");
            assert!(error.to_string().contains(expected), "{way}: {error}");
        }
    }
    assert_eq!(
        desk.emulator.totals("orders").map(|it| it.enqueued),
        Some(0)
    );
}

#[test]
fn ids_of_just_the_allowed_length_arrive() {
    let desk = Desk::new();
    let id = "ä".repeat(128);
    let sent = Message::new("a")
        .with_message_id(id.as_str())
        .with_session_id(id.as_str())
        .with_reply_to_session_id(id.as_str())
        .with_partition_key(id.as_str());
    let received = desk.through(sent);
    let ids = [
        received.message_id(),
        received.session_id(),
        received.reply_to_session_id(),
        received.partition_key(),
    ];
    assert_eq!(ids, [Some(id.as_str()); 4]);
}

#[test]
fn a_time_to_live_beyond_the_field_is_the_longest_there_is() {
    let desk = Desk::new();
    let received = desk.through(Message::new("a").with_time_to_live(Duration::MAX));
    assert_eq!(received.time_to_live(), Some(AmqpHeader::MAX_TIME_TO_LIVE));
    let enqueued = received.enqueued_time().expect("the service's stamp");
    assert_eq!(
        received.expires_at(),
        Some(enqueued + AmqpHeader::MAX_TIME_TO_LIVE)
    );
}

#[test]
fn a_time_to_live_has_whole_milliseconds() {
    let desk = Desk::new();
    let received =
        desk.through(Message::new("a").with_time_to_live(Duration::from_nanos(5_999_999)));
    assert_eq!(received.time_to_live(), Some(Duration::from_millis(5)));
}
