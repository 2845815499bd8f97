//! Takes a connection string apart, and proves by its key in three ways who asks.
//!
//! `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME` name the service; without them an emulator runs in this
//! process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod service;

use std::error::Error;

use chrono::{TimeDelta, Utc};
use servicebus::{parse_connection_string, Client, Credential, Message, SasToken, SharedAccessKey};

use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_env()?;
    let parts = parse_connection_string(&service.connection_string)?;
    let namespace = parts.fully_qualified_namespace();
    let key_name = parts.shared_access_key_name().ok_or("no key name")?;
    let key = parts.shared_access_key().ok_or("no key")?;
    println!("{key_name} of {namespace}");

    let client = set_up(&service, Credential::shared_access_key(key_name, key))?;
    send(&client, &service.queue, "by key")?;

    // A key that is replaced while clients are open.
    let shared = SharedAccessKey::new(key_name, "the old key");
    let client = set_up(&service, shared.clone().into())?;
    shared.update(key_name, key);
    send(&client, &service.queue, "by a key that was replaced")?;

    // A token that was made by somebody who knows the key, for somebody who does not.
    let resource = format!("sb://{namespace}/{}", service.queue);
    let token = SasToken::generate(&resource, key_name, key, Utc::now() + TimeDelta::hours(1));
    let client = set_up(&service, token.into())?;
    send(&client, &service.queue, "by token")?;

    Ok(())
}

fn set_up(service: &Service, credential: Credential) -> Result<Client, Box<dyn Error>> {
    let parts = parse_connection_string(&service.connection_string)?;
    let namespace = match parts.port() {
        Some(port) => format!("{}:{port}", parts.fully_qualified_namespace()),
        None => parts.fully_qualified_namespace().to_owned(),
    };
    let client = Client::builder(namespace, credential)
        .use_development_emulator(parts.uses_development_emulator())
        .build()?;
    Ok(client)
}

fn send(client: &Client, queue: &str, text: &str) -> servicebus::Result<()> {
    let sender = client.queue_sender(queue).open()?;
    sender.send_messages(Message::new(text))?;
    println!("sent {text}");
    Ok(())
}
