//! What goes wrong while deferred messages are received or settled is said truly.

use std::time::Duration;

use servicebus::{ErrorKind, ReceiveMode, Result};
use servicebus_emulator::Fault;

use crate::orders::{take, Orders, LOCK, RECEIVE};

const SETTLE: &str = "com.microsoft:update-disposition";

#[test]
fn a_busy_service_is_asked_again() {
    for mode in [ReceiveMode::PeekLock, ReceiveMode::ReceiveAndDelete] {
        let orders = Orders::impatient();
        let numbers = orders.defer(&["a"]);
        let busy = Fault::refuse_request("com.microsoft:server-busy");
        orders.inject(busy.operation(RECEIVE).times(1));
        take(&orders.receiver_in(mode), numbers[0]);
    }
}

#[test]
fn a_lost_answer_leaves_locks_behind() {
    let orders = Orders::impatient();
    let numbers = orders.defer(&["a"]);
    let lost = orders.inject(Fault::drop_request().operation(RECEIVE).times(1));
    let receiver = orders.receiver();
    let error = receiver
        .receive_deferred_messages(&numbers)
        .expect_err("the first attempt locked it");
    assert_eq!(error.kind(), ErrorKind::MessageNotFound, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
    assert_eq!(orders.emulator.hits(lost), Some(1));
    orders.assert_counts(0, 1, 0, 0);
    orders.emulator.advance(LOCK * 2);
    take(&receiver, numbers[0]);
}

#[test]
fn in_receive_and_delete_a_lost_answer_is_never_asked_for_again() {
    let orders = Orders::impatient();
    let numbers = orders.defer(&["a"]);
    let lost = orders.inject(Fault::drop_request().operation(RECEIVE));
    let error = orders
        .receiver_in(ReceiveMode::ReceiveAndDelete)
        .receive_deferred_messages(&numbers)
        .expect_err("there is no answer");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
    assert_eq!(orders.emulator.hits(lost), Some(1), "{}", orders.seen());
    orders.assert_counts(0, 0, 0, 0);
}

/// Receives deferred messages in vain until the receiver is closed by another thread.
fn closed_meanwhile(mode: ReceiveMode) -> Result<()> {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    let lost = orders.inject(Fault::drop_request().operation(RECEIVE));
    let receiver = orders.receiver_in(mode);
    let waiting = {
        let receiver = receiver.clone();
        std::thread::spawn(move || receiver.receive_deferred_messages(&numbers).map(drop))
    };
    while orders.emulator.hits(lost) == Some(0) {
        std::thread::yield_now();
    }
    receiver.close().expect("it closes");
    waiting.join().expect("the thread ends")
}

#[test]
fn a_close_ends_the_wait_and_leaves_the_outcome_open() {
    for mode in [ReceiveMode::PeekLock, ReceiveMode::ReceiveAndDelete] {
        let error = closed_meanwhile(mode).expect_err("the receiver is closed");
        assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
        assert!(error.is_outcome_unknown(), "{error:?}");
    }
}

#[test]
fn time_runs_out() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    orders.inject(Fault::drop_request().operation(RECEIVE));
    let error = orders
        .receiver()
        .with_timeout(Duration::from_millis(200))
        .receive_deferred_messages(&numbers)
        .expect_err("there is no answer");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
}

#[test]
fn a_settlement_without_an_answer_is_unknown() {
    let orders = Orders::new();
    let numbers = orders.defer(&["a"]);
    let receiver = orders.receiver();
    let message = take(&receiver, numbers[0]);
    orders.inject(Fault::drop_request().operation(SETTLE).times(1));
    let error = receiver
        .with_timeout(Duration::from_millis(200))
        .complete_message(&message)
        .expect_err("there is no answer");
    assert!(error.is_outcome_unknown(), "{error:?}");
    orders.assert_counts(0, 0, 0, 0);
    let error = receiver
        .complete_message(&message)
        .expect_err("it was completed, as nobody knows");
    assert!(error.is_outcome_unknown(), "{error:?}");
}

#[test]
fn it_is_settled_after_the_connection_was_lost() {
    let orders = Orders::impatient();
    let numbers = orders.defer(&["a"]);
    let receiver = orders.receiver();
    let message = take(&receiver, numbers[0]);
    orders.inject(Fault::close_connection("amqp:connection:forced"));
    receiver
        .complete_message(&message)
        .unwrap_or_else(|error| panic!("{error}\n{}", orders.seen()));
    orders.assert_counts(0, 0, 0, 0);
}
