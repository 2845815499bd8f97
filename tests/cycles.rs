//! Opening and closing, thousands of times, leaves threads, sockets and memory where they were.
//!
//! A test program of its own, with one test: the figures are those of the whole process, emulator included.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

use std::fs;
use std::time::{Duration, Instant};

use servicebus::{Client, Message};
use servicebus_emulator::Emulator;

const CYCLES: usize = 10_000;
/// Each client has a thread, a connection and a token, which an unoptimized build takes its time for.
const CLIENT_CYCLES: usize = if cfg!(debug_assertions) {
    3_000
} else {
    CYCLES
};
/// Until allocator and pools have what they keep.
const WARM_UP: usize = 1_000;
/// Less than two kilobytes a cycle.
const GROWTH_KIB: usize = 16 * 1024;
/// The emulator hears of the last close a little later than the client is done with it.
const SETTLING: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Use {
    threads: usize,
    sockets: usize,
}

fn in_use() -> Use {
    let threads = fs::read_dir("/proc/self/task")
        .expect("proc is mounted")
        .count();
    let descriptors = fs::read_dir("/proc/self/fd").expect("proc is mounted");
    let sockets = descriptors
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|target| target.to_string_lossy().starts_with("socket:"))
        .count();
    Use { threads, sockets }
}

fn resident_kib() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("proc is mounted");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number
        .and_then(|number| number.trim().parse().ok())
        .expect("a size in kB")
}

/// Waits until no more than this is in use. It may be less: a thread that looked a name up ends after a while.
#[track_caller]
fn settles_at(expected: Use, after: &str) {
    let start = Instant::now();
    loop {
        let now = in_use();
        if now.threads <= expected.threads && now.sockets <= expected.sockets {
            return;
        }
        assert!(
            start.elapsed() < SETTLING,
            "{after}: {now:?}, at first {expected:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs the cycles, and compares what is in use afterwards with what was after the warm-up.
#[track_caller]
fn leaves_nothing(what: &str, cycles: usize, cycle: impl Fn()) {
    let before = in_use();
    for _ in 0..WARM_UP {
        cycle();
    }
    settles_at(before, what);
    let memory = resident_kib();
    for _ in WARM_UP..cycles {
        cycle();
    }
    settles_at(before, what);
    let grown = resident_kib().saturating_sub(memory);
    assert!(grown < GROWTH_KIB, "{what}: memory grew by {grown} KiB");
}

#[test]
fn senders_receivers_and_clients_leave_nothing_behind() {
    let emulator = Emulator::builder()
        .queue("orders")
        .start()
        .expect("the emulator starts");
    let text = emulator.connection_string();
    let idle = in_use();

    let client = Client::from_connection_string(&text).expect("the string is good");
    let keeper = client.queue_sender("orders").open().expect("it opens");
    keeper
        .send_messages(Message::new("a"))
        .expect("it is stored");
    leaves_nothing("senders", CYCLES, || {
        drop(client.queue_sender("orders").open().expect("it opens"));
    });
    leaves_nothing("receivers", CYCLES, || {
        let receiver = client.queue_receiver("orders").open().expect("it opens");
        receiver.close().expect("it closes");
    });
    drop((keeper, client));
    settles_at(idle, "the one client");

    leaves_nothing("clients", CLIENT_CYCLES, || {
        let client = Client::from_connection_string(&text).expect("the string is good");
        drop(client.queue_sender("orders").open().expect("it opens"));
        drop(client);
    });
}
