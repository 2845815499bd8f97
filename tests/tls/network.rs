//! Handshakes and connections over TLS that the network spoils.

use std::thread;
use std::time::{Duration, Instant};

use servicebus::{ErrorKind, Message};
use servicebus_emulator::Fault;

use crate::secured::{builder, client, emulator, pauses, refused, send, sender, soon, LONG};

const DEADLINE: Duration = Duration::from_millis(300);
const LATEST: Duration = Duration::from_millis(800);

#[test]
fn a_handshake_that_is_cut_is_tried_again() {
    let emulator = emulator();
    let cut = emulator
        .inject(Fault::cut_handshake().times(2))
        .expect("the fault is valid");
    send(&sender(&client(soon(builder(&emulator)))), &emulator);
    assert_eq!(emulator.hits(cut), Some(2));

    let cut = emulator
        .inject(Fault::cut_handshake())
        .expect("the fault is valid");
    let error = refused(soon(builder(&emulator)));
    assert_eq!(error.kind(), ErrorKind::Communication, "{error}");
    assert!(error.is_retryable(), "{error:?}");
    assert_eq!(
        emulator.hits(cut),
        Some(4),
        "the first attempt and three more"
    );
}

#[test]
fn a_handshake_that_stalls_ends_with_the_deadline_of_the_call() {
    let emulator = emulator();
    emulator
        .inject(Fault::stall_handshake())
        .expect("the fault is valid");
    let client = client(builder(&emulator).operation_timeout(DEADLINE));
    let start = Instant::now();
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("nobody answers");
    let elapsed = start.elapsed();
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error}");
    assert!(error.is_retryable(), "{error:?}");
    assert!((DEADLINE..LATEST).contains(&elapsed), "after {elapsed:?}");
}

#[test]
fn a_handshake_that_stalls_costs_one_attempt() {
    let emulator = emulator();
    let stall = emulator
        .inject(Fault::stall_handshake().times(1))
        .expect("the fault is valid");
    let retry = pauses().with_try_timeout(DEADLINE);
    let client = client(builder(&emulator).retry_options(retry));
    send(&sender(&client), &emulator);
    assert_eq!(emulator.hits(stall), Some(1));
}

#[test]
fn close_ends_a_handshake_that_stalls() {
    let emulator = emulator();
    let stall = emulator
        .inject(Fault::stall_handshake())
        .expect("the fault is valid");
    let client = client(builder(&emulator));
    thread::scope(|scope| {
        let opening = scope.spawn(|| client.queue_sender("orders").open());
        let end = Instant::now() + LONG;
        while emulator.hits(stall) != Some(1) {
            assert!(Instant::now() < end, "it never shakes hands");
            thread::sleep(Duration::from_millis(5));
        }
        let start = Instant::now();
        client.clone().close().expect("it closes");
        let error = opening
            .join()
            .expect("no panic")
            .expect_err("it was closed meanwhile");
        let elapsed = start.elapsed();
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
        assert!(elapsed < Duration::from_secs(1), "after {elapsed:?}");
    });
}

#[test]
fn senders_and_receivers_work_on_after_a_reconnection() {
    let emulator = emulator();
    let client = client(soon(builder(&emulator)));
    let sender = sender(&client);
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    for body in ["before", "after", "and after that"] {
        sender
            .send_messages(Message::new(body))
            .expect("it is stored");
        let message = receiver
            .messages()
            .next()
            .expect("no end")
            .expect("no error");
        assert_eq!(message.to_string(), body);
        receiver
            .complete_message(&message)
            .expect("it is completed");
        emulator
            .inject(Fault::cut_stream())
            .expect("the fault is valid");
        // A message that met the end on its way would have an unknown outcome; this may be asked twice.
        let left = receiver.peek_messages(1, None).expect("it connects again");
        assert!(left.is_empty(), "{left:?}");
    }
}
