//! Sends and settles many messages at the speed of the network, with a result for each.
//!
//! `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME` name the service; without them an emulator runs in this
//! process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod service;

use std::error::Error;
use std::time::Duration;

use servicebus::{Client, Message};

use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let sender = client.queue_sender(&service.queue).open()?;
    let messages = (0..1_000).map(|n| Message::new(format!("reading {n}")));
    let sent = sender.send_all(messages);
    println!(
        "sent {} of {}",
        sent.iter().filter(|result| result.is_ok()).count(),
        sent.len()
    );

    // The same one by one, without waiting for the answer to the one before.
    let first = sender.submit(Message::new("first"))?;
    let second = sender.submit(Message::new("second"))?;
    first.wait()?;
    second.wait()?;

    let receiver = client
        .queue_receiver(&service.queue)
        .prefetch_count(500)
        .open()?;
    let mut completed = 0;
    while completed < 1_002 {
        let messages = receiver.receive_messages(500, Duration::from_secs(5))?;
        if messages.is_empty() {
            break;
        }
        for (message, result) in messages.iter().zip(receiver.complete_messages(&messages)) {
            match result {
                Ok(()) => completed += 1,
                Err(error) => println!("{message} comes again: {error}"),
            }
        }
    }
    println!("completed {completed}");

    Ok(())
}
