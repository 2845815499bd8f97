//! Looks at the messages of a queue without locking them.
//!
//! `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME` name the service; without them an emulator runs in this
//! process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod service;

use std::error::Error;

use servicebus::{Client, Message};

use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let sender = client.queue_sender(&service.queue).open()?;
    let messages: Vec<Message> = (1..=5).map(|n| Message::new(format!("item {n}"))).collect();
    sender.send_messages(messages)?;

    let receiver = client.queue_receiver(&service.queue).open()?;
    // Each call goes on where the last one ended.
    loop {
        let messages = receiver.peek_messages(2, None)?;
        if messages.is_empty() {
            break;
        }
        for message in messages {
            println!("{:?}: {message}", message.sequence_number());
        }
    }

    Ok(())
}
