//! Tells what went wrong by the kind of an error, and what to do about it.
//!
//! `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME` name the service; without them an emulator runs in this
//! process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod service;

use std::error::Error;
use std::time::Duration;

use servicebus::{Client, Error as ServiceBusError, ErrorKind, Message, RetryOptions, Sender};

use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_env()?;
    let client = client_that_retries(&service.connection_string)?;
    let sender = client.queue_sender(&service.queue).open()?;
    send_unless_hopeless(&sender, &Message::new("important"))?;

    if let Err(error) = client.queue_sender("misspelt").open() {
        println!("{:?}: {error}", error.kind());
    }
    let too_large = sender.send_messages(Message::new(vec![0; 300_000_000]));
    if let Err(error) = too_large {
        println!("{:?}: split it up", error.kind());
    }

    let receiver = client.queue_receiver(&service.queue).open()?;
    if let Some(message) = receiver.next_message(Duration::from_secs(5))? {
        receiver.complete_message(&message)?;
        if let Err(error) = receiver.complete_message(&message) {
            println!("{:?}: once is enough", error.kind());
        }
        println!("processed: {message}");
    }

    Ok(())
}

/// Attempts within one call, as many as its deadline has room for.
fn client_that_retries(connection_string: &str) -> servicebus::Result<Client> {
    let retries = RetryOptions::new()
        .with_total(5)
        .with_backoff(Duration::from_millis(200))
        .with_try_timeout(Duration::from_secs(10));
    servicebus::ClientBuilder::from_connection_string(connection_string)?
        .retry_options(retries)
        .operation_timeout(Duration::from_secs(30))
        .build()
}

/// Goes on after the client has given up, where that may help.
fn send_unless_hopeless(sender: &Sender, message: &Message) -> Result<(), ServiceBusError> {
    for round in 1.. {
        let Err(error) = sender.send_messages(message) else {
            break;
        };
        match error.kind() {
            _ if round == 3 => return Err(error),
            // It may be stored: sending it again could make two of it.
            _ if error.is_outcome_unknown() => return Err(error),
            // Somebody has to receive first.
            ErrorKind::QuotaExceeded => std::thread::sleep(Duration::from_secs(10)),
            _ if error.is_retryable() => println!("once more: {error}"),
            _ => return Err(error),
        }
    }
    println!("sent");
    Ok(())
}
