//! Sends messages to a queue, receives and settles them, and looks into the dead-letter queue.
//!
//! With `SERVICE_BUS_CONNECTION_STR` (and `SERVICE_BUS_QUEUE_NAME`, else `orders`) it speaks to the service, else to the
//! emulator, which it starts in its own process.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::env;
use std::error::Error;
use std::time::Duration;

use servicebus::{Client, DeadLetterOptions, Message, SubQueue};
use servicebus_emulator::Emulator;

fn main() -> Result<(), Box<dyn Error>> {
    env_logger::init();
    let queue = env::var("SERVICE_BUS_QUEUE_NAME").unwrap_or_else(|_| "orders".to_owned());
    let emulator = match env::var("SERVICE_BUS_CONNECTION_STR") {
        Ok(_) => None,
        Err(_) => Some(Emulator::builder().queue(&queue).start()?),
    };
    let connection_string = match &emulator {
        Some(emulator) => emulator.connection_string(),
        None => env::var("SERVICE_BUS_CONNECTION_STR")?,
    };

    let client = Client::from_connection_string(&connection_string)?;
    let sender = client.queue_sender(&queue).open()?;
    sender.send_messages(Message::new("single"))?;
    sender.send_messages(vec![Message::new("first"), Message::new("second")])?;
    println!("sent 3 messages to {queue}");

    let receiver = client
        .queue_receiver(&queue)
        .max_wait_time(Duration::from_secs(1))
        .open()?;
    for message in &receiver {
        let message = message?;
        if message.body() == b"second" {
            let why = DeadLetterOptions::new().with_reason("NotWanted");
            receiver.dead_letter_message_with(&message, why)?;
            println!("dead-lettered: {message}");
        } else {
            receiver.complete_message(&message)?;
            println!("completed: {message}");
        }
    }

    let dead_letters = client
        .queue_receiver(&queue)
        .sub_queue(SubQueue::DeadLetter)
        .open()?;
    for message in dead_letters.receive_messages(10, Duration::from_secs(1))? {
        let reason = message.dead_letter_reason().unwrap_or("no reason");
        println!("in the dead-letter queue: {message} ({reason})");
        dead_letters.complete_message(&message)?;
    }
    Ok(())
}
