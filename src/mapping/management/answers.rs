//! Requests read back, and answers as the service gives them.

use bytes::{Bytes, BytesMut};
use servicebus_amqp::descriptor;
use servicebus_amqp::format_code;
use servicebus_amqp::sections::{read_properties, split_sections, write_properties};
use servicebus_amqp::types::messaging::{MessageId, Properties};
use servicebus_amqp::writer::Writer;
use uuid::Uuid;

use super::*;
use crate::error::ErrorKind;
use crate::mapping::decode::decode_unlocked;
use crate::mapping::encode::encode;
use crate::model::disposition::Disposition;
use crate::{AmqpBody, AmqpValue, DeadLetterOptions, Message};

mod deferral;
mod deletion;
mod rules;
mod schedule;

fn request(operation: &str, body: impl FnOnce(&mut Writer<'_>)) -> Bytes {
    let request = Request {
        message_id: MessageId::Ulong(7),
        reply_to: "reply",
        server_timeout: Some(std::time::Duration::from_secs(59)),
        associated_link_name: Some("receiver-1"),
    };
    encode_request(request, operation, body).expect("the request can be sent")
}

/// The body's map, as text that names each value's type.
fn body_of(request: &Bytes) -> String {
    match decode_unlocked(request).expect("a message").amqp().body() {
        AmqpBody::Value(AmqpValue::Map(map)) => map
            .iter()
            .map(|(key, value)| format!("{}={value:?};", key.as_str().unwrap_or("?")))
            .collect(),
        other => panic!("{other:?} is no map"),
    }
}

fn answer(status: i32, condition: Option<&str>, body: impl FnOnce(&mut Writer<'_>)) -> Answer {
    let mut out = BytesMut::new();
    let properties = Properties {
        correlation_id: Some(MessageId::Ulong(7)),
        ..Properties::default()
    };
    write_properties(&properties, &mut out).expect("the properties can be written");
    let mut writer = Writer::new(&mut out);
    writer.put_described(descriptor::APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            writer.put_string("statusCode");
            writer.put_int(status);
            if let Some(condition) = condition {
                writer.put_string("errorCondition");
                writer.put_symbol(condition);
            }
        });
    });
    writer.put_described(descriptor::AMQP_VALUE, body);
    writer.finish().expect("the answer can be written");
    Answer::read(&out.freeze(), Names::MANAGEMENT).expect("an answer")
}

#[test]
fn every_request_says_who_asks_and_how_long() {
    let bytes = request(peek::OPERATION, |writer| peek::write(writer, 1, 2, None));
    let sections = split_sections(&bytes).expect("a message");
    let properties = read_properties(&sections.properties.expect("properties")).expect("readable");
    assert_eq!(properties.message_id, Some(MessageId::Ulong(7)));
    assert_eq!(properties.reply_to.as_deref(), Some("reply"));
    let message = decode_unlocked(&bytes).expect("a message");
    let facts = message.application_properties();
    assert_eq!(
        facts.get("operation"),
        Some(&"com.microsoft:peek-message".into())
    );
    assert_eq!(
        facts.get("com.microsoft:server-timeout"),
        Some(&59_000u32.into())
    );
    assert_eq!(
        facts.get("associated-link-name"),
        Some(&"receiver-1".into())
    );
}

#[test]
fn requests_have_the_types_the_service_wants() {
    let bytes = request(peek::OPERATION, |writer| {
        peek::write(writer, 5, 10, Some("s"))
    });
    assert_eq!(
        body_of(&bytes),
        "from-sequence-number=Long(5);message-count=Int(10);session-id=String(\"s\");"
    );

    let token = Uuid::from_u128(1);
    let bytes = request(renew_lock::OPERATION, |writer| {
        renew_lock::write(writer, &[token])
    });
    assert_eq!(
        body_of(&bytes),
        "lock-tokens=Array([Uuid(00000000-0000-0000-0000-000000000001)]);"
    );

    let options = DeadLetterOptions::new()
        .with_reason("bad")
        .with_property("p", 1);
    let bytes = request(update_disposition::OPERATION, |writer| {
        update_disposition::write(writer, &Disposition::DeadLetter(options), &[token], None);
    });
    let body = body_of(&bytes);
    assert!(
        body.starts_with("disposition-status=String(\"suspended\");lock-tokens=Array(["),
        "{body}"
    );
    assert!(
        body.contains("deadletter-reason=String(\"bad\");properties-to-modify=Map("),
        "{body}"
    );
}

#[test]
fn peeked_messages_come_in_a_list_or_an_array() {
    let payload = encode(&Message::new("peeked")).expect("a message");
    let entry = |writer: &mut Writer<'_>| {
        writer.put_map(|writer| {
            writer.put_symbol("message");
            writer.put_binary(&payload);
        });
    };
    let list = answer(200, None, |writer| {
        writer.put_map(|writer| {
            writer.put_string("messages");
            writer.put_list(|writer| {
                entry(writer);
                entry(writer);
            });
        });
    });
    let array = answer(200, None, |writer| {
        writer.put_map(|writer| {
            writer.put_string("messages");
            writer.put_array(format_code::MAP32, entry);
        });
    });
    let bodies = |answer: &Answer| -> Vec<String> {
        let messages = peek::read(answer).expect("messages");
        messages.iter().map(ToString::to_string).collect()
    };
    assert_eq!(bodies(&list), ["peeked", "peeked"]);
    assert_eq!(bodies(&array), ["peeked"]);
}

#[test]
fn nothing_to_peek_is_no_error() {
    let none = answer(204, Some("com.microsoft:message-not-found"), |writer| {
        writer.put_null()
    });
    assert_eq!(peek::read(&none).expect("no error").len(), 0);
    let missing = answer(404, Some("com.microsoft:message-not-found"), |writer| {
        writer.put_null()
    });
    assert_eq!(peek::read(&missing).expect("no error").len(), 0);
    let gone = answer(404, Some("amqp:not-found"), |writer| writer.put_null());
    let error = peek::read(&gone).expect_err("the entity is gone");
    assert_eq!(error.kind(), ErrorKind::MessagingEntityNotFound);
}

#[test]
fn renewed_locks_answer_every_token() {
    let renewed = |count: i64| {
        answer(200, None, |writer| {
            writer.put_map(|writer| {
                writer.put_string("expirations");
                writer.put_array(format_code::TIMESTAMP, |writer| {
                    (0..count).for_each(|millis| writer.put_timestamp(millis));
                });
            });
        })
    };
    let expiries = renew_lock::read(&renewed(2), 2).expect("two expiries");
    assert_eq!(
        expiries
            .iter()
            .map(|at| at.timestamp_millis())
            .collect::<Vec<_>>(),
        [0, 1]
    );
    renew_lock::read(&renewed(1), 2).expect_err("one is missing");
    let lost = answer(410, Some("com.microsoft:message-lock-lost"), |writer| {
        writer.put_null()
    });
    let error = renew_lock::read(&lost, 1).expect_err("the lock is lost");
    assert_eq!(error.kind(), ErrorKind::MessageLockLost);
}

#[test]
fn a_session_state_is_binary_or_null() {
    let state = Bytes::from_static(b"half done");
    let bytes = request(session_state::SET, |writer| {
        session_state::write_set(writer, "s", Some(&state));
    });
    assert_eq!(
        body_of(&bytes),
        "session-id=String(\"s\");session-state=Binary(b\"half done\");"
    );
    let bytes = request(session_state::SET, |writer| {
        session_state::write_set(writer, "s", None);
    });
    assert_eq!(
        body_of(&bytes),
        "session-id=String(\"s\");session-state=Null;"
    );
    let stored = answer(200, None, |writer| {
        writer.put_map(|writer| {
            writer.put_string("session-state");
            writer.put_binary(&state);
        });
    });
    assert_eq!(
        session_state::read_get(&stored).expect("a state"),
        Some(state.clone())
    );
    let cleared = answer(200, None, |writer| {
        writer.put_map(|writer| {
            writer.put_string("session-state");
            writer.put_null();
        });
    });
    assert_eq!(session_state::read_get(&cleared).expect("none"), None);
}

#[test]
fn sessions_are_listed_by_page() {
    let bytes = request(message_sessions::OPERATION, |writer| {
        message_sessions::write(writer, None, 200);
    });
    assert_eq!(
        body_of(&bytes),
        "last-updated-time=Timestamp(253402300800000);skip=Int(200);top=Int(100);"
    );
    let page = answer(200, None, |writer| {
        writer.put_map(|writer| {
            writer.put_string("skip");
            writer.put_int(2);
            writer.put_string("sessions-ids");
            writer.put_array(format_code::STR32, |writer| {
                writer.put_string("a");
                writer.put_string("");
            });
        });
    });
    assert_eq!(message_sessions::read(&page).expect("ids"), ["a", ""]);
    let none = answer(404, Some("com.microsoft:session-not-found"), |writer| {
        writer.put_null();
    });
    assert!(message_sessions::read(&none).expect("no error").is_empty());
}

#[test]
fn an_answer_without_a_status_is_no_success() {
    let payload = encode(&Message::new("")).expect("a message");
    let answer = Answer::read(&payload, Names::MANAGEMENT).expect("an answer of sorts");
    assert!(!answer.is_success());
    update_disposition::read(&answer).expect_err("nobody said that it was applied");
}

#[test]
fn an_answer_that_lacks_its_key_is_an_error() {
    let empty = answer(200, None, |writer| writer.put_map(|_| {}));
    let error = peek::read(&empty).expect_err("there are no messages");
    assert!(error.to_string().contains("cannot be decoded"), "{error}");
    peek::read(&answer(200, None, |writer| writer.put_null())).expect_err("there is no map");
}

#[test]
fn the_number_of_a_failure_may_stand_beside_its_text() {
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    writer.put_described(descriptor::APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            writer.put_string("statusCode");
            writer.put_int(500);
            writer.put_string("com.microsoft:tracking-id");
            writer.put_string("a_G1");
        });
    });
    writer.finish().expect("the answer can be written");
    let answer = Answer::read(&out.freeze(), Names::MANAGEMENT).expect("an answer");
    let error = answer.success().expect_err("it is a failure");
    assert_eq!(error.tracking_id(), Some("a_G1"));
}
