//! Both clocks, moved over HTTP.

use serde_json::{json, Value};
use servicebus_emulator::Emulator;

use super::exchange::{exchange, Answer};
use crate::messages::text;
use crate::peer::Peer;

const CLOCK: &str = "/$emulator/clock";
const TRANSPORT_CLOCK: &str = "/$emulator/transport-clock";

fn ask(emulator: &Emulator, method: &str, path: &str, body: &str) -> Answer {
    exchange(emulator, method, path, &[], body)
}

fn clock(emulator: &Emulator) -> Value {
    let answer = ask(emulator, "GET", CLOCK, "");
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

#[test]
fn a_lock_runs_out_when_message_time_is_advanced() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let sender = peer.sender("orders").unwrap();
    peer.send(sender, &text("a"));
    let receiver = peer.receiver("orders", 1);
    peer.receive(receiver);
    let counts = || {
        let counts = emulator.counts("orders").unwrap();
        (counts.active, counts.locked)
    };
    assert_eq!(counts(), (0, 1));
    let answer = ask(&emulator, "POST", CLOCK, r#"{"advance": "PT1M"}"#);
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(counts(), (1, 0));
}

#[test]
fn message_time_stands_still_until_it_is_told_to_go_on() {
    let emulator = Emulator::builder().start().unwrap();
    assert_eq!(clock(&emulator)["frozen"], json!(false));
    let frozen = ask(&emulator, "POST", CLOCK, r#"{"frozen": true}"#);
    assert_eq!(frozen.status, 204, "{frozen:?}");
    let stands = clock(&emulator);
    assert_eq!(stands["frozen"], json!(true));
    assert_eq!(clock(&emulator), stands);
    ask(&emulator, "POST", CLOCK, r#"{"advance": "PT1S"}"#);
    assert_ne!(clock(&emulator)["now"], stands["now"]);
    ask(&emulator, "POST", CLOCK, r#"{"frozen": false}"#);
    assert_eq!(clock(&emulator)["frozen"], json!(false));
}

#[test]
fn transport_time_has_a_clock_of_its_own() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["orders"]);
    let link = peer.sender("orders").unwrap();
    ask(&emulator, "POST", CLOCK, r#"{"frozen": true}"#);
    let before = clock(&emulator);
    let answer = ask(&emulator, "POST", TRANSPORT_CLOCK, r#"{"advance": "PT2H"}"#);
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(clock(&emulator), before);
    peer.wait("detach", |event| match event {
        servicebus_amqp::Event::Detached { link: gone, .. } => (*gone == link).then_some(()),
        servicebus_amqp::Event::Closed { .. } => Some(()),
        _ => None,
    });
}

#[test]
fn a_wish_that_no_clock_knows_is_refused() {
    let emulator = Emulator::builder().start().unwrap();
    for (path, body) in [
        (CLOCK, ""),
        (CLOCK, "{}"),
        (CLOCK, r#"{"advance": 5}"#),
        (CLOCK, r#"{"advance": "-PT1S"}"#),
        (CLOCK, r#"{"advance": "PT1S", "frozen": true}"#),
        (TRANSPORT_CLOCK, r#"{"frozen": true}"#),
    ] {
        let answer = ask(&emulator, "POST", path, body);
        assert_eq!(answer.status, 400, "{path} {body}: {answer:?}");
    }
    assert_eq!(ask(&emulator, "DELETE", CLOCK, "").status, 405);
}
