//! Rules: their names, and which copies of a message they make.

use std::sync::Arc;

use super::*;
use crate::filter::{Action, Arrival, Filter, MessageView, Parameters, SqlFilter, Value};

const ARRIVAL: Arrival = Arrival {
    enqueued_at: 0,
    sequence: 1,
};

fn rule(name: &str, filter: &str, action: Option<&str>) -> Rule {
    let parameters = Parameters::default();
    let filter = SqlFilter::new(filter, &parameters).unwrap();
    Rule {
        name: name.to_owned(),
        filter: Filter::Sql(filter),
        action: action.map(|action| Action::new(action, &parameters).unwrap()),
        created_at: Timestamp::from_millis(0),
    }
}

fn colored(color: &str) -> Arc<Message> {
    let mut changes = PropertyChanges::default();
    changes.set_text("color", color);
    Arc::new(message("a body").with_changes(&changes))
}

/// Each copy's `color` and `RuleName`, in order, and the failure's text.
fn select(rules: &[Rule], message: &Arc<Message>) -> (Vec<[String; 2]>, Option<String>) {
    let mut added = Rules::default();
    for rule in rules {
        assert_eq!(added.add(rule.clone()), Ok(()), "{rule:?}");
    }
    let selection = added.select(message, &MessageView::new(message, ARRIVAL));
    let copies = selection.copies.iter().map(|copy| {
        let view = MessageView::new(copy, ARRIVAL);
        ["color", "RuleName"].map(|name| match view.application_property(name) {
            Some((_, Value::String(text))) => text.into_owned(),
            Some(other) => panic!("{other:?}"),
            None => String::new(),
        })
    });
    let copies = copies.collect();
    (copies, selection.failure.map(|failure| failure.description))
}

fn copies(found: &[[&str; 2]]) -> Vec<[String; 2]> {
    found.iter().map(|copy| copy.map(str::to_owned)).collect()
}

#[test]
fn without_a_rule_there_is_no_copy() {
    assert_eq!(select(&[], &colored("red")), (copies(&[]), None));
}

/// The example of the service's documentation: two rules with actions and three without make three copies.
#[test]
fn copies_of_many_rules() {
    let rules = [
        Rule::default_at(Timestamp::from_millis(0)),
        rule("a", "color = 'red'", None),
        rule("b", "color LIKE 'r%'", None),
        rule("c", "color = 'blue'", None),
        rule("x", "color = 'red'", Some("SET color = color + '!'")),
        rule("y", "EXISTS(color)", Some("REMOVE color")),
        rule("z", "color = 'blue'", Some("SET color = 'green'")),
    ];
    let (found, failure) = select(&rules, &colored("red"));
    let expected = copies(&[["red", ""], ["red!", "x"], ["", "y"]]);
    assert_eq!((found, failure), (expected, None));
}

#[test]
fn a_rule_that_fails_keeps_the_others() {
    let rules = [
        rule("a", "color > 1", None),
        rule("b", "color = 'red'", None),
        rule("c", "TRUE", Some("SET color = color - 1")),
        rule("d", "TRUE", Some("SET color = 'blue'")),
    ];
    let (found, failure) = select(&rules, &colored("red"));
    assert_eq!(found, copies(&[["red", ""], ["blue", "d"]]));
    let first = "Operator '>' cannot be applied to operands of type 'string' and 'long'.";
    assert_eq!(failure.as_deref(), Some(first));
}

#[test]
fn a_failure_says_what_has_failed() {
    let message = colored("red");
    let view = MessageView::new(&message, ARRIVAL);
    for (filter, action, reason) in [
        ("color > 1", "SET a = 1", "FilterException"),
        ("TRUE", "SET a = sys.Body", "RuleActionException"),
    ] {
        let mut rules = Rules::default();
        rules.add(rule("a", filter, Some(action))).unwrap();
        let failure = rules.select(&message, &view).failure;
        assert_eq!(failure.map(|failure| failure.reason), Some(reason));
    }
}

#[test]
fn an_unchanged_copy_shares_the_message() {
    let mut rules = Rules::default();
    rules
        .add(Rule::default_at(Timestamp::from_millis(0)))
        .unwrap();
    let message = colored("red");
    let selection = rules.select(&message, &MessageView::new(&message, ARRIVAL));
    assert!(Arc::ptr_eq(&selection.copies[0], &message));
}

#[test]
fn names() {
    let mut rules = Rules::default();
    rules.add(rule("Beta", "TRUE", None)).unwrap();
    rules.add(rule("alpha", "TRUE", None)).unwrap();
    let name = "BETA".to_owned();
    let taken = rules.add(rule(&name, "FALSE", None));
    assert_eq!(taken, Err(BrokerError::EntityAlreadyExists { name }));
    let listed = |rules: &Rules| {
        rules
            .iter()
            .map(|rule| rule.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&rules), ["alpha", "Beta"]);
    assert_eq!(rules.remove("bETA"), Ok(()));
    let path = "Beta".to_owned();
    assert_eq!(
        rules.remove(&path),
        Err(BrokerError::EntityNotFound { path })
    );
    assert_eq!(listed(&rules), ["alpha"]);
}

#[test]
fn valid_names() {
    let add = |name: &str| Rules::default().add(rule(name, "TRUE", None));
    for name in ["$Default", "a", "a b", "1-_.~:+", &"ä".repeat(50)] {
        assert_eq!(add(name), Ok(()), "{name}");
    }
    for name in [
        "",
        "a/b",
        "a\\b",
        "a@b",
        "a?b",
        "a#b",
        "a*b",
        "a\nb",
        &"a".repeat(51),
    ] {
        let error = BrokerError::InvalidName {
            name: name.to_owned(),
        };
        assert_eq!(add(name), Err(error), "{name}");
    }
}
