//! Every Rust example runs to its end against an emulator, and says what it did.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what surprises a test ends it"
)]

use std::collections::BTreeSet;
use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;
use std::process::Command;

use servicebus_emulator::{Emulator, MessageCounts, QueueOptions};

/// The examples with what each must have said, and how many messages it leaves in the queue.
const EXAMPLES: [(&str, &str, usize); 24] = [
    (
        "quickstart",
        "in the dead-letter queue: second (NotWanted)",
        0,
    ),
    ("send_queue", "sent a batch of 26 messages", 32),
    ("receive_queue", "received: second\nnothing more", 0),
    ("receive_queue_batch", "received: item 5", 0),
    ("settle", "completed: hard (attempt: Some(Int(2)))", 0),
    (
        "dead_letter",
        "not an order (NotAnOrder: it names no article)",
        0,
    ),
    ("peek", "Some(5): item 5", 5),
    ("renew_lock", "completed: a long job", 0),
    ("receive_and_delete", "gone from the queue: second", 0),
    (
        "rules",
        "received: fire (marked by Some(String(\"urgent\")))",
        0,
    ),
    ("auto_lock_renew", "completed: longer", 0),
    ("receive_deferred", "done: sand\nthen: paint", 0),
    ("schedule", "3 wait for their time", 0),
    ("topic_subscription", "received: 0:0\nreceived: sunset", 0),
    ("session_send_receive", "its state: 3 heard", 0),
    ("session_pool", "12 messages processed", 0),
    ("amqp_message", "a value: Ulong(18446744073709551615)", 0),
    ("correct_dead_letters", "corrected: 10 (weight)", 0),
    (
        "failure_and_recovery",
        "MessageAlreadySettled: once is enough",
        0,
    ),
    ("transactions", "- parcel\n- invoice", 0),
    (
        "send_and_settle_many",
        "sent 1000 of 1000\ncompleted 1002",
        0,
    ),
    ("authenticate", "sent by token", 3),
    (
        "delete_messages",
        "deleted 10 of the oldest\npurged 15\n0 left",
        0,
    ),
    ("custom_endpoint", "by way of sb://", 1),
];

/// It takes a namespace and not a connection string, for it has no key.
const WITHOUT_KEY: (&str, &str) = ("token_credential", "received: sent without a key");

/// A program, not an example: the interoperability checks drive it.
const DRIVEN: &str = "interop_peer";

/// Cargo builds examples when it builds all tests, into the folder beside that of the test programs.
fn folder() -> PathBuf {
    let program = std::env::current_exe().expect("the test has a path");
    let deps = program.parent().expect("it lies in a folder");
    deps.with_file_name("examples")
}

fn run(example: &str, variables: &[(&str, &str)]) -> String {
    let output = Command::new(folder().join(format!("{example}{EXE_SUFFIX}")))
        .env_remove("SERVICE_BUS_CONNECTION_STR")
        .env_remove("SERVICE_BUS_FULLY_QUALIFIED_NAMESPACE")
        .env_remove("SERVICE_BUS_QUEUE_NAME")
        .env_remove("SERVICE_BUS_TOPIC_NAME")
        .env_remove("SERVICE_BUS_SUBSCRIPTION_NAME")
        .env_remove("SERVICE_BUS_SESSION_QUEUE_NAME")
        .env_remove("SERVICE_BUS_SESSION_ID")
        .envs(variables.iter().copied())
        .output()
        .unwrap_or_else(|error| {
            panic!("{example}: {error}; a plain `cargo test` builds the examples")
        });
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{example}: {}\n{said}{complaint}",
        output.status
    );
    said
}

#[test]
fn each_runs_with_an_emulator_of_its_own() {
    for (example, words, _) in EXAMPLES {
        let said = run(example, &[]);
        assert!(
            said.contains(words),
            "{example} does not say {words:?}:\n{said}"
        );
    }
}

#[test]
fn each_runs_with_the_service_that_the_environment_names() {
    for (example, words, left) in EXAMPLES {
        let emulator = Emulator::builder()
            .queue("jobs")
            .queue_with("talks", QueueOptions::new().requires_session(true))
            .topic("bulletins")
            .subscription("bulletins", "desk")
            .start()
            .expect("it starts");
        let connection_string = emulator.connection_string();
        let variables = [
            ("SERVICE_BUS_CONNECTION_STR", connection_string.as_str()),
            ("SERVICE_BUS_QUEUE_NAME", "jobs"),
            ("SERVICE_BUS_TOPIC_NAME", "bulletins"),
            ("SERVICE_BUS_SUBSCRIPTION_NAME", "desk"),
            ("SERVICE_BUS_SESSION_QUEUE_NAME", "talks"),
            ("SERVICE_BUS_SESSION_ID", "customer-9"),
        ];
        let said = run(example, &variables);
        assert!(
            said.contains(words),
            "{example} does not say {words:?}:\n{said}"
        );
        let counts = emulator.counts("jobs").expect("the queue exists");
        let MessageCounts {
            active,
            locked,
            dead_lettered,
            ..
        } = counts;
        assert_eq!(
            (active, locked, dead_lettered),
            (left, 0, 0),
            "{example}; the emulator saw\n{}",
            emulator.journal().join("\n")
        );
    }
}

#[test]
fn one_without_a_key_runs_with_an_emulator_of_its_own() {
    let (example, words) = WITHOUT_KEY;
    let said = run(example, &[]);
    assert!(
        said.contains(words),
        "{example} does not say {words:?}:\n{said}"
    );
}

#[test]
fn none_is_left_out() {
    let sources = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
    let found: BTreeSet<String> = std::fs::read_dir(sources)
        .expect("there are examples")
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            Some(name.strip_suffix(".rs")?.to_owned())
        })
        .filter(|name| name != DRIVEN)
        .collect();
    let names = EXAMPLES.iter().map(|(name, ..)| *name);
    let run: BTreeSet<String> = names.chain([WITHOUT_KEY.0]).map(str::to_owned).collect();
    assert_eq!(run, found, "those that run, and those that are there");
}
