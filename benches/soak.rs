//! The path of received messages for a long time: what the heap of the client holds after each round, and how many
//! allocations a received and completed message takes.
//!
//! `SOAK_SECONDS=600 cargo bench --bench soak`; 20 seconds unless set. The emulator is a process of its own, or the server
//! of `SERVICE_BUS_CONNECTION_STR`. It fails where the heap grows.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark reports on standard output"
)]

mod emulator_process;

use std::alloc::System;
use std::env;
use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use emulator_process::EmulatorProcess;
use servicebus::{Client, Message, Receiver, Sender};
use stats_alloc::{Region, StatsAlloc, INSTRUMENTED_SYSTEM};

#[global_allocator]
static MEMORY: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Outcome<T> = Result<T, Box<dyn Error>>;

const QUEUE: &str = "bench";
const BODY: usize = 1024;
const MESSAGES: usize = 10_000;
const AT_ONCE: usize = 100;
const WAIT: Duration = Duration::from_secs(20);
/// Buffers keep the size that the largest burst had, which comes early but not at once: this part of the time.
const WARM_UP: u32 = 10;
/// More than the heap may hold in the end than after the warm-up: a buffer or two of the sender.
const GROWTH: isize = 8 * 1024 * 1024;
const REPORT_EVERY: Duration = Duration::from_secs(30);

/// What one round took.
struct Round {
    allocations: usize,
    elapsed: Duration,
}

fn main() -> Outcome<()> {
    let seconds = env::var("SOAK_SECONDS").ok().map(|text| text.parse());
    let duration = Duration::from_secs(seconds.transpose()?.unwrap_or(20));
    let (_emulator, connection_string) = match env::var("SERVICE_BUS_CONNECTION_STR") {
        Ok(connection_string) => (None, connection_string),
        Err(_) => {
            let (emulator, connection_string) = EmulatorProcess::start(QUEUE)?;
            (Some(emulator), connection_string)
        }
    };
    let client = Client::from_connection_string(&connection_string)?;
    let sender = client.queue_sender(QUEUE).open()?;
    let receiver = client.queue_receiver(QUEUE).prefetch_count(500).open()?;
    let warming = Instant::now();
    while warming.elapsed() < duration / WARM_UP {
        round(&sender, &receiver)?;
    }
    let warm = Region::new(MEMORY);
    let (started, mut reported) = (Instant::now(), Instant::now());
    let (mut received, mut allocations, mut receiving) = (0, 0, Duration::ZERO);
    println!("warm: {} KiB resident", resident()?);
    while started.elapsed() < duration {
        let round = round(&sender, &receiver)?;
        received += MESSAGES;
        allocations += round.allocations;
        receiving += round.elapsed;
        if reported.elapsed() >= REPORT_EVERY {
            reported = Instant::now();
            let after = started.elapsed();
            println!(
                "{after:.0?}: heap {:+} bytes, {} KiB resident",
                growth(&warm),
                resident()?
            );
        }
    }
    println!(
        "{received} messages of {BODY} bytes received and completed, {:.0}/s: {:.2} allocations each, heap {:+} bytes, {} KiB \
         resident",
        received as f64 / receiving.as_secs_f64(),
        allocations as f64 / received as f64,
        growth(&warm),
        resident()?
    );
    if growth(&warm) > GROWTH {
        return Err("the heap has grown".into());
    }
    Ok(())
}

/// Sends messages, and measures how they are received and completed.
fn round(sender: &Sender, receiver: &Receiver) -> Outcome<Round> {
    let message = Message::new(vec![b'x'; BODY]);
    for sent in sender.send_all(std::iter::repeat_n(&message, MESSAGES)) {
        sent?;
    }
    let (region, started) = (Region::new(MEMORY), Instant::now());
    let mut received = 0;
    while received < MESSAGES {
        let messages = receiver.receive_messages(AT_ONCE, WAIT)?;
        if messages.is_empty() {
            return Err("messages are missing".into());
        }
        received += messages.len();
        for settled in receiver.complete_messages(&messages) {
            settled?;
        }
    }
    Ok(Round {
        allocations: region.change().allocations,
        elapsed: started.elapsed(),
    })
}

/// How much more the heap holds than when the region began.
fn growth(since: &Region<'_, System>) -> isize {
    let change = since.change();
    change.bytes_allocated as isize - change.bytes_deallocated as isize
}

/// What the system says that the process has in memory.
fn resident() -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line
        .unwrap_or_default()
        .trim()
        .trim_end_matches(" kB")
        .parse()?)
}
