//! What is refused, and how that is told.

use super::described_rules::names;
use super::*;

#[test]
fn names_are_taken_once() {
    let (_emulator, mut peer, links) = setup();
    add_sql(&mut peer, links, "red", "color = 'red'", None);
    let answer = add_sql(&mut peer, links, "RED", "1=1", None);
    let condition = answer.condition.as_deref();
    assert_eq!(
        (answer.status, condition),
        (409, Some("com.microsoft:entity-already-exists"))
    );
    assert_eq!(remove(&mut peer, links, "Red").status, 200);
    let answer = remove(&mut peer, links, "red");
    let condition = answer.condition.as_deref();
    assert_eq!((answer.status, condition), (404, Some("amqp:not-found")));
    assert_eq!(add_sql(&mut peer, links, "red", "1=1", None).status, 200);
}

#[test]
fn what_is_no_rule_is_refused() {
    let (_emulator, mut peer, links) = setup();
    let long = format!("a = '{}'", "x".repeat(1_024));
    let expression: &[(&str, &str)] = &[("expression", "1=1")];
    type Entries<'a> = (&'a str, &'a [(&'a str, &'a str)]);
    let table: [(&str, &[Entries<'_>], &str); 11] = [
        (
            "a",
            &[("sql-filter", &[("expression", "a is")])],
            "There was an error parsing the SQL expression. [Token line=1, column=4, ",
        ),
        (
            "a",
            &[("sql-filter", &[("expression", &long)])],
            "The length of the expression",
        ),
        ("a", &[("sql-filter", &[])], "expression is missing."),
        ("a", &[], "A rule has either"),
        (
            "a",
            &[
                ("sql-filter", expression),
                ("correlation-filter", &[("label", "x")]),
            ],
            "A rule has either",
        ),
        (
            "a",
            &[("correlation-filter", &[])],
            "At least one system or user property",
        ),
        (
            "a",
            &[("correlation-filter", &[("properties", "x")])],
            "properties is not a map",
        ),
        (
            "a",
            &[
                ("sql-filter", expression),
                ("sql-rule-action", &[("expression", "SET")]),
            ],
            "There was an error parsing",
        ),
        (
            "a",
            &[("sql-filter", expression), ("sql-rule-action", &[])],
            "expression is missing.",
        ),
        ("", &[("sql-filter", expression)], "'' is no valid"),
        ("a/b", &[("sql-filter", expression)], "'a/b' is no valid"),
    ];
    for (name, entries, expected) in table {
        let answer = add(&mut peer, links, name, |writer| {
            for (key, texts) in entries {
                put_texts(key, texts, writer);
            }
        });
        let condition = answer.condition.as_deref();
        assert_eq!(
            (answer.status, condition),
            (400, Some("com.microsoft:argument-error")),
            "{answer:?}"
        );
        assert!(
            answer.description.starts_with(expected),
            "{expected}: {answer:?}"
        );
    }
    assert_eq!(names(&enumerate(&mut peer, links, 0, 100)), ["$Default"]);
}

#[test]
fn a_request_without_its_arguments_is_refused() {
    let (_emulator, mut peer, links) = setup();
    for operation in [ADD, REMOVE, ENUMERATE] {
        let answer = peer.manage(links, operation, |_| {});
        let condition = answer.condition.as_deref();
        assert_eq!(
            (answer.status, condition),
            (400, Some("com.microsoft:argument-error")),
            "{operation}: {answer:?}"
        );
    }
}

#[test]
fn only_subscriptions_have_rules() {
    let (_emulator, mut peer, _) = setup();
    for entity in ["orders", "events"] {
        let links = peer.request_links(&format!("{entity}/$management"), "others");
        for answer in [
            add_sql(&mut peer, links, "a", "1=1", None),
            remove(&mut peer, links, "a"),
            enumerate(&mut peer, links, 0, 1),
        ] {
            assert!((400..=404).contains(&answer.status), "{entity}: {answer:?}");
            assert!(answer.condition.is_some(), "{entity}: {answer:?}");
        }
    }
}
