//! Answers that are lost, links that are, and a service that is busy.

use std::time::Duration;

use servicebus::{ErrorKind, RetryMode, RetryOptions, RuleFilter};
use servicebus_emulator::Fault;

use crate::news::News;

const ADD: &str = "com.microsoft:add-rule";
const REMOVE: &str = "com.microsoft:remove-rule";
const ENUMERATE: &str = "com.microsoft:enumerate-rules";

/// Attempts that end soon, and others after them.
fn impatient() -> News {
    let retry = RetryOptions::new()
        .with_mode(RetryMode::Fixed)
        .with_backoff(Duration::from_millis(20))
        .with_try_timeout(Duration::from_millis(300));
    News::with_retry_options(retry)
}

#[test]
fn an_added_rule_whose_answer_is_lost_is_not_added_again() {
    let news = impatient();
    let lost = news.inject(Fault::drop_request().operation(ADD));
    let error = news
        .rules
        .add_rule("a", RuleFilter::True)
        .expect_err("there is no answer");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
    assert_eq!(news.emulator.hits(lost), Some(1), "{}", news.seen());
    assert_eq!(news.names(), ["$Default", "a"]);
}

#[test]
fn a_removed_rule_whose_answer_is_lost_is_not_removed_again() {
    let news = impatient();
    let lost = news.inject(Fault::drop_request().operation(REMOVE));
    let error = news
        .rules
        .remove_rule("$Default")
        .expect_err("there is no answer");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
    assert_eq!(news.emulator.hits(lost), Some(1), "{}", news.seen());
    assert_eq!(news.names(), Vec::<String>::new());
}

#[test]
fn a_connection_that_is_lost_meanwhile_leaves_the_outcome_open() {
    let news = News::new();
    assert_eq!(news.names(), ["$Default"]);
    let lost = news.inject(Fault::drop_request().operation(ADD));
    let waiting = {
        let rules = news.rules.clone();
        std::thread::spawn(move || rules.add_rule("a", RuleFilter::True))
    };
    while news.emulator.hits(lost) == Some(0) {
        std::thread::yield_now();
    }
    news.inject(Fault::cut_stream());
    let error = waiting
        .join()
        .expect("the thread ends")
        .expect_err("the answer went with the connection");
    assert_eq!(error.kind(), ErrorKind::Connection, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
    assert_eq!(news.names(), ["$Default", "a"], "{}", news.seen());
}

#[test]
fn a_listing_is_asked_for_again() {
    let news = impatient();
    let lost = news.inject(Fault::drop_request().operation(ENUMERATE).times(1));
    assert_eq!(news.names(), ["$Default"]);
    assert_eq!(news.emulator.hits(lost), Some(1), "{}", news.seen());
}

#[test]
fn a_busy_service_is_asked_again() {
    let news = News::new();
    for operation in [ADD, REMOVE, ENUMERATE] {
        let busy = Fault::refuse_request("com.microsoft:server-busy");
        news.inject(busy.operation(operation).times(1));
    }
    news.rules
        .add_rule("a", RuleFilter::True)
        .expect("it is added at last");
    news.rules
        .remove_rule("$Default")
        .expect("it is removed at last");
    assert_eq!(news.names(), ["a"]);
}

#[test]
fn what_was_lost_between_calls_is_made_anew() {
    for fault in [
        Fault::cut_stream(),
        Fault::detach_link("amqp:link:detach-forced"),
        Fault::end_session("amqp:internal-error"),
        Fault::close_connection("amqp:connection:forced"),
    ] {
        let news = News::new();
        assert_eq!(news.names(), ["$Default"]);
        let told = format!("{fault:?}");
        news.inject(fault);
        // Sent with the news of the loss, a request may have been carried out for all the client knows; a listing is
        // repeated all the same.
        assert_eq!(news.names(), ["$Default"], "{told}: {}", news.seen());
        news.rules.add_rule("a", RuleFilter::True).expect(&told);
        assert_eq!(news.names(), ["$Default", "a"], "{told}: {}", news.seen());
    }
}

#[test]
fn rules_are_asked_for_with_a_new_token_after_the_old_one_expired() {
    let news = News::new();
    assert_eq!(news.names(), ["$Default"]);
    news.inject(Fault::expire_tokens());
    let rules: servicebus::Result<Vec<_>> = news.rules.list_rules().collect();
    assert!(rules.is_ok(), "{rules:?}\n{}", news.seen());
}
