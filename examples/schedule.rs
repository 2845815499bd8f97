//! Sends messages that appear later, and cancels one of them.
//!
//! `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME` name the service; without them an emulator runs in this
//! process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod service;

use std::error::Error;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use servicebus::{Client, Message, MessageState};

use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let sender = client.queue_sender(&service.queue).open()?;
    let soon = Utc::now() + TimeDelta::milliseconds(500);
    let numbers =
        sender.schedule_messages(vec![Message::new("tea"), Message::new("coffee")], soon)?;
    println!("scheduled {} messages for {soon}", numbers.len());
    // Without a number to cancel it by, a message carries its time itself.
    sender.send_messages(Message::new("cake").with_scheduled_enqueue_time(soon))?;

    let receiver = client
        .queue_receiver(&service.queue)
        .max_wait_time(Duration::from_secs(2))
        .open()?;
    let waiting = receiver.peek_messages(10, None)?;
    let waiting = waiting
        .iter()
        .filter(|message| message.state() == MessageState::Scheduled);
    println!("{} wait for their time", waiting.count());

    sender.cancel_scheduled_messages(&numbers[1..])?;
    for message in &receiver {
        let message = message?;
        println!("received: {message}");
        receiver.complete_message(&message)?;
    }
    println!("the coffee was cancelled");

    Ok(())
}
