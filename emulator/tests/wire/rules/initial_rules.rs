//! Rules that an emulator starts with.

use servicebus_amqp::descriptor::{APPLICATION_PROPERTIES, PROPERTIES};
use servicebus_emulator::{CorrelationOptions, EmulatorBuilder, RuleOptions, StartError};

use super::*;
use crate::messages::{section, text, Arrived};

fn builder() -> EmulatorBuilder {
    Emulator::builder()
        .topic("events")
        .subscription("events", "audit")
}

/// The bodies of the messages among these that the subscription gets.
fn selected(builder: EmulatorBuilder, messages: &[Vec<u8>]) -> Vec<String> {
    let emulator = builder.start().unwrap();
    let mut peer = Peer::authorized(&emulator, &["events"]);
    let sender = peer.sender("events").unwrap();
    for message in messages {
        peer.send(sender, message);
    }
    let count = emulator.counts(SUBSCRIPTION).expect("it exists").active;
    let receiver = peer.receiver(SUBSCRIPTION, 10);
    (0..count)
        .map(|_| Arrived::new(&peer.receive(receiver)).text())
        .collect()
}

fn with_subject(subject: &str) -> Vec<u8> {
    let mut message = section(PROPERTIES, |writer| {
        writer.put_list(|writer| {
            for _ in 0..3 {
                writer.put_null();
            }
            writer.put_string(subject);
        });
    });
    message.extend(text(subject));
    message
}

fn numbered(number: i32) -> Vec<u8> {
    let mut message = section(APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            writer.put_string("number");
            writer.put_int(number);
        });
    });
    message.extend(text(&number.to_string()));
    message
}

#[test]
fn they_take_the_place_of_the_default_rule() {
    let subject = CorrelationOptions::new().subject("wanted");
    let builder = builder()
        .rule(
            "Events",
            "audit",
            "subject",
            RuleOptions::correlation(subject),
        )
        .rule("events", "AUDIT", "sql", RuleOptions::sql("number > 6"));
    let messages = [
        with_subject("wanted"),
        with_subject("other"),
        numbered(6),
        numbered(7),
    ];
    assert_eq!(selected(builder, &messages), ["wanted", "7"]);
}

#[test]
fn one_of_them_may_be_called_as_the_default_rule_is() {
    let builder = builder()
        .rule("events", "audit", "first", RuleOptions::sql("1=0"))
        .rule(
            "events",
            "audit",
            "$Default",
            RuleOptions::sql("number = 6"),
        );
    assert_eq!(selected(builder, &[numbered(6), numbered(7)]), ["6"]);
}

#[test]
fn an_application_property_is_compared_with_its_type() {
    for (options, expected) in [
        (CorrelationOptions::new().property("number", 7), &["7"][..]),
        (CorrelationOptions::new().property("number", "7"), &[]),
        (CorrelationOptions::new().property("number", 7.0), &[]),
        (CorrelationOptions::new().property("number", true), &[]),
    ] {
        let rule = RuleOptions::correlation(options.clone());
        let builder = builder().rule("events", "audit", "number", rule);
        let bodies = selected(builder, &[numbered(6), numbered(7)]);
        assert_eq!(bodies, expected, "{options:?}");
    }
}

#[test]
fn what_is_no_rule_of_a_subscription_is_refused() {
    let all = || RuleOptions::sql("1=1");
    let nothing = RuleOptions::correlation(CorrelationOptions::new().subject(""));
    for (builder, text) in [
        (
            builder().rule("events", "none", "r", all()),
            "could not be found",
        ),
        (
            builder().rule("events", "audit", "r", RuleOptions::sql("number >")),
            "cannot be read",
        ),
        (
            builder().rule("events", "audit", "r", nothing),
            "At least one",
        ),
        (builder().rule("events", "audit", "a/b", all()), "no valid"),
        (
            builder()
                .rule("events", "audit", "r", all())
                .rule("events", "audit", "R", all()),
            "already exists",
        ),
    ] {
        let error = builder.clone().start().unwrap_err();
        assert!(matches!(error, StartError::Entity { .. }), "{error:?}");
        assert!(error.to_string().contains(text), "{builder:?}: {error}");
    }
}
