//! What entities hold and what has happened in them.

use serde_json::{json, Value};
use servicebus_emulator::Emulator;

use super::exchange::{exchange, Answer};
use crate::messages::text;
use crate::peer::Peer;

const COUNTS: &str = "/$emulator/counts";

fn ask(emulator: &Emulator, method: &str, path: &str) -> Answer {
    exchange(emulator, method, path, &[], "")
}

fn read(answer: &Answer) -> Value {
    let body = serde_json::from_str(&answer.body);
    body.unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

fn setup() -> Emulator {
    let emulator = Emulator::builder()
        .queue("a/b")
        .topic("news")
        .subscription("news", "all")
        .start()
        .unwrap();
    let mut peer = Peer::authorized(&emulator, &["a/b", "news"]);
    for path in ["a/b", "news", "news"] {
        let sender = peer.sender(path).unwrap();
        peer.send(sender, &text("x"));
    }
    let receiver = peer.receiver("a/b", 1);
    peer.receive(receiver);
    emulator
}

#[test]
fn every_entity_is_listed_with_what_it_holds() {
    let emulator = setup();
    let listed = read(&ask(&emulator, "GET", COUNTS));
    let listed = listed.as_array().unwrap();
    let shown = |entity: &Value| {
        let names = ["path", "active", "locked"].map(|name| entity[name].clone());
        let totals =
            ["enqueued", "passedOn", "delivered"].map(|name| entity["totals"][name].clone());
        json!([names, totals])
    };
    let shown: Vec<Value> = listed.iter().map(shown).collect();
    assert_eq!(
        shown,
        [
            json!([["a/b", 0, 1], [1, 0, 1]]),
            json!([["news", 0, 0], [0, 2, 0]]),
            json!([["news/Subscriptions/all", 2, 0], [2, 0, 0]]),
        ]
    );
}

#[test]
fn one_is_looked_at_by_its_path_as_in_process() {
    let emulator = setup();
    let one = read(&ask(&emulator, "GET", "/$emulator/counts/A/B"));
    assert_eq!(one["path"], "a/b");
    let totals = emulator.totals("a/b").expect("it exists");
    assert_eq!(one["totals"]["delivered"], totals.delivered);
    assert_eq!(totals.delivered, 1);
    let dead = ask(&emulator, "GET", "/%24emulator/counts/a/b/$DeadLetterQueue");
    assert_eq!(read(&dead)["totals"]["enqueued"], 0, "{dead:?}");
    assert_eq!(emulator.totals("nowhere"), None);
}

#[test]
fn what_is_not_there_is_refused() {
    let emulator = setup();
    for (method, path, status) in [
        ("GET", "/$emulator/counts/nowhere", 404),
        ("DELETE", COUNTS, 405),
        ("PUT", "/$emulator/counts/news", 405),
    ] {
        let answer = ask(&emulator, method, path);
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
    }
}
