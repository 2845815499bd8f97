//! Rules of subscriptions by the management API.

use servicebus_emulator::{Emulator, SubscriptionOptions, TopicOptions};

use super::exchange::{entry, request, update};
use crate::messages::text;
use crate::peer::Peer;

const RULES: &str = "/news/subscriptions/all/rules";

fn path(rule: &str) -> String {
    format!("{RULES}/{rule}?api-version=2021-05")
}

fn setup() -> Emulator {
    let emulator = Emulator::builder().start().unwrap();
    emulator.create_topic("news", TopicOptions::new()).unwrap();
    emulator
        .create_subscription("news", "all", SubscriptionOptions::new())
        .unwrap();
    emulator
}

fn sql(expression: &str) -> String {
    entry(
        "RuleDescription",
        &format!(
            "<Filter i:type=\"SqlFilter\"><SqlExpression>{expression}</SqlExpression></Filter>"
        ),
    )
}

/// How many messages the subscription has got of one that is sent now.
fn copies(emulator: &Emulator) -> usize {
    let count = || emulator.counts("news/subscriptions/all").unwrap().active;
    let before = count();
    let mut peer = Peer::authorized(emulator, &["news"]);
    let link = peer.sender("news").unwrap();
    peer.send(link, &text("x"));
    count() - before
}

#[test]
fn a_rule_selects_from_when_it_is_created_until_it_is_deleted() {
    let emulator = setup();
    assert_eq!(
        request(&emulator, "DELETE", &path("$Default"), "").status,
        200
    );
    assert_eq!(copies(&emulator), 0);
    let created = request(&emulator, "PUT", &path("one"), &sql("1 = 1"));
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(copies(&emulator), 1);
    let updated = update(&emulator, &path("ONE"), &sql("a IS NOT NULL"));
    assert_eq!(updated.status, 200, "{updated:?}");
    assert_eq!(copies(&emulator), 0);
}

#[test]
fn rules_are_listed_with_and_without_a_slash_at_the_end() {
    let emulator = setup();
    for list in [format!("{RULES}?api-version=2021-05"), path("")] {
        let answer = request(&emulator, "GET", &list, "");
        assert_eq!(answer.status, 200, "{list}: {answer:?}");
        assert_eq!(answer.element("Name"), Some("$Default"), "{answer:?}");
    }
}

#[test]
fn a_subscription_is_created_with_a_rule_of_the_clients() {
    let emulator = setup();
    let rule = "<DefaultRuleDescription><Filter i:type=\"FalseFilter\"/><Name>none</Name>\
                </DefaultRuleDescription>";
    let some = "/news/subscriptions/some";
    let created = request(
        &emulator,
        "PUT",
        &format!("{some}?api-version=2021-05"),
        &entry("SubscriptionDescription", rule),
    );
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.element("DefaultRuleDescription"), None);
    let list = request(
        &emulator,
        "GET",
        &format!("{some}/rules?api-version=2021-05"),
        "",
    );
    assert_eq!(list.element("Name"), Some("none"), "{list:?}");
    assert!(list.body.contains("i:type=\"FalseFilter\""), "{list:?}");
    assert!(!list.body.contains("$Default"), "{list:?}");
}

#[test]
fn what_was_written_comes_back_until_the_rule_changes() {
    let emulator = setup();
    let body = entry(
        "RuleDescription",
        "<Filter i:type=\"CorrelationFilter\"><Properties><KeyValueOfstringanyType><Key>k</Key>\
         <Value i:type=\"x:dateTime\" xmlns:x=\"http://www.w3.org/2001/XMLSchema\">2020-07-05T11:12:13\
         </Value></KeyValueOfstringanyType></Properties></Filter>",
    );
    let created = request(&emulator, "PUT", &path("one"), &body);
    assert_eq!(created.status, 201, "{created:?}");
    let shown = request(&emulator, "GET", &path("one"), "");
    let instant = "i:type=\"d6p1:dateTime\" xmlns:d6p1=\"http://www.w3.org/2001/XMLSchema\">2020-07-05T11:12:13<";
    assert!(shown.body.contains(instant), "{shown:?}");
    update(&emulator, &path("one"), &sql("a = 1"));
    let shown = request(&emulator, "GET", &path("one"), "");
    assert_eq!(shown.element("SqlExpression"), Some("a = 1"));
    assert!(shown.body.contains("<Parameters/>"), "{shown:?}");
}

#[test]
fn what_is_no_rule_is_refused() {
    let emulator = setup();
    for body in [
        sql("a = "),
        sql("a = @p"),
        entry("RuleDescription", "<Filter i:type=\"OtherFilter\"/>"),
        entry("RuleDescription", "<Filter/>"),
        entry("RuleDescription", "<Filter i:type=\"CorrelationFilter\"/>"),
        entry("RuleDescription", "<Action i:type=\"SqlRuleAction\"/>"),
    ] {
        let answer = request(&emulator, "PUT", &path("one"), &body);
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
    }
}

#[test]
fn rules_that_are_there_or_not_are_told_as_the_service_tells_it() {
    let emulator = setup();
    for (answer, status, text) in [
        (
            request(&emulator, "PUT", &path("$Default"), &sql("1=1")),
            409,
            "The messaging entity 'sbemulatorns:Topic:news|all|$Default' already exists.",
        ),
        (
            request(&emulator, "GET", &path("no"), ""),
            404,
            "Entity 'sbemulatorns:Topic:news|all|no' was not found.",
        ),
        (
            update(&emulator, &path("no"), &sql("1=1")),
            404,
            "Entity 'sbemulatorns:Topic:news|all|no' was not found.",
        ),
        (
            request(&emulator, "DELETE", &path("no"), ""),
            404,
            "The messaging entity 'sbemulatorns:Topic:news|all|no' could not be found.",
        ),
        (
            update(&emulator, &path(""), &sql("1=1")),
            400,
            "The specified HTTP verb (PUT) is not valid.",
        ),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        let detail = answer.element("Detail").unwrap();
        assert!(detail.starts_with(text), "{detail}");
    }
}
