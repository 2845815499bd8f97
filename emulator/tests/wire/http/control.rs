//! The emulator's own paths: faults and the record.

use serde_json::{json, Value};
use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_emulator::Emulator;

use super::exchange::{exchange, Answer};
use crate::messages::text;
use crate::peer::Peer;

const FAULTS: &str = "/$emulator/faults";
const RECORD: &str = "/$emulator/record";

fn setup() -> (Emulator, Peer) {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let peer = Peer::authorized(&emulator, &["orders"]);
    (emulator, peer)
}

/// Without a token: none is needed.
fn ask(emulator: &Emulator, method: &str, path: &str, body: &str) -> Answer {
    exchange(emulator, method, path, &[], body)
}

fn read(answer: &Answer) -> Value {
    let body = serde_json::from_str(&answer.body);
    body.unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

#[test]
fn a_fault_is_set_watched_and_cleared() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    let busy = r#"{"kind": "reject-message", "condition": "com.microsoft:server-busy"}"#;
    let answer = ask(&emulator, "POST", FAULTS, busy);
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(read(&answer), json!({ "id": 1 }));
    let state = peer.send_as(link, 0, &text("a"));
    assert!(matches!(state, DeliveryState::Rejected(_)), "{state:?}");
    let shown = json!({ "id": 1, "kind": "reject-message", "hits": 1 });
    let one = format!("{FAULTS}/1");
    assert_eq!(read(&ask(&emulator, "GET", &one, "")), shown);
    assert_eq!(read(&ask(&emulator, "GET", FAULTS, "")), json!([shown]));
    assert_eq!(ask(&emulator, "DELETE", &one, "").status, 204);
    assert_eq!(ask(&emulator, "GET", &one, "").status, 404);
    peer.send(link, &text("b"));
}

#[test]
fn all_faults_are_cleared_at_once_under_an_escaped_path() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    for kind in ["drop-outcome", "stall-reads"] {
        let fault = json!({ "kind": kind }).to_string();
        let answer = ask(&emulator, "POST", "/%24emulator/faults", &fault);
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    assert_eq!(ask(&emulator, "DELETE", FAULTS, "").status, 204);
    assert_eq!(read(&ask(&emulator, "GET", FAULTS, "")), json!([]));
    peer.send(link, &text("a"));
}

#[test]
fn the_record_is_read_with_frames_if_they_are_asked_for() {
    let (emulator, mut peer) = setup();
    let answer = ask(&emulator, "PUT", RECORD, r#"{"frames": true}"#);
    assert_eq!(answer.status, 204, "{answer:?}");
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("a"));
    let record = ask(&emulator, "GET", RECORD, "");
    assert_eq!(record.status, 200, "{record:?}");
    for part in ["-> transfer", "enqueued", "<- disposition"] {
        assert!(record.body.contains(part), "no {part} in {record:?}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_a_reason() {
    let (emulator, _peer) = setup();
    let sasl = r#"{"kind": "refuse-sasl", "entity": "orders"}"#;
    for (method, path, body, status, part) in [
        ("POST", FAULTS, "nonsense", 400, "expected"),
        ("POST", FAULTS, sasl, 400, "entity"),
        ("PUT", FAULTS, "", 405, "method"),
        ("GET", "/$emulator/faults/9", "", 404, "no such fault"),
        ("DELETE", "/$emulator/faults/x", "", 404, "no such fault"),
        ("PUT", RECORD, "{}", 400, "frames"),
        ("PUT", RECORD, r#"{"frames": 1}"#, 400, "frames"),
        ("DELETE", RECORD, "", 405, "method"),
        ("GET", "/$emulator/other", "", 404, "no such path"),
    ] {
        let answer = ask(&emulator, method, path, body);
        assert_eq!(answer.status, status, "{method} {path} {body}: {answer:?}");
        let error = read(&answer)["error"].to_string();
        assert!(error.contains(part), "{method} {path}: {error}");
    }
}
