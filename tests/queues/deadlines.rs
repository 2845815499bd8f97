//! No call outlives its deadline, whatever the peer does not do.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use servicebus::{Client, ErrorKind};
use servicebus_emulator::Fault;

use crate::orders::{Orders, LONG, SHORT};

const DEADLINE: Duration = Duration::from_millis(300);
const LATEST: Duration = Duration::from_millis(800);

/// A client of a listener that accepts connections and never says a word.
fn client_of_a_silent_peer() -> (Client, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let text = format!(
        "Endpoint=sb://127.0.0.1:{port};SharedAccessKeyName=name;SharedAccessKey=key;UseDevelopmentEmulator=true;"
    );
    let client = servicebus::ClientBuilder::from_connection_string(&text)
        .expect("the string is good")
        .operation_timeout(DEADLINE)
        .build()
        .expect("the client starts");
    (client, listener)
}

#[test]
fn opening_gives_up_on_a_silent_peer() {
    let (client, _listener) = client_of_a_silent_peer();
    let start = Instant::now();
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("nobody answers");
    let elapsed = start.elapsed();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    assert!((DEADLINE..LATEST).contains(&elapsed), "after {elapsed:?}");
}

#[test]
fn the_builder_of_a_link_has_its_own_deadline() {
    let (client, _listener) = client_of_a_silent_peer();
    let start = Instant::now();
    let error = client
        .queue_receiver("orders")
        .operation_timeout(SHORT)
        .open()
        .expect_err("nobody answers");
    let elapsed = start.elapsed();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error}");
    assert!(
        elapsed < SHORT + Duration::from_millis(500),
        "after {elapsed:?}"
    );
}

#[test]
fn nobody_listening_is_an_error_at_once() {
    let (client, listener) = client_of_a_silent_peer();
    drop(listener);
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::Communication, "{error}");
    assert!(error.is_retryable());
}

#[test]
fn a_deadline_of_zero_is_a_timeout_and_the_handle_stays_good() {
    let orders = Orders::new();
    let sender = orders.sender();
    let error = sender
        .with_timeout(Duration::ZERO)
        .send_messages(servicebus::Message::new("a"))
        .map_or_else(|error| error.kind(), |()| ErrorKind::OperationTimeout);
    assert_eq!(error, ErrorKind::OperationTimeout);
    sender
        .send_messages(servicebus::Message::new("b"))
        .expect("it is stored");
}

#[test]
fn the_wait_for_messages_is_not_limited_by_the_operation_timeout() {
    let orders = Orders::new();
    let receiver = orders.receiver().with_timeout(SHORT);
    let start = Instant::now();
    let none = receiver
        .next_message(SHORT * 4)
        .expect("nothing is no error");
    assert!(none.is_none());
    let elapsed = start.elapsed();
    assert!((SHORT * 4..LONG).contains(&elapsed), "after {elapsed:?}");
}

#[test]
fn a_wait_for_messages_ends_in_time_on_a_peer_that_fell_silent() {
    let orders = Orders::new();
    let receiver = orders.receiver().with_timeout(LONG);
    orders
        .emulator
        .inject(Fault::stall_reads())
        .expect("the fault is valid");
    let start = Instant::now();
    let error = receiver
        .next_message(DEADLINE)
        .expect_err("the credit is not given back");
    let elapsed = start.elapsed();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error}");
    assert!((DEADLINE..LATEST).contains(&elapsed), "after {elapsed:?}");
    // The client need not wait for the emulator with its goodbye.
    orders.emulator.clear_faults();
}
