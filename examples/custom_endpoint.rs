//! Connects to a gateway or private link in place of the namespace itself.
//!
//! `SERVICE_BUS_CONNECTION_STR` and `SERVICE_BUS_QUEUE_NAME` name the service; without them an emulator runs in this
//! process. `SERVICE_BUS_CUSTOM_ENDPOINT_ADDRESS` is where to connect to, such as `sb://10.1.0.4:5671`; without it, that is
//! the namespace's own address.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod service;

use std::env;
use std::error::Error;

use servicebus::{parse_connection_string, ClientBuilder, Message};

use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_env()?;
    let parts = parse_connection_string(&service.connection_string)?;
    let namespace = parts.fully_qualified_namespace();
    let own_address = match parts.port() {
        Some(port) => format!("sb://{namespace}:{port}"),
        None => format!("sb://{namespace}"),
    };
    let address = env::var("SERVICE_BUS_CUSTOM_ENDPOINT_ADDRESS").unwrap_or(own_address);

    // Where the certificate that is shown there is the namespace's, add `.tls_server_name(namespace)`.
    let client = ClientBuilder::from_connection_string(&service.connection_string)?
        .custom_endpoint_address(&address)
        .build()?;
    let sender = client.queue_sender(&service.queue).open()?;
    sender.send_messages(Message::new("by another way"))?;
    println!("sent to {namespace} by way of {address}");

    Ok(())
}
