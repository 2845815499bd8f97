//! What an emulator has that was started with a `Config.json`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use servicebus_amqp::descriptor::APPLICATION_PROPERTIES;
use servicebus_emulator::{ConfigError, Emulator, StartError};

use crate::messages::{section, text, Arrived};
use crate::peer::{receiver, Peer};

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/Config.json");

/// A file that a test writes.
fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn paid(amount: i32) -> Vec<u8> {
    let mut message = section(APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            writer.put_string("state");
            writer.put_string("paid");
            writer.put_string("amount");
            writer.put_int(amount);
        });
    });
    message.extend(text(&amount.to_string()));
    message
}

#[test]
fn messages_go_where_its_rules_send_them() {
    let emulator = Emulator::builder().config(CONFIG).unwrap().start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["events", "plain"]);
    let sender = peer.sender("events").unwrap();
    for message in [paid(9), paid(12), paid(20), text("other")] {
        peer.send(sender, &message);
    }
    let active = |path: &str| emulator.counts(path).map(|counts| counts.active);
    assert_eq!(active("events/Subscriptions/all"), Some(4));
    assert_eq!(active("events/Subscriptions/paid"), Some(1), "12 alone");
    assert_eq!(active("events/Subscriptions/large"), Some(0), "passed on");
    let receiver = peer.receiver("plain", 5);
    for expected in ["12", "20"] {
        assert_eq!(Arrived::new(&peer.receive(receiver)).text(), expected);
    }
    assert!(peer.receives_nothing(receiver));
}

#[test]
fn its_settings_hold() {
    let emulator = Emulator::builder().config(CONFIG).unwrap().start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["plain", "chats"]);
    let refused = peer.attach(receiver("chats")).unwrap_err();
    let refused = format!("{refused:?}");
    assert!(refused.contains("requires sessions"), "{refused}");
    let sender = peer.sender("plain").unwrap();
    peer.send(sender, &text("a"));
    emulator.advance(Duration::from_secs(3_599));
    let active = || emulator.counts("plain").map(|counts| counts.active);
    assert_eq!(active(), Some(1));
    emulator.advance(Duration::from_secs(1));
    assert_eq!(active(), Some(0), "messages live for an hour");
}

#[test]
fn entities_of_the_builder_stand_beside_those_of_the_file() {
    let builder = Emulator::builder().queue("mine").config(CONFIG).unwrap();
    let emulator = builder.start().unwrap();
    assert!(emulator.counts("mine").is_some());
    assert!(emulator.counts("ORDERS").is_some());
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_the_place() {
    let missing = Emulator::builder().config("no/such/Config.json");
    assert!(
        matches!(missing, Err(ConfigError::Read { .. })),
        "{missing:?}"
    );
    let path = file("unfinished.json", "{\n  \"UserConfig\": [\n");
    let error = Emulator::builder().config(&path).unwrap_err();
    assert!(
        matches!(
            error,
            ConfigError::Invalid {
                line: 2,
                column: 17,
                ..
            }
        ),
        "{error:?}"
    );
    let expected = format!("{}:2:17: unterminated array", path.display());
    assert_eq!(error.to_string(), expected);
}

#[test]
fn an_entity_that_cannot_be_is_named_with_the_place() {
    for (name, entities, place, reason) in [
        (
            "range.json",
            r#""Queues": [{"Name": "q", "Properties": {"LockDuration": "PT4S"}}]"#,
            "2:12",
            "LockDuration is out of range",
        ),
        (
            "target.json",
            r#""Queues": [{"Name": "q", "Properties": {"ForwardTo": "nowhere"}}]"#,
            "2:12",
            "'nowhere'",
        ),
        (
            "rule.json",
            r#""Topics": [{"Name": "t", "Subscriptions": [{"Name": "s", "Rules": [
                {"Name": "r", "Properties": {"FilterType": "Sql", "SqlFilter": {"SqlExpression": "a ="}}}]}]}]"#,
            "3:17",
            "cannot be read",
        ),
    ] {
        let text = format!(
            "{{\"UserConfig\": {{\"Namespaces\": [{{\"Name\": \"sbemulatorns\",\n{entities}}}]}}}}"
        );
        let path = file(name, &text);
        let builder = Emulator::builder().config(&path).unwrap();
        let error = builder.start().unwrap_err();
        let place = format!("{}:{place}: create ", path.display());
        assert!(error.to_string().starts_with(&place), "{place}: {error}");
        assert!(error.to_string().contains(reason), "{reason}: {error}");
        assert!(matches!(error, StartError::Entity { place: Some(_), .. }));
    }
}
