//! Sends messages of a session, receives them in their order, and keeps the state of the session.
//!
//! `SERVICE_BUS_CONNECTION_STR`, `SERVICE_BUS_SESSION_QUEUE_NAME` and `SERVICE_BUS_SESSION_ID` name the service; without
//! them an emulator runs in this process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod session_service;

use std::error::Error;
use std::time::Duration;

use servicebus::{Client, Message};

use session_service::SessionService;

fn main() -> Result<(), Box<dyn Error>> {
    let service = SessionService::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let sender = client.queue_sender(&service.queue).open()?;
    let messages = ["hello", "how are you?", "goodbye"]
        .map(|text| Message::new(text).with_session_id(&service.session));
    sender.send_messages(messages)?;

    for id in client.list_queue_sessions(&service.queue, None) {
        println!("there is a session: {}", id?);
    }

    // Nobody else receives from it meanwhile. `next_available_session` takes any that is free.
    let receiver = client
        .queue_receiver(&service.queue)
        .session_id(&service.session)
        .max_wait_time(Duration::from_secs(1))
        .open()?;
    let session = receiver.session().ok_or("it receives from a session")?;
    println!(
        "{}: locked until {:?}",
        session.id(),
        session.locked_until()
    );
    let mut heard = 0;
    for message in &receiver {
        let message = message?;
        println!("received: {message}");
        receiver.complete_message(&message)?;
        heard += 1;
        session.set_state(format!("{heard} heard"))?;
        session.renew_lock()?;
    }
    if let Some(state) = session.state()? {
        println!("its state: {}", String::from_utf8_lossy(&state));
    }
    session.clear_state()?;

    Ok(())
}
