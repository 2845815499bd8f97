//! A program that returns from `main` ends at once, whatever its threads wait for.
//!
//! Without the test harness, whose own end would hide it: the program starts itself once more and looks at that one.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "what surprises a test ends it, and it speaks with its own child"
)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use servicebus::{AutoLockRenewer, ClientBuilder, Message};
use servicebus_emulator::Emulator;

const CONNECTION_STRING: &str = "SERVICE_BUS_CONNECTION_STR";
const LEAVING: &str = "leaving main";

/// Far less than any time-out of the client.
const AT_ONCE: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(60);

fn main() {
    match std::env::var(CONNECTION_STRING) {
        Ok(text) => leave_threads_waiting(&text),
        Err(_unset) => a_program_ends_while_its_calls_wait(),
    }
}

fn a_program_ends_while_its_calls_wait() {
    let emulator = Emulator::builder()
        .queue("orders")
        .queue("empty")
        .start()
        .expect("the emulator starts");
    let program = std::env::current_exe().expect("it has a path");
    let child = Command::new(program)
        .env(CONNECTION_STRING, emulator.connection_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut child = EndOnDrop(child);
    let output = child.0.stdout.take().expect("it is piped");
    let lines = BufReader::new(output).lines();
    let left = lines.map_while(Result::ok).any(|line| line == LEAVING);
    assert!(left, "it did not get so far: {:?}", child.0.wait());
    let leaving = Instant::now();
    let status = loop {
        if let Some(status) = child.0.try_wait().expect("it can be asked") {
            break status;
        }
        assert!(leaving.elapsed() < AT_ONCE, "it has not ended");
        thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{status}");
}

/// What the second program does: it returns with everything open, and calls in the midst of waiting.
fn leave_threads_waiting(text: &str) {
    let client = ClientBuilder::from_connection_string(text)
        .expect("the string is good")
        .on_connection_event(|_event| {})
        .build()
        .expect("it is built");
    let renewer = AutoLockRenewer::new();
    let sender = client.queue_sender("orders").open().expect("it opens");
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    sender.send_messages(Message::new("a")).expect("stored");
    let message = receiver
        .next_message(LONG)
        .expect("it comes")
        .expect("a message");
    renewer
        .register(&receiver, &message, LONG)
        .expect("it is renewed");
    let empty = client.queue_receiver("empty").open().expect("it opens");
    let (tell, told) = mpsc::channel();
    for _ in 0..4 {
        let (tell, empty) = (tell.clone(), empty.clone());
        thread::spawn(move || {
            tell.send(()).expect("the main thread listens");
            empty.next_message(None)
        });
    }
    for _ in 0..4 {
        told.recv_timeout(LONG).expect("the threads start");
    }
    // A peek comes back after the calls of the threads have been on the client's thread.
    empty.peek_messages(1, None).expect("nothing is shown");
    println!("{LEAVING}");
}

/// A child that does not outlive the test.
struct EndOnDrop(Child);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
