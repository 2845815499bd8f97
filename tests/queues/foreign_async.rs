//! Calls from inside somebody else's asynchronous code: they block its thread, and work.

use std::future::Future;

use servicebus::{Client, Message};
use servicebus_emulator::Emulator;
use tokio::runtime::{Builder, Runtime};

use crate::orders::LONG;

fn use_everything(connection_string: &str) {
    let client = Client::from_connection_string(connection_string).expect("the string is good");
    let sender = client.queue_sender("orders").open().expect("it opens");
    sender
        .send_messages(Message::new("a"))
        .expect("it is stored");
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    let message = receiver
        .next_message(LONG)
        .expect("it comes")
        .expect("a message");
    receiver
        .complete_message(&message)
        .expect("it is completed");
    receiver
        .peek_messages(1, None)
        .expect("nothing is no error");
    sender.close().expect("it closes");
    // The rest closes by being dropped.
}

fn run(runtime: &Runtime, body: impl Future<Output = ()>) {
    runtime.block_on(body);
}

fn current_thread() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the runtime starts")
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("the runtime starts")
}

fn emulator() -> Emulator {
    Emulator::builder()
        .queue("orders")
        .start()
        .expect("the emulator starts")
}

#[test]
fn in_block_on() {
    let emulator = emulator();
    for runtime in [current_thread(), multi_thread()] {
        run(&runtime, async {
            use_everything(&emulator.connection_string())
        });
    }
}

#[test]
fn in_a_task() {
    let emulator = emulator();
    for runtime in [current_thread(), multi_thread()] {
        let text = emulator.connection_string();
        run(&runtime, async {
            tokio::spawn(async move { use_everything(&text) })
                .await
                .expect("no panic");
        });
    }
}

#[test]
fn in_a_blocking_job_and_a_local_set() {
    let emulator = emulator();
    let text = emulator.connection_string();
    run(&multi_thread(), async {
        let text = text.clone();
        tokio::task::spawn_blocking(move || use_everything(&text))
            .await
            .expect("no panic");
    });
    let local = tokio::task::LocalSet::new();
    local.block_on(&current_thread(), async { use_everything(&text) });
}
