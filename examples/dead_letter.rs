//! Moves a message to the dead-letter queue, and receives it from there.
//!
//! `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME` name the service; without them an emulator runs in this
//! process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod service;

use std::error::Error;
use std::time::Duration;

use servicebus::{Client, DeadLetterOptions, Message, SubQueue};

use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let sender = client.queue_sender(&service.queue).open()?;
    sender.send_messages(Message::new("not an order"))?;

    let receiver = client.queue_receiver(&service.queue).open()?;
    if let Some(message) = receiver.next_message(Duration::from_secs(5))? {
        let why = DeadLetterOptions::new()
            .with_reason("NotAnOrder")
            .with_error_description("it names no article");
        receiver.dead_letter_message_with(&message, why)?;
        println!("dead-lettered: {message}");
    }

    let dead_letters = client
        .queue_receiver(&service.queue)
        .sub_queue(SubQueue::DeadLetter)
        .open()?;
    for message in dead_letters.receive_messages(10, Duration::from_secs(5))? {
        println!(
            "in the dead-letter queue: {message} ({}: {})",
            message.dead_letter_reason().unwrap_or("no reason"),
            message
                .dead_letter_error_description()
                .unwrap_or("no description"),
        );
        dead_letters.complete_message(&message)?;
    }

    Ok(())
}
