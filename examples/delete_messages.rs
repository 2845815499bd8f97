//! Deletes messages without receiving them: some, then all that are left.
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
    let messages = (0..25).map(|n| Message::new(format!("old {n}")));
    for result in sender.send_all(messages) {
        result?;
    }

    let receiver = client.queue_receiver(&service.queue).open()?;
    let deleted = receiver.delete_messages(10, None)?;
    println!("deleted {deleted} of the oldest");
    // However many there are; so many calls to the service take their time.
    let purged = receiver
        .with_timeout(Duration::from_secs(600))
        .purge_messages(None)?;
    println!("purged {purged}");
    println!("{} left", receiver.peek_all_messages(None).count());

    Ok(())
}
