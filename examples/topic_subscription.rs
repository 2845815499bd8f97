//! Publishes to a topic, and receives what a subscription gets of it.
//!
//! `SERVICE_BUS_CONNECTION_STR`, `SERVICE_BUS_TOPIC_NAME` and `SERVICE_BUS_SUBSCRIPTION_NAME` name the service; without
//! them an emulator runs in this process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod topic_service;

use std::error::Error;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use servicebus::{Client, Message};

use topic_service::TopicService;

fn main() -> Result<(), Box<dyn Error>> {
    let service = TopicService::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let sender = client.topic_sender(&service.topic).open()?;
    sender.send_messages(Message::new("rain").with_subject("weather"))?;
    sender.send_messages(vec![Message::new("2:1"), Message::new("0:0")])?;
    let soon = Utc::now() + TimeDelta::milliseconds(200);
    sender.schedule_messages(Message::new("sunset"), soon)?;

    let receiver = client
        .subscription_receiver(&service.topic, &service.subscription)
        .max_wait_time(Duration::from_secs(1))
        .open()?;
    for message in &receiver {
        let message = message?;
        println!("received: {message}");
        receiver.complete_message(&message)?;
    }

    Ok(())
}
