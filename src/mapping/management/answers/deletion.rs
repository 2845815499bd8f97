//! Deleting messages without receiving them.

use chrono::DateTime;

use super::*;
use crate::mapping::management::batch_delete;

fn counted(count: impl FnOnce(&mut Writer<'_>)) -> Answer {
    answer(200, None, |writer| {
        writer.put_map(|writer| {
            writer.put_string("message-count");
            count(writer);
        });
    })
}

#[test]
fn a_request_names_the_count_and_the_instant() {
    let before = DateTime::from_timestamp_millis(1_000).expect("a date");
    let asked = |session| {
        body_of(&request(batch_delete::OPERATION, |writer| {
            batch_delete::write(writer, 7, before, session);
        }))
    };
    assert_eq!(
        asked(None),
        "message-count=Int(7);enqueued-time-utc=Timestamp(1000);"
    );
    assert_eq!(
        asked(Some("s")),
        "message-count=Int(7);enqueued-time-utc=Timestamp(1000);session-id=String(\"s\");"
    );
}

#[test]
fn the_answer_says_how_many() {
    let seven = counted(|writer| writer.put_int(7));
    assert_eq!(batch_delete::read(&seven).expect("a count"), 7);
    let eight = counted(|writer| writer.put_long(8));
    assert_eq!(batch_delete::read(&eight).expect("a count"), 8);
    let none = answer(204, None, |writer| writer.put_null());
    assert_eq!(batch_delete::read(&none).expect("no error"), 0);
    let refused = answer(401, Some("amqp:unauthorized-access"), |writer| {
        writer.put_null();
    });
    let error = batch_delete::read(&refused).expect_err("it is refused");
    assert!(!error.is_outcome_unknown(), "{error:?}");
}

#[test]
fn a_count_that_cannot_be_read_leaves_open_what_was_deleted() {
    let unreadable = [
        counted(|writer| writer.put_int(-1)),
        counted(|writer| writer.put_string("many")),
        answer(200, None, |writer| writer.put_null()),
    ];
    for answer in unreadable {
        let error = batch_delete::read(&answer).expect_err("it is no count");
        assert!(error.is_outcome_unknown(), "{error:?}");
    }
}
