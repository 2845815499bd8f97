//! Receives messages one at a time until none has come for a while.
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
    sender.send_messages(vec![Message::new("first"), Message::new("second")])?;

    let receiver = client
        .queue_receiver(&service.queue)
        .max_wait_time(Duration::from_secs(1))
        .open()?;
    for message in &receiver {
        let message = message?;
        println!("received: {message}");
        receiver.complete_message(&message)?;
    }
    println!("nothing more has come");

    Ok(())
}
