//! Renews the lock on a message whose processing takes long.
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
    sender.send_messages(Message::new("a long job"))?;

    let receiver = client.queue_receiver(&service.queue).open()?;
    if let Some(message) = receiver.next_message(Duration::from_secs(5))? {
        println!("{message}: locked until {:?}", message.locked_until());
        for step in 1..=3 {
            let until = receiver.renew_message_lock(&message)?;
            println!("step {step} done, locked until {until}");
        }
        receiver.complete_message(&message)?;
        println!("completed: {message}");
    }

    Ok(())
}
