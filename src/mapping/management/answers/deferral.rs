//! Setting messages aside, and receiving them by their numbers.

use super::*;
use crate::mapping::management::deferred;
use crate::model::entity::Entity;
use crate::model::options::ReceiveMode;
use crate::{DeferOptions, Error, ReceivedMessage};

const TOKEN: Uuid = Uuid::from_u128(1);

fn read(answer: &Answer, mode: ReceiveMode) -> Result<Vec<ReceivedMessage>, Error> {
    let entity = Entity::named("orders").expect("a name");
    deferred::read(answer, mode, &entity, None)
}

/// An answer with one message, and the entry of its token if there is one.
fn given(payload: &[u8], token: impl FnOnce(&mut Writer<'_>)) -> Answer {
    answer(200, None, |writer| {
        writer.put_map(|writer| {
            writer.put_string("messages");
            writer.put_list(|writer| {
                writer.put_map(|writer| {
                    token(writer);
                    writer.put_string("message");
                    writer.put_binary(payload);
                });
            });
        });
    })
}

#[test]
fn a_request_says_whether_to_lock_or_to_delete() {
    let asked = |mode, session| {
        body_of(&request(deferred::OPERATION, |writer| {
            deferred::write(writer, &[7, 8], mode, session);
        }))
    };
    assert_eq!(
        asked(ReceiveMode::PeekLock, None),
        "sequence-numbers=Array([Long(7), Long(8)]);receiver-settle-mode=Uint(1);"
    );
    assert_eq!(
        asked(ReceiveMode::ReceiveAndDelete, Some("s")),
        "sequence-numbers=Array([Long(7), Long(8)]);receiver-settle-mode=Uint(0);session-id=String(\"s\");"
    );
}

#[test]
fn a_locked_message_comes_with_its_token() {
    let payload = encode(&Message::new("set aside")).expect("a message");
    let with_token = |writer: &mut Writer<'_>| {
        writer.put_string("lock-token");
        writer.put_uuid(*TOKEN.as_bytes());
    };
    let locked = read(&given(&payload, with_token), ReceiveMode::PeekLock).expect("a message");
    assert_eq!(locked[0].to_string(), "set aside");
    assert_eq!(locked[0].lock_token(), Some(TOKEN));
    let mode = ReceiveMode::ReceiveAndDelete;
    let deleted = read(&given(&payload, |_| {}), mode).expect("a message");
    assert_eq!(deleted[0].lock_token(), None);
}

#[test]
fn nothing_given_is_not_found() {
    for status in [204, 404] {
        let none = answer(status, Some("com.microsoft:message-not-found"), |writer| {
            writer.put_null();
        });
        let error = read(&none, ReceiveMode::PeekLock).expect_err("there are none");
        assert_eq!(error.kind(), ErrorKind::MessageNotFound, "{error:?}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
    }
    let bare = answer(204, None, |writer| writer.put_null());
    let error = read(&bare, ReceiveMode::PeekLock).expect_err("there are none");
    assert_eq!(error.kind(), ErrorKind::MessageNotFound, "{error:?}");
}

#[test]
fn what_was_given_and_cannot_be_read_is_locked_or_gone() {
    let wrong_token = |writer: &mut Writer<'_>| {
        writer.put_string("lock-token");
        writer.put_int(1);
    };
    for unreadable in [given(b"nonsense", |_| {}), given(b"", wrong_token)] {
        let error = read(&unreadable, ReceiveMode::ReceiveAndDelete).expect_err("nonsense");
        assert!(error.is_outcome_unknown(), "{error:?}");
    }
}

#[test]
fn a_message_is_deferred_in_the_spelling_of_the_service() {
    let options = DeferOptions::new().with_property("p", 1);
    let bytes = request(update_disposition::OPERATION, |writer| {
        update_disposition::write(writer, &Disposition::Defer(options), &[TOKEN], Some("s"));
    });
    let body = body_of(&bytes);
    assert!(
        body.starts_with("disposition-status=String(\"defered\");lock-tokens=Array(["),
        "{body}"
    );
    assert!(body.contains("properties-to-modify=Map("), "{body}");
    assert!(body.ends_with("session-id=String(\"s\");"), "{body}");
}
