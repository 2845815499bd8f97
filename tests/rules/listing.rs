//! Which rules there are.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use servicebus::{
    AddRuleOptions, CorrelationRuleFilter, ErrorKind, Result, RuleAction, RuleFilter,
    RuleProperties,
};
use servicebus_emulator::{Fault, RuleOptions};

use crate::news::News;

fn all(news: &News) -> Vec<RuleProperties> {
    news.rules
        .list_rules()
        .collect::<Result<_>>()
        .expect("listing works")
}

#[test]
fn a_subscription_begins_with_a_rule_that_selects_all() {
    let news = News::new();
    let rules = all(&news);
    assert_eq!(rules.len(), 1, "{rules:?}");
    assert_eq!(rules[0].name(), "$Default");
    assert_eq!(rules[0].filter(), &RuleFilter::True);
    assert_eq!(rules[0].action(), None);
    let age = Utc::now() - rules[0].created_at().expect("a time");
    assert!(age.abs() < TimeDelta::minutes(5), "{rules:?}");
}

#[test]
fn without_rules_there_is_nothing() {
    assert_eq!(News::without_rules().names(), Vec::<String>::new());
}

#[test]
fn rules_are_read_as_they_were_added() {
    let news = News::without_rules();
    let correlation = CorrelationRuleFilter::new()
        .with_correlation_id("c")
        .with_message_id("m")
        .with_to("t")
        .with_reply_to("r")
        .with_subject("s")
        .with_session_id("i")
        .with_reply_to_session_id("j")
        .with_content_type("text/plain")
        .with_application_property("text", "5")
        .with_application_property("number", 5i64)
        .with_application_property("part", 2.5)
        .with_application_property("flag", true);
    let filters = [
        ("sql", RuleFilter::sql("colour = 'red'")),
        ("correlation", correlation.into()),
        ("all", RuleFilter::True),
        ("none", RuleFilter::False),
    ];
    for (name, filter) in &filters {
        let action = RuleAction::sql("SET seen = 1");
        news.rules
            .add_rule_with(
                name,
                filter.clone(),
                AddRuleOptions::new().with_action(action.clone()),
            )
            .expect(name);
        let rules = all(&news);
        let rule = rules
            .iter()
            .find(|rule| rule.name() == *name)
            .expect("a rule");
        assert_eq!(
            (rule.name(), rule.filter(), rule.action()),
            (*name, filter, Some(&action))
        );
    }
    assert_eq!(news.names(), ["all", "correlation", "none", "sql"]);
}

#[test]
fn more_than_two_pages_are_listed_once_each() {
    let news = News::without_rules();
    let names: Vec<String> = (0..250).map(|number| format!("{number:03}")).collect();
    for name in &names {
        let options = RuleOptions::sql(format!("n = {name}"));
        news.emulator
            .create_rule("news", "north", name, options)
            .expect("it is added");
    }
    assert_eq!(news.names(), names);
}

#[test]
fn pages_are_asked_for_as_they_are_needed() {
    let news = News::without_rules();
    for number in 0..150 {
        news.emulator
            .create_rule(
                "news",
                "north",
                &number.to_string(),
                RuleOptions::sql("1=1"),
            )
            .expect("it is added");
    }
    let mut rules = news.rules.list_rules();
    rules.next().expect("a rule").expect("listing works");
    news.inject(Fault::refuse_request("amqp:not-allowed"));
    let items: Vec<_> = rules.by_ref().collect();
    assert_eq!(items.len(), 100, "the rest of the first page, and an error");
    let error = items
        .into_iter()
        .next_back()
        .expect("an item")
        .expect_err("the second page is refused");
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error:?}");
    assert!(rules.next().is_none(), "it has ended");
}

#[test]
fn a_listing_that_is_not_answered_ends_in_time() {
    let news = News::new();
    news.inject(Fault::drop_request());
    let rules = news.rules.with_timeout(Duration::from_millis(300));
    let began = std::time::Instant::now();
    let error = rules
        .list_rules()
        .next()
        .expect("an item")
        .expect_err("there is no answer");
    assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    assert!(
        began.elapsed() < Duration::from_millis(800),
        "{:?}",
        began.elapsed()
    );
}
