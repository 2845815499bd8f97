//! Many locks are kept by one thread, with few requests. A test of its own: it counts the threads of its process.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

use std::time::{Duration, Instant};

use servicebus::{AutoLockRenewer, Client, Message};
use servicebus_emulator::{Emulator, Fault, QueueOptions};

const MESSAGES: usize = 200;
const LOCK: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_secs(60);

/// How many threads of this process have the renewer's name, which Linux cuts after 15 bytes.
#[cfg(target_os = "linux")]
fn renewer_threads() -> usize {
    std::fs::read_dir("/proc/self/task")
        .expect("Linux lists the threads")
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .filter(|name| name.trim() == "servicebus-rene")
        .count()
}

#[cfg(target_os = "linux")]
#[test]
fn two_hundred_locks_take_one_thread_and_few_requests() {
    let options = QueueOptions::new().lock_duration(LOCK);
    let emulator = Emulator::builder()
        .queue_with("orders", options)
        .start()
        .expect("the emulator starts");
    // No lock runs out because the machine is slow.
    emulator.freeze();
    let requests = Fault::delay_request(Duration::ZERO).operation("com.microsoft:renew-lock");
    let requests = emulator.inject(requests).expect("the fault is valid");
    let client =
        Client::from_connection_string(&emulator.connection_string()).expect("the string is good");
    let bodies: Vec<Message> = (0..MESSAGES).map(|n| Message::new(n.to_string())).collect();
    let sender = client.queue_sender("orders").open().expect("it opens");
    sender.send_messages(&bodies).expect("they are stored");
    let renewer = AutoLockRenewer::new();
    let receiver = client
        .queue_receiver("orders")
        .auto_lock_renewer(&renewer)
        .open()
        .expect("it opens");
    let mut messages = Vec::new();
    while messages.len() < MESSAGES {
        let some = receiver.receive_messages(MESSAGES - messages.len(), LONG);
        messages.extend(some.expect("they come"));
    }
    // Two renewals of each, over more time than a lock lasts.
    for _ in 0..2 {
        emulator.advance(LOCK * 3 / 5);
        let before: Vec<_> = messages.iter().map(|m| m.locked_until()).collect();
        let start = Instant::now();
        while messages
            .iter()
            .zip(&before)
            .any(|(message, before)| message.locked_until() <= *before)
        {
            assert!(start.elapsed() < LONG, "{}", emulator.journal().join("\n"));
            std::thread::sleep(Duration::from_millis(5));
            emulator.advance(Duration::from_millis(1));
        }
    }
    assert_eq!(renewer_threads(), 1);
    let requests = emulator.hits(requests).expect("the fault is set");
    assert!(requests <= 20, "{requests} requests for 400 renewals");
    for message in &messages {
        assert!(message.auto_renew_error().is_none());
        let completed = receiver.complete_message(message);
        assert!(completed.is_ok(), "{completed:?}");
    }
    renewer.close().expect("it ends");
    assert_eq!(renewer_threads(), 0);
}
