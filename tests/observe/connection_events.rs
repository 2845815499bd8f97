//! The callback that is told what happens to the connection.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use servicebus::{
    Client, ClientBuilder, ConnectionEvent, ErrorKind, Message, RetryMode, RetryOptions,
};

use crate::orders::{builder, emulator, Orders, LONG};

/// A callback that passes events on, in words.
fn telling(client: ClientBuilder) -> (ClientBuilder, Receiver<String>) {
    let (tell, told) = mpsc::channel();
    let client = client.on_connection_event(move |event| {
        tell.send(in_words(event)).ok();
    });
    (client, told)
}

fn in_words(event: &ConnectionEvent) -> String {
    match event {
        ConnectionEvent::Lost { cause, .. } => format!("Lost {:?}", cause.kind()),
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn assert_next(told: &Receiver<String>, expected: &[&str]) {
    for expected in expected {
        let event = told.recv_timeout(LONG).expect("an event comes");
        assert_eq!(event, *expected);
    }
}

#[test]
fn a_restart_is_told_from_the_loss_to_the_new_connection() {
    let first = emulator(0);
    let (client, told) = telling(builder(&first));
    let client = client.build().expect("it is built");
    let sender = client.queue_sender("orders").open().expect("it opens");
    assert_next(&told, &["Connecting", "Connected"]);
    let port = first.port();
    drop(first);
    assert_next(&told, &["Lost Connection"]);
    let second = emulator(port);
    sender
        .send_messages(Message::new("a"))
        .expect("the second emulator stores it");
    assert_next(&told, &["Connecting", "Connected"]);
    client.close().expect("it closes");
    let last = told.try_iter().collect::<Vec<_>>();
    assert_eq!(last, ["Closed"], "{}", second.journal().join("\n"));
}

#[test]
fn each_attempt_that_is_refused_is_told() {
    let emulator = emulator(0);
    let retry = RetryOptions::new()
        .with_total(1)
        .with_mode(RetryMode::Fixed)
        .with_backoff(Duration::from_millis(20));
    let (client, told) = telling(builder(&emulator).retry_options(retry));
    let client = client.build().expect("it is built");
    drop(emulator);
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::Communication, "{error:?}");
    client.close().expect("it closes");
    let told: Vec<_> = told.try_iter().collect();
    let expected = [
        "Connecting",
        "Lost Communication",
        "Connecting",
        "Lost Communication",
        "Closed",
    ];
    assert_eq!(told, expected);
}

#[test]
fn dropping_the_last_handle_is_told_as_a_close() {
    let emulator = emulator(0);
    let (client, told) = telling(builder(&emulator));
    let client = client.build().expect("it is built");
    let sender = client.queue_sender("orders").open().expect("it opens");
    drop((client, sender));
    let told: Vec<_> = told.try_iter().collect();
    assert_eq!(told, ["Connecting", "Connected", "Closed"]);
}

#[test]
fn the_callback_may_call_the_client_and_close_it() {
    let emulator = emulator(0);
    let own: Arc<OnceLock<Client>> = Arc::default();
    let (tell, told) = mpsc::channel();
    let callers = own.clone();
    let client = builder(&emulator)
        .on_connection_event(move |event| {
            let Some(client) = callers.get() else {
                return;
            };
            if matches!(event, ConnectionEvent::Connected) {
                let opened = client.queue_sender("orders").open().map(drop);
                tell.send((opened, client.close())).ok();
            }
        })
        .build()
        .expect("it is built");
    own.set(client.clone()).expect("it is the first");
    // The callback's close may come before it is open.
    client.queue_receiver("orders").open().ok();
    let (opened, closed) = told.recv_timeout(LONG).expect("it is called");
    opened.expect("a call works in the callback");
    closed.expect("a close does not wait for the callback itself");
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("it is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
}

#[test]
fn a_callback_that_panics_is_called_again() {
    let (tell, told) = mpsc::channel();
    let orders = Orders::with_client(|client| {
        client.on_connection_event(move |event| {
            tell.send(in_words(event)).ok();
            panic!("on purpose");
        })
    });
    orders.send(&["a"]);
    orders.client.close().expect("it closes");
    assert_next(&told, &["Connecting", "Connected", "Closed"]);
}

#[test]
fn a_callback_that_blocks_holds_up_no_call() {
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let orders = Orders::with_client(|client| {
        client
            .close_timeout(Duration::from_millis(200))
            .on_connection_event(move |_| {
                let released = released.lock().expect("one call at a time");
                released.recv().ok();
            })
    });
    orders.send(&["a"]);
    let error = orders
        .client
        .close()
        .expect_err("the callback does not return");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    drop(release);
}
