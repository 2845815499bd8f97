//! Sets a message aside until the one that must come before it has been processed.
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
    sender.send_messages(vec![
        Message::new("paint").with_subject("step 2"),
        Message::new("sand").with_subject("step 1"),
    ])?;

    let receiver = client
        .queue_receiver(&service.queue)
        .max_wait_time(Duration::from_secs(1))
        .open()?;
    let mut set_aside = Vec::new();
    for message in &receiver {
        let message = message?;
        if message.subject() == Some("step 1") {
            println!("done: {message}");
            receiver.complete_message(&message)?;
        } else {
            // From now on only its number brings it back.
            receiver.defer_message(&message)?;
            set_aside.extend(message.sequence_number());
        }
    }
    for message in receiver.receive_deferred_messages(&set_aside)? {
        println!("then: {message}");
        receiver.complete_message(&message)?;
    }

    Ok(())
}
