//! What goes wrong while messages are looked at or deleted is said truly, and once.

use std::time::Duration;

use servicebus::{Error, ErrorKind, Receiver, Result};
use servicebus_emulator::Fault;

use crate::store::{Store, DELETE, PEEK};

/// Both ways to delete.
const DELETIONS: [fn(&Receiver) -> Result<usize>; 2] = [
    |receiver| receiver.delete_messages(10, None),
    |receiver| receiver.purge_messages(None),
];

#[test]
fn a_busy_service_is_asked_again() {
    let store = Store::impatient();
    store.fill(150);
    for operation in [PEEK, DELETE] {
        let busy = Fault::refuse_request("com.microsoft:server-busy");
        store.inject(busy.operation(operation).skip(1).times(1));
    }
    let receiver = store.receiver();
    let peeked = receiver.peek_all_messages(None).filter(Result::is_ok);
    assert_eq!(peeked.count(), 150, "{}", store.seen());
    let purged = receiver.purge_messages(None).expect("it works");
    assert_eq!(purged, 150);
}

#[test]
fn an_error_is_shown_once_and_is_the_last() {
    let store = Store::new();
    store.fill(150);
    let refusal = Fault::refuse_request("amqp:unauthorized-access");
    store.inject(refusal.operation(PEEK).skip(1).times(1));
    let mut peeked = store.receiver().peek_all_messages(None);
    let shown = peeked.by_ref().take_while(Result::is_ok).count();
    assert_eq!(shown, 100, "what came before is shown");
    assert!(peeked.next().is_none(), "it has ended");
    let last = store.receiver().peek_all_messages(101);
    assert_eq!(last.filter(Result::is_ok).count(), 50, "one goes on so");
}

#[test]
fn a_lost_page_is_asked_for_again() {
    let store = Store::impatient();
    store.fill(150);
    store.inject(Fault::drop_request().operation(PEEK).skip(1).times(1));
    let peeked = store.receiver().peek_all_messages(None);
    assert_eq!(peeked.filter(Result::is_ok).count(), 150);
}

#[test]
fn a_page_that_does_not_come_in_time_ends_it() {
    let store = Store::new();
    store.fill(1);
    store.inject(Fault::drop_request().operation(PEEK));
    let receiver = store.receiver().with_timeout(Duration::from_millis(200));
    let mut peeked = receiver.peek_all_messages(None);
    let error = peeked.next().expect("an item").expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert!(peeked.next().is_none());
}

#[test]
fn a_cut_connection_costs_the_iterator_nothing() {
    let store = Store::impatient();
    store.fill(150);
    let mut peeked = store.receiver().peek_all_messages(None);
    let first = peeked.by_ref().take(50).filter(Result::is_ok).count();
    store.inject(Fault::close_connection("amqp:connection:forced"));
    let rest = peeked.filter(Result::is_ok).count();
    assert_eq!(first + rest, 150, "{}", store.seen());
}

#[test]
fn a_close_ends_the_iterator_with_an_error() {
    let store = Store::new();
    store.fill(1);
    let lost = store.inject(Fault::drop_request().operation(PEEK));
    let receiver = store.receiver();
    let last = store.close_under(lost, &receiver, |receiver| {
        receiver.peek_all_messages(None).next().transpose()
    });
    let error = last.expect_err("the receiver is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    let items: Vec<Option<ErrorKind>> = receiver
        .peek_all_messages(None)
        .map(|item| item.as_ref().err().map(Error::kind))
        .collect();
    assert_eq!(items, [Some(ErrorKind::Closed)], "never as an end");
}

#[test]
fn a_lost_answer_to_a_deletion_is_unknown_and_not_asked_for_again() {
    for delete in DELETIONS {
        let store = Store::impatient();
        store.fill(20);
        let lost = store.inject(Fault::drop_request().operation(DELETE));
        let error = delete(&store.receiver()).expect_err("there is no answer");
        assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
        assert!(error.is_outcome_unknown(), "{error:?}");
        assert_eq!(store.hits(lost), 1, "{}", store.seen());
        assert!(store.counts("orders").active < 20, "they are deleted");
    }
}

#[test]
fn a_close_leaves_open_what_was_deleted() {
    for delete in DELETIONS {
        let store = Store::new();
        store.fill(20);
        let lost = store.inject(Fault::drop_request().operation(DELETE));
        let error = store
            .close_under(lost, &store.receiver(), delete)
            .expect_err("the receiver is closed");
        assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
        assert!(error.is_outcome_unknown(), "{error:?}");
    }
}
