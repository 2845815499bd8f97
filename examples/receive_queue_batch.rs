//! Receives several messages in one call.
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
    let messages: Vec<Message> = (1..=5).map(|n| Message::new(format!("item {n}"))).collect();
    sender.send_messages(messages)?;

    let receiver = client.queue_receiver(&service.queue).open()?;
    // Up to ten: waits for the first, then takes what follows.
    for message in receiver.receive_messages(10, Duration::from_secs(5))? {
        println!("received: {message}");
        receiver.complete_message(&message)?;
    }

    Ok(())
}
