//! Sends and receives a message as AMQP has it, section by section.
//!
//! `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME` name the service; without them an emulator runs in this
//! process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod service;

use std::error::Error;
use std::time::Duration;

use servicebus::{
    AmqpBody, AmqpHeader, AmqpMessage, AmqpProperties, AmqpValue, ApplicationProperties, Client,
    Message,
};

use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let sender = client.queue_sender(&service.queue).open()?;
    let mut application_properties = ApplicationProperties::new();
    application_properties.insert("attempt", 1_u64);
    let sent = AmqpMessage::new(AmqpBody::Sequence(vec![
        vec![AmqpValue::from("red"), AmqpValue::from(255_i32)],
        vec![AmqpValue::from("green"), AmqpValue::Null],
    ]))
    .with_header(AmqpHeader::new().with_durable(true).with_priority(7))
    .with_properties(AmqpProperties::new().with_content_encoding("none"))
    .with_application_properties(application_properties);
    sender.send_messages(Message::from(sent))?;
    sender.send_messages(Message::new(AmqpValue::Ulong(u64::MAX)))?;

    let receiver = client.queue_receiver(&service.queue).open()?;
    for message in receiver.receive_messages(2, Duration::from_secs(5))? {
        let amqp = message.amqp();
        println!("header: {:?}", amqp.header());
        println!(
            "application properties: {:?}",
            amqp.application_properties()
        );
        match amqp.body() {
            AmqpBody::Data(sections) => println!("{} sections of bytes", sections.len()),
            AmqpBody::Value(value) => println!("a value: {value:?}"),
            other => println!("{other:?}"),
        }
        receiver.complete_message(&message)?;
    }

    Ok(())
}
