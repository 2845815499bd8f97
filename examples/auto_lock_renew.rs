//! Keeps the locks on messages in the background while they are processed.
//!
//! `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME` name the service; without them an emulator runs in this
//! process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod service;

use std::error::Error;
use std::time::Duration;

use servicebus::{AutoLockRenewer, Client, Message};

use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let sender = client.queue_sender(&service.queue).open()?;
    sender.send_messages(vec![Message::new("long"), Message::new("longer")])?;

    let renewer = AutoLockRenewer::builder()
        .max_duration(Duration::from_secs(600))
        .on_failure(|failure| println!("a lock is lost: {}", failure.error()))
        .build();
    // Every message of this receiver is renewed from its arrival until it is settled.
    let receiver = client
        .queue_receiver(&service.queue)
        .auto_lock_renewer(&renewer)
        .open()?;
    for message in receiver.receive_messages(2, Duration::from_secs(5))? {
        // Of one message, more than that can be asked for.
        renewer.register(&receiver, &message, Duration::from_secs(3600))?;
        println!("{message}: locked until {:?}", message.locked_until());
        if let Some(error) = message.auto_renew_error() {
            println!("{message}: stop the work, {error}");
            continue;
        }
        receiver.complete_message(&message)?;
        println!("completed: {message}");
    }

    Ok(())
}
