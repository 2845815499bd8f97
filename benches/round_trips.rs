//! What calls for many messages save where each round trip to the service takes 20 ms, against an emulator in the
//! process that lets bytes arrive 10 ms late in each direction.
//!
//! `cargo bench --bench round_trips`

#![expect(
    clippy::print_stdout,
    reason = "a benchmark reports on standard output"
)]

use std::error::Error;
use std::time::{Duration, Instant};

use servicebus::{Client, Message, ReceiveMode, ReceivedMessage, Receiver};
use servicebus_emulator::{Emulator, Fault, QueueOptions};

type Outcome<T> = Result<T, Box<dyn Error>>;

const QUEUE: &str = "bench";
const BODY: usize = 1024;
const ONE_WAY: Duration = Duration::from_millis(10);
const ONE_BY_ONE: usize = 100;
const AT_ONCE: usize = 10_000;
const SENT: usize = 200_000;
const ROUNDS: usize = 5;

fn main() -> Outcome<()> {
    let emulator = Emulator::builder()
        .queue_with(
            QUEUE,
            QueueOptions::new().lock_duration(Duration::from_secs(300)),
        )
        .start()?;
    let client = Client::from_connection_string(&emulator.connection_string())?;
    completion(&emulator, &client)?;
    sending(&emulator, &client)
}

fn completion(emulator: &Emulator, client: &Client) -> Outcome<()> {
    send(client, ONE_BY_ONE + AT_ONCE)?;
    let receiver = client.queue_receiver(QUEUE).open()?;
    let messages = take(&receiver, ONE_BY_ONE + AT_ONCE)?;
    let (some, many) = messages.split_at(ONE_BY_ONE);
    let latency = emulator.inject(Fault::latency(ONE_WAY))?;
    let started = Instant::now();
    for message in some {
        receiver.complete_message(message)?;
    }
    let one_by_one = started.elapsed() * (AT_ONCE / ONE_BY_ONE) as u32;
    let started = Instant::now();
    for result in receiver.complete_messages(many) {
        result?;
    }
    let at_once = started.elapsed();
    emulator.clear(latency);
    println!(
        "complete {AT_ONCE} messages: one by one {one_by_one:.1?} ({ONE_BY_ONE} measured), at once {at_once:.1?}, {:.0} \
         times as fast",
        one_by_one.as_secs_f64() / at_once.as_secs_f64()
    );
    Ok(())
}

/// With and without latency in turn, so that whatever else the machine does weighs on both.
fn sending(emulator: &Emulator, client: &Client) -> Outcome<()> {
    let (mut near, mut far) = (Vec::new(), Vec::new());
    send(client, SENT)?;
    empty(client)?;
    for _ in 0..ROUNDS {
        near.push(send(client, SENT)?);
        empty(client)?;
        let latency = emulator.inject(Fault::latency(ONE_WAY))?;
        far.push(send(client, SENT)?);
        emulator.clear(latency);
        empty(client)?;
    }
    let (near, far) = (median(near), median(far));
    println!(
        "send_all of {SENT} messages of {BODY} bytes: {near:.0}/s without latency, {far:.0}/s with it, {:.0} %",
        far / near * 100.0
    );
    Ok(())
}

/// Messages a second.
fn send(client: &Client, count: usize) -> Outcome<f64> {
    let sender = client.queue_sender(QUEUE).open()?;
    let message = Message::new(vec![b'x'; BODY]);
    let started = Instant::now();
    for result in sender.send_all(std::iter::repeat_n(&message, count)) {
        result?;
    }
    Ok(count as f64 / started.elapsed().as_secs_f64())
}

fn take(receiver: &Receiver, count: usize) -> Outcome<Vec<ReceivedMessage>> {
    let mut messages = Vec::with_capacity(count);
    while messages.len() < count {
        let more = receiver.receive_messages(count - messages.len(), Duration::from_secs(5))?;
        if more.is_empty() {
            return Err("messages are missing".into());
        }
        messages.extend(more);
    }
    Ok(messages)
}

fn empty(client: &Client) -> Outcome<()> {
    let receiver = client
        .queue_receiver(QUEUE)
        .receive_mode(ReceiveMode::ReceiveAndDelete)
        .open()?;
    while !receiver.receive_messages(2_000, Duration::ZERO)?.is_empty() {}
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
