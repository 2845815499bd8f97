//! Completes a message, and abandons another one, which then comes again.
//!
//! `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME` name the service; without them an emulator runs in this
//! process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod service;

use std::error::Error;
use std::time::Duration;

use servicebus::{AbandonOptions, Client, Message};

use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let sender = client.queue_sender(&service.queue).open()?;
    sender.send_messages(vec![Message::new("easy"), Message::new("hard")])?;

    let receiver = client
        .queue_receiver(&service.queue)
        .max_wait_time(Duration::from_secs(1))
        .open()?;
    for message in &receiver {
        let message = message?;
        if message.body() == b"hard" && message.delivery_count() == 0 {
            // Available again at once; the change is part of the next delivery.
            let options = AbandonOptions::new().with_property("attempt", 2i32);
            receiver.abandon_message_with(&message, options)?;
            println!("abandoned: {message}");
        } else {
            receiver.complete_message(&message)?;
            let attempt = message.application_properties().get("attempt");
            println!("completed: {message} (attempt: {attempt:?})");
        }
    }

    Ok(())
}
