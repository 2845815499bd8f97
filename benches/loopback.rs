//! The client against the emulator as a process of its own, over loopback TCP, messages of 1 KiB.
//!
//! `cargo bench --bench loopback` builds the emulator, runs each measurement several times and prints medians. With
//! `SERVICE_BUS_CONNECTION_STR` it measures against that server instead.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark reports on standard output"
)]

mod emulator_process;

use std::env;
use std::error::Error;
use std::time::{Duration, Instant};

use emulator_process::EmulatorProcess;
use servicebus::{Client, Message, ReceiveMode};

type Outcome<T> = Result<T, Box<dyn Error>>;

const QUEUE: &str = "bench";
const BODY: usize = 1024;
const BATCH: usize = 100;
const ROUNDS: usize = 5;
const SINGLE_SENDS: usize = 5_000;
const BATCHES: usize = 200;
const RECEIVED: usize = 5_000;
const DRAINED: usize = 20_000;

fn main() -> Outcome<()> {
    let (emulator, connection_string) = match env::var("SERVICE_BUS_CONNECTION_STR") {
        Ok(connection_string) => (None, connection_string),
        Err(_) => {
            let (emulator, connection_string) = EmulatorProcess::start(QUEUE)?;
            (Some(emulator), connection_string)
        }
    };
    let client = Client::from_connection_string(&connection_string)?;
    println!("client -> emulator process over loopback, {BODY} bytes a message, medians of {ROUNDS} runs");
    let singles = rounds(|| single_sends(&client))?;
    report("single awaited sends", singles.iter().map(|run| run.rate));
    println!(
        "    latency p50 {:.0} us, p99 {:.0} us",
        median(singles.iter().map(|run| run.p50)),
        median(singles.iter().map(|run| run.p99))
    );
    report("sends in batches of 100", rounds(|| batches(&client))?);
    report(
        "receive, then complete each",
        rounds(|| receive_and_complete(&client))?,
    );
    report(
        "receive and delete",
        rounds(|| receive_and_delete(&client))?,
    );
    drop(emulator);
    Ok(())
}

struct Singles {
    rate: f64,
    p50: f64,
    p99: f64,
}

fn single_sends(client: &Client) -> Outcome<Singles> {
    let sender = client.queue_sender(QUEUE).open()?;
    let message = Message::new(vec![b'x'; BODY]);
    let mut latencies = Vec::with_capacity(SINGLE_SENDS);
    let started = Instant::now();
    for _ in 0..SINGLE_SENDS {
        let sent = Instant::now();
        sender.send_messages(&message)?;
        latencies.push(sent.elapsed().as_secs_f64() * 1e6);
    }
    let rate = SINGLE_SENDS as f64 / started.elapsed().as_secs_f64();
    empty(client)?;
    latencies.sort_by(f64::total_cmp);
    Ok(Singles {
        rate,
        p50: latencies[SINGLE_SENDS / 2],
        p99: latencies[SINGLE_SENDS * 99 / 100],
    })
}

fn batches(client: &Client) -> Outcome<f64> {
    let sender = client.queue_sender(QUEUE).open()?;
    let messages = vec![Message::new(vec![b'x'; BODY]); BATCH];
    let started = Instant::now();
    for _ in 0..BATCHES {
        sender.send_messages(&messages)?;
    }
    let rate = (BATCHES * BATCH) as f64 / started.elapsed().as_secs_f64();
    empty(client)?;
    Ok(rate)
}

fn receive_and_complete(client: &Client) -> Outcome<f64> {
    fill(client, RECEIVED)?;
    let receiver = client.queue_receiver(QUEUE).prefetch_count(500).open()?;
    let started = Instant::now();
    for _ in 0..RECEIVED {
        let message = receiver.next_message(Duration::from_secs(5))?;
        receiver.complete_message(&message.ok_or("a message is missing")?)?;
    }
    Ok(RECEIVED as f64 / started.elapsed().as_secs_f64())
}

fn receive_and_delete(client: &Client) -> Outcome<f64> {
    fill(client, DRAINED)?;
    let receiver = client
        .queue_receiver(QUEUE)
        .receive_mode(ReceiveMode::ReceiveAndDelete)
        .prefetch_count(1_000)
        .open()?;
    let started = Instant::now();
    for _ in 0..DRAINED {
        receiver
            .next_message(Duration::from_secs(5))?
            .ok_or("a message is missing")?;
    }
    Ok(DRAINED as f64 / started.elapsed().as_secs_f64())
}

fn fill(client: &Client, count: usize) -> Outcome<()> {
    let sender = client.queue_sender(QUEUE).open()?;
    let messages = vec![Message::new(vec![b'x'; BODY]); BATCH];
    for _ in 0..count / BATCH {
        sender.send_messages(&messages)?;
    }
    Ok(())
}

fn empty(client: &Client) -> Outcome<()> {
    let receiver = client
        .queue_receiver(QUEUE)
        .receive_mode(ReceiveMode::ReceiveAndDelete)
        .open()?;
    while !receiver.receive_messages(2_000, Duration::ZERO)?.is_empty() {}
    Ok(())
}

fn rounds<T>(mut measure: impl FnMut() -> Outcome<T>) -> Outcome<Vec<T>> {
    measure()?;
    (0..ROUNDS).map(|_| measure()).collect()
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn report(name: &str, rates: impl IntoIterator<Item = f64>) {
    println!("{name:<28} {:>9.0} messages/s", median(rates));
}
