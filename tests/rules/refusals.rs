//! What the service refuses.

use std::io::{Read, Write};
use std::net::TcpStream;

use chrono::{TimeDelta, Utc};
use servicebus::{
    AmqpValue, Client, CorrelationRuleFilter, Credential, Error, ErrorKind, Result, RuleFilter,
    SasToken,
};
use servicebus_emulator::Emulator;

use crate::news::News;

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(result: Result<T>, kind: ErrorKind, words: &str) -> Error {
    let error = result.expect_err("it is refused");
    assert_eq!(error.kind(), kind, "{error:?}");
    assert_eq!(
        error.entity(),
        Some("news/Subscriptions/north"),
        "{error:?}"
    );
    assert!(error.to_string().contains(words), "{error}");
    assert!(!error.is_retryable(), "{error:?}");
    assert!(!error.is_outcome_unknown(), "{error:?}");
    error
}

#[test]
fn a_name_is_taken_once_whatever_its_case() {
    let news = News::new();
    news.rules
        .add_rule("red", RuleFilter::True)
        .expect("it is added");
    assert_refused(
        news.rules.add_rule("RED", RuleFilter::False),
        ErrorKind::MessagingEntityAlreadyExists,
        "add rule to \"news/Subscriptions/north\"",
    );
    assert_eq!(news.names(), ["$Default", "red"]);
}

#[test]
fn a_rule_that_is_not_there_is_not_removed() {
    let news = News::new();
    assert_refused(
        news.rules.remove_rule("none"),
        ErrorKind::MessagingEntityNotFound,
        "remove rule from \"news/Subscriptions/north\"",
    );
    assert_eq!(news.names(), ["$Default"]);
}

#[test]
fn what_is_no_rule_is_refused_with_what_is_wrong() {
    let news = News::new();
    let table: [(&str, RuleFilter, &str); 4] = [
        ("a", RuleFilter::sql("a is"), "parsing the SQL expression"),
        (
            "a",
            CorrelationRuleFilter::new().into(),
            "At least one system or user property",
        ),
        ("a/b", RuleFilter::True, "'a/b'"),
        ("", RuleFilter::True, "''"),
    ];
    for (name, filter, words) in table {
        assert_refused(
            news.rules.add_rule(name, filter),
            ErrorKind::InvalidArgument,
            words,
        );
    }
    assert_eq!(news.names(), ["$Default"]);
}

#[test]
fn what_cannot_be_sent_is_refused_here() {
    let news = News::new();
    let table: [(RuleFilter, &str); 2] = [
        (
            RuleFilter::Other(AmqpValue::Null),
            "a filter of an unknown kind",
        ),
        (
            CorrelationRuleFilter::new()
                .with_application_property("p", AmqpValue::List(vec![]))
                .into(),
            "property \"p\" is a list",
        ),
    ];
    for (filter, words) in table {
        assert_refused(
            news.rules.add_rule("a", filter),
            ErrorKind::InvalidArgument,
            words,
        );
    }
}

#[test]
fn a_subscription_that_is_not_there() {
    let news = News::new();
    let rules = news
        .client
        .subscription_rules("news", "south")
        .expect("the names are good");
    let error = rules
        .add_rule("a", RuleFilter::True)
        .expect_err("there is none");
    assert_eq!(
        error.kind(),
        ErrorKind::MessagingEntityNotFound,
        "{error:?}"
    );
    for (topic, subscription) in [("", "north"), ("news", ""), ("news", "a/b")] {
        let error = news
            .client
            .subscription_rules(topic, subscription)
            .expect_err("no such name");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    }
}

/// A key of a new topic that may only send.
fn send_only(emulator: &Emulator) -> Credential {
    let body = "<entry xmlns=\"http://www.w3.org/2005/Atom\"><content type=\"application/xml\">\
        <TopicDescription xmlns=\"http://schemas.microsoft.com/netservices/2010/10/servicebus/connect\" \
        xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"><AuthorizationRules>\
        <AuthorizationRule i:type=\"SharedAccessAuthorizationRule\"><ClaimType>SharedAccessKey</ClaimType>\
        <ClaimValue>None</ClaimValue><Rights><AccessRights>Send</AccessRights></Rights>\
        <KeyName>sends</KeyName><PrimaryKey>S</PrimaryKey><SecondaryKey>T</SecondaryKey>\
        </AuthorizationRule></AuthorizationRules></TopicDescription></content></entry>";
    let token = SasToken::generate(
        "http://localhost/",
        "RootManageSharedAccessKey",
        "SAS_KEY_VALUE",
        Utc::now() + TimeDelta::minutes(1),
    );
    let mut stream = TcpStream::connect(("localhost", emulator.http_port())).expect("it listens");
    write!(
        stream,
        "PUT /guarded?api-version=2021-05 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: {}\r\nContent-Length: {}\r\n\r\n{body}",
        token.as_str(),
        body.len()
    )
    .expect("it takes requests");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    emulator
        .create_subscription("guarded", "all", Default::default())
        .expect("it is created");
    Credential::shared_access_key("sends", "S")
}

#[test]
fn a_key_that_may_only_send_changes_no_rules() {
    let news = News::new();
    let key = send_only(&news.emulator);
    let client = Client::builder(format!("localhost:{}", news.emulator.port()), key)
        .use_development_emulator(true)
        .build()
        .expect("the client starts");
    let rules = client
        .subscription_rules("guarded", "all")
        .expect("the names are good");
    for error in [
        rules.add_rule("a", RuleFilter::True).expect_err("no right"),
        rules.remove_rule("$Default").expect_err("no right"),
        rules
            .list_rules()
            .next()
            .expect("an item")
            .expect_err("no right"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Authorization, "{error:?}");
        assert!(error.to_string().contains("Listen"), "{error}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
    }
}
