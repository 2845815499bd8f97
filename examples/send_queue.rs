//! Sends one message, a list, and a batch filled as far as the queue takes it.
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
    sender.send_messages(
        Message::new("single")
            .with_subject("greeting")
            .with_application_property("colour", "red"),
    )?;
    println!("sent a message");

    let list: Vec<Message> = (1..=5).map(|n| Message::new(format!("item {n}"))).collect();
    sender.send_messages(&list)?;
    println!("sent a list of {} messages, all or none", list.len());

    let mut batch = sender.create_message_batch()?;
    while batch.try_add(Message::new(vec![0; 10_000])).is_ok() {}
    sender.send_messages(&batch)?;
    println!(
        "sent a batch of {} messages, {} of at most {} bytes",
        batch.len(),
        batch.size_in_bytes(),
        batch.max_size_in_bytes()
    );

    Ok(())
}
