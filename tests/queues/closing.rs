//! Closing from anywhere, and dropping in any order.

use std::thread;
use std::time::{Duration, Instant};

use servicebus::{ErrorKind, Message, Receiver};

use crate::orders::{next, Orders, LONG, SHORT};

/// Runs `wait` in a thread that blocks in the emulator's view: the receiver has granted credit. Closes meanwhile.
fn close_while<T: Send>(
    orders: &Orders,
    receiver: &Receiver,
    wait: impl FnOnce(&Receiver) -> T + Send,
    close: impl FnOnce(),
) -> T {
    let start = Instant::now();
    let result = thread::scope(|scope| {
        let (started, starting) = std::sync::mpsc::channel();
        let waiting = scope.spawn(move || {
            // Fails only where the test has.
            started.send(()).ok();
            wait(receiver)
        });
        starting.recv().expect("the thread runs");
        close();
        waiting.join().expect("no panic")
    });
    let elapsed = start.elapsed();
    assert!(
        elapsed < Duration::from_secs(1),
        "it took {elapsed:?}\n{}",
        orders.seen()
    );
    result
}

#[test]
fn closing_the_receiver_ends_a_blocked_call() {
    let orders = Orders::new();
    let receiver = orders.receiver();
    let result = close_while(
        &orders,
        &receiver,
        |receiver| receiver.next_message(None),
        || receiver.clone().close().expect("it closes"),
    );
    let error = result.expect_err("it is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    assert_eq!(error.entity(), Some("orders"));
}

#[test]
fn closing_the_client_ends_a_blocked_call() {
    let orders = Orders::new();
    let receiver = orders.receiver();
    let result = close_while(
        &orders,
        &receiver,
        |receiver| receiver.receive_messages(10, LONG),
        || orders.client.close().expect("it closes"),
    );
    assert_eq!(result.expect_err("it is closed").kind(), ErrorKind::Closed);
}

#[test]
fn a_closed_receiver_ends_an_iterator_with_none() {
    let orders = Orders::new();
    let receiver = orders
        .client
        .queue_receiver("orders")
        .open()
        .expect("it opens");
    let items = close_while(
        &orders,
        &receiver,
        |receiver| receiver.messages().count(),
        || receiver.close().expect("it closes"),
    );
    assert_eq!(items, 0);
}

#[test]
fn every_call_on_a_closed_handle_says_so() {
    let orders = Orders::holding(&["a"]);
    let (sender, receiver) = (orders.sender(), orders.receiver());
    let message = next(&receiver);
    sender.close().expect("it closes");
    receiver.close().expect("it closes");
    let kinds = [
        sender
            .send_messages(Message::new("b"))
            .map_err(|e| e.kind()),
        sender
            .create_message_batch()
            .map(drop)
            .map_err(|e| e.kind()),
        receiver.next_message(SHORT).map(drop).map_err(|e| e.kind()),
        receiver
            .peek_messages(1, None)
            .map(drop)
            .map_err(|e| e.kind()),
        receiver
            .renew_message_lock(&message)
            .map(drop)
            .map_err(|e| e.kind()),
        receiver.complete_message(&message).map_err(|e| e.kind()),
    ];
    assert_eq!(kinds, [Err(ErrorKind::Closed); 6]);
    orders
        .receiver()
        .complete_message(&message)
        .expect("nothing had left");
    sender.close().expect("a second close does nothing");
    receiver.close().expect("a second close does nothing");
}

#[test]
fn nothing_opens_on_a_closed_client() {
    let orders = Orders::new();
    orders.client.close().expect("it closes");
    let error = orders
        .client
        .queue_sender("orders")
        .open()
        .expect_err("it is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    orders.client.close().expect("a second close does nothing");
}

#[test]
fn clones_keep_the_link() {
    let orders = Orders::new();
    let sender = orders.sender();
    let clone = sender.clone();
    drop(sender);
    clone
        .send_messages(Message::new("a"))
        .expect("the link stands");
    orders.assert_counts(1, 0, 0);
}

#[test]
fn links_outlive_the_client_handle() {
    let Orders { client, emulator } = Orders::holding(&["a"]);
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    let sender = client.queue_sender("orders").open().expect("it opens");
    drop(client);
    sender
        .send_messages(Message::new("b"))
        .expect("it is stored");
    let message = next(&receiver);
    drop(sender);
    receiver
        .complete_message(&message)
        .expect("it is completed");
    drop(receiver);
    assert_eq!(
        emulator.counts("orders").map(|counts| counts.active),
        Some(1)
    );
    drop(message);
}

#[test]
fn dropping_is_quick_after_the_emulator_is_gone() {
    let Orders { client, emulator } = Orders::new();
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    let sender = client.queue_sender("orders").open().expect("it opens");
    drop(emulator);
    let start = Instant::now();
    drop((sender, receiver, client));
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(1), "it took {elapsed:?}");
}
