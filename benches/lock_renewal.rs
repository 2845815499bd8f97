//! Two hundred messages with locks of five seconds, kept for a minute by one renewer over loopback TCP.
//!
//! `cargo bench --bench lock_renewal` prints how many locks were lost, and how many requests kept the others.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark reports on standard output"
)]

use std::error::Error;
use std::time::Duration;

use servicebus::{AutoLockRenewer, Client, Message};
use servicebus_emulator::{Emulator, Fault, QueueOptions};

const MESSAGES: usize = 200;
const LOCK: Duration = Duration::from_secs(5);
const KEPT: Duration = Duration::from_secs(60);

fn main() -> Result<(), Box<dyn Error>> {
    let options = QueueOptions::new().lock_duration(LOCK);
    let emulator = Emulator::builder().queue_with("bench", options).start()?;
    let requests = Fault::delay_request(Duration::ZERO).operation("com.microsoft:renew-lock");
    let requests = emulator.inject(requests)?;
    let client = Client::from_connection_string(&emulator.connection_string())?;
    let bodies: Vec<Message> = (0..MESSAGES).map(|n| Message::new(n.to_string())).collect();
    client
        .queue_sender("bench")
        .open()?
        .send_messages(&bodies)?;
    let renewer = AutoLockRenewer::new();
    let receiver = client
        .queue_receiver("bench")
        .auto_lock_renewer(&renewer)
        .open()?;
    let mut messages = Vec::new();
    while messages.len() < MESSAGES {
        messages.extend(receiver.receive_messages(MESSAGES - messages.len(), LOCK)?);
    }
    println!("{MESSAGES} messages, locks of {LOCK:?}, kept for {KEPT:?}");
    std::thread::sleep(KEPT);
    let mut lost = 0;
    for message in &messages {
        if let Err(error) = receiver.complete_message(message) {
            println!("    {error}");
            lost += 1;
        }
    }
    println!("    locks lost: {lost}");
    println!(
        "    requests for renewals: {}",
        emulator.hits(requests).unwrap_or_default()
    );
    Ok(())
}
