//! Corrects dead-lettered messages, and sends them again in one transaction with their removal.
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
    sender.send_messages(Message::new("10 kg").with_subject("weight"))?;
    let receiver = client.queue_receiver(&service.queue).open()?;
    if let Some(message) = receiver.next_message(Duration::from_secs(5))? {
        let why = DeadLetterOptions::new().with_reason("NotANumber");
        receiver.dead_letter_message_with(&message, why)?;
    }

    let dead_letters = client
        .queue_receiver(&service.queue)
        .sub_queue(SubQueue::DeadLetter)
        .max_wait_time(Duration::from_secs(1))
        .open()?;
    for message in &dead_letters {
        let message = message?;
        if message.dead_letter_reason() != Some("NotANumber") {
            dead_letters.abandon_message(&message)?;
            continue;
        }
        // A message to send again, without what the service had written into it.
        let text = message.to_string();
        let corrected = message.to_message().with_body(text.trim_end_matches(" kg"));
        let transaction = client.transaction()?;
        transaction.send_messages(&sender, corrected)?;
        transaction.complete_message(&dead_letters, &message)?;
        transaction.commit()?;
    }

    if let Some(message) = receiver.next_message(Duration::from_secs(5))? {
        println!(
            "corrected: {message} ({})",
            message.subject().unwrap_or("?")
        );
        receiver.complete_message(&message)?;
    }

    Ok(())
}
