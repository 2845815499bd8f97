//! What a file says, and what is wrong with it.

use super::*;
use crate::broker::EntitySettings;
use crate::initial_entities::NewEntity;

fn contents(text: &str) -> Contents {
    read(text).unwrap_or_else(|defect| panic!("{text}: {defect:?}"))
}

/// What has no effect in a text, with its places.
fn without_effect(text: &str) -> Vec<String> {
    let remarks = contents(text).without_effect.into_iter();
    let shown = remarks.map(|(at, what)| format!("{}: {what}", Place::new(text, at)));
    shown.collect()
}

fn queues(text: &str) -> String {
    format!(
        r#"{{"UserConfig": {{"Namespaces": [{{"Name": "sbemulatorns", "Queues": [{text}]}}]}}}}"#
    )
}

fn settings(text: &str) -> EntitySettings {
    let text = queues(&format!(r#"{{"Name": "q", "Properties": {text}}}"#));
    match contents(&text).entities.pop() {
        Some(Found {
            entity: NewEntity::Queue { options, .. },
            ..
        }) => options.0,
        other => panic!("{text}: {other:?}"),
    }
}

#[track_caller]
fn assert_wrong(text: &str, expected: &str) {
    let defect = read(text).unwrap_err();
    let place = Place::new(text, defect.at);
    assert_eq!(format!("{place}: {}", defect.reason), expected, "{text}");
}

#[test]
fn what_is_not_said_is_as_in_the_emulator_of_microsoft() {
    use std::time::Duration;
    let expected = EntitySettings {
        default_message_time_to_live: Duration::from_secs(3_600),
        duplicate_detection_history_time_window: Duration::from_secs(20),
        max_delivery_count: 3,
        ..EntitySettings::default()
    };
    assert_eq!(settings("{}"), expected);
    assert_eq!(settings("null"), expected);
    let unset = r#"{"ForwardTo": "", "LockDuration": "", "MaxDeliveryCount": null}"#;
    assert_eq!(settings(unset), expected);
}

#[test]
fn a_file_may_be_written_as_dotnet_reads_it() {
    let settings = settings(
        r#"{ // a comment
            "requiressession": "true", /* another */
            "MAXDELIVERYCOUNT": "7",
            "UserMetadata": "\u00e9",
        }"#,
    );
    assert!(settings.requires_session);
    assert_eq!(settings.max_delivery_count, 7);
    assert_eq!(settings.user_metadata.as_deref(), Some("\u{e9}"));
}

#[test]
fn a_wish_for_a_log_file_is_answered() {
    let text = |wish: &str| {
        let config = queues("").replace("]}]}}", r#"]}], "Logging": {"Type": "WISH"}}}"#);
        config.replace("WISH", wish)
    };
    assert!(without_effect(&text("Console")).is_empty());
    for wish in ["File", "File,Console", "Console, File"] {
        let expected = ["1:93: nothing is logged to a file, only to the logger"];
        assert_eq!(without_effect(&text(wish)), expected, "{wish}");
    }
    assert_wrong(
        &text("Syslog"),
        r#"1:93: Type is File, Console or both, not "Syslog""#,
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    assert_wrong("", "1:1: the file is empty");
    assert_wrong("[]", "1:1: the file is an object");
    assert_wrong("{}", "1:1: the file has no UserConfig");
    assert_wrong("{\n  \"UserConfig\": {\n", "2:17: unterminated object");
    assert_wrong(r#"{"UserConfig": {}}"#, "1:16: Namespaces has no namespace");
    let namespace = |text: &str| format!("{{\"UserConfig\": {{\"Namespaces\":\n[{text}]}}}}");
    assert_wrong(&namespace("{}"), "2:2: a namespace has no Name");
    assert_eq!(
        without_effect(&namespace(r#"{"Name": "other"}"#)),
        ["2:11: the namespace is called sbemulatorns all the same"],
    );
    assert_wrong(
        &namespace(r#"{"Name": "sbemulatorns"}, {"Name": "other"}"#),
        "2:28: Namespaces has a second namespace: there is one alone",
    );
    assert_wrong(
        &namespace(r#"{"Name": "sbemulatorns", "Queues": {}}"#),
        "2:37: Queues is a list",
    );
    let queue = |text: &str| {
        namespace(&format!(
            "{{\"Name\": \"sbemulatorns\", \"Queues\": [\n{text}]}}"
        ))
    };
    for (text, expected) in [
        ("{}", "3:1: a queue has no Name"),
        (
            r#"{"Name": "a", "name": "b"}"#,
            "3:15: a queue has name already",
        ),
        (
            r#"{"Name": "é", "Propertys": {}}"#,
            "3:15: a queue cannot have \"Propertys\"",
        ),
        (
            r#"{"Name": "a", "Properties": {"LockDurations": "PT1M"}}"#,
            "3:30: Properties cannot have \"LockDurations\"",
        ),
        (
            r#"{"Name": "a", "Properties": {"LockDuration": "1 minute"}}"#,
            "3:46: LockDuration is a span of ISO 8601, such as PT1M, not \"1 minute\"",
        ),
        (
            r#"{"Name": "a", "Properties": {"MaxDeliveryCount": -1}}"#,
            "3:50: MaxDeliveryCount is a whole number from 0, not \"-1\"",
        ),
        (
            r#"{"Name": "a", "Properties": {"RequiresSession": "yes"}}"#,
            "3:49: RequiresSession is true or false, not \"yes\"",
        ),
        (
            r#"{"Name": "a", "Properties": {"ForwardTo": []}}"#,
            "3:43: ForwardTo is a single value",
        ),
        (r#"{"Name": "a" "Properties": {}}"#, "3:13: expected comma"),
    ] {
        assert_wrong(&queue(text), expected);
    }
}

#[test]
fn what_is_wrong_with_a_rule_is_said_with_its_place() {
    let rule = |properties: &str| {
        let start = r#"{"UserConfig": {"Namespaces": [{"Name": "sbemulatorns", "Topics": [{"Name": "t",
            "Subscriptions": [{"Name": "s", "Rules": [{"Name": "r", "Properties":"#;
        format!("{start}\n{properties}}}]}}]}}]}}]}}}}")
    };
    let as_tools_write_it = r#"{"FilterType": "Sql", "CorrelationFilter": {},
        "SqlFilter": {"SqlExpression": "1=1", "RequiresPreprocessing": false}}"#;
    assert_eq!(
        without_effect(&rule(as_tools_write_it)),
        ["4:72: RequiresPreprocessing has no effect"]
    );
    for (properties, expected) in [
        ("{}", "3:1: Properties has no FilterType"),
        (
            r#"{"FilterType": "Regex"}"#,
            "3:16: FilterType is Sql or Correlation, not \"Regex\"",
        ),
        (
            r#"{"FilterType": "Sql"}"#,
            "3:1: Properties has no SqlFilter",
        ),
        (
            r#"{"FilterType": "Sql", "SqlFilter": {}}"#,
            "3:36: SqlFilter has no SqlExpression",
        ),
        (
            r#"{"FilterType": "Sql", "SqlFilter": {"SqlExpression": "1=1"}, "CorrelationFilter": {"To": "x"}}"#,
            "3:84: CorrelationFilter cannot have \"To\"",
        ),
        (
            r#"{"FilterType": "Correlation", "CorrelationFilter": {"Lable": "x"}}"#,
            "3:53: CorrelationFilter cannot have \"Lable\"",
        ),
        (
            r#"{"FilterType": "Correlation", "CorrelationFilter": {"Properties": {"a": []}}}"#,
            "3:73: a property is a text, a number, true or false",
        ),
    ] {
        assert_wrong(&rule(properties), expected);
    }
}
