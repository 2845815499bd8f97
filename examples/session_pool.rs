//! Processes any number of sessions with a few threads, each session by one thread at a time.
//!
//! `SERVICE_BUS_CONNECTION_STR`, `SERVICE_BUS_SESSION_QUEUE_NAME` and `SERVICE_BUS_SESSION_ID` name the service; without
//! them an emulator runs in this process.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod session_service;

use std::error::Error;
use std::thread;
use std::time::Duration;

use servicebus::{AutoLockRenewer, Client, ErrorKind, Message};

use session_service::SessionService;

fn main() -> Result<(), Box<dyn Error>> {
    let service = SessionService::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let sender = client.queue_sender(&service.queue).open()?;
    let messages: Vec<_> = (0..12)
        .map(|n| {
            Message::new(format!("message {n}")).with_session_id(format!(
                "{} {}",
                service.session,
                n % 4
            ))
        })
        .collect();
    for result in sender.send_all(&messages) {
        result?;
    }

    let renewer = AutoLockRenewer::new();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| work(&client, &service.queue, &renewer)))
            .collect();
        let mut processed = 0;
        for worker in workers {
            processed += worker.join().map_err(|_| "a worker panicked")??;
        }
        println!("{processed} messages processed");
        Ok(())
    })
}

/// Takes one session after the other until none with messages has been free for a second.
fn work(client: &Client, queue: &str, renewer: &AutoLockRenewer) -> servicebus::Result<usize> {
    let mut processed = 0;
    loop {
        let session = client
            .queue_receiver(queue)
            .next_available_session(Duration::from_secs(1))
            .auto_lock_renewer(renewer)
            .max_wait_time(Duration::from_millis(200))
            .open();
        let receiver = match session {
            Ok(receiver) => receiver,
            Err(error) if error.kind() == ErrorKind::OperationTimeout => return Ok(processed),
            Err(error) => return Err(error),
        };
        for message in &receiver {
            receiver.complete_message(&message?)?;
            processed += 1;
        }
    }
}
