//! Receives a message and sends its results, both or neither.
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
    let receiver = client.queue_receiver(&service.queue).open()?;
    sender.send_messages(Message::new("order"))?;

    if let Some(order) = receiver.next_message(Duration::from_secs(5))? {
        let transaction = client.transaction()?;
        transaction.complete_message(&receiver, &order)?;
        transaction.send_messages(&sender, Message::new("not to be"))?;
        // The same happens when it is dropped: the message is open again, nothing is sent.
        transaction.rollback()?;

        let transaction = client.transaction()?;
        transaction.complete_message(&receiver, &order)?;
        transaction.send_messages(
            &sender,
            vec![Message::new("parcel"), Message::new("invoice")],
        )?;
        transaction.commit()?;
        println!("{order} became");
    }
    for message in receiver.receive_messages(10, Duration::from_secs(5))? {
        println!("- {message}");
        receiver.complete_message(&message)?;
    }

    Ok(())
}
