//! What rules change in the messages that they select.

use servicebus::{AddRuleOptions, AmqpValue, Message, RuleAction, RuleFilter};

use crate::news::News;

#[test]
fn an_action_changes_a_copy_of_its_own() {
    let news = News::new();
    let action = RuleAction::sql("SET priority = 5; REMOVE draft; SET sys.Label = 'seen'");
    news.rules
        .add_rule_with(
            "mark",
            RuleFilter::sql("colour = 'red'"),
            AddRuleOptions::new().with_action(action),
        )
        .expect("it is added");
    news.publish(vec![Message::new("m")
        .with_application_property("colour", "red")
        .with_application_property("draft", true)]);
    let mut copies = news.taken();
    copies.sort_by_key(|copy| copy.application_properties().len());
    let facts: Vec<_> = copies
        .iter()
        .map(|copy| {
            let properties = copy.application_properties();
            let value = |name| properties.get(name).cloned().unwrap_or_default();
            let rule = value("RuleName");
            (rule, value("priority"), value("draft"), copy.subject())
        })
        .collect();
    let plain = (AmqpValue::Null, AmqpValue::Null, true.into(), None);
    let marked = (
        "mark".into(),
        AmqpValue::Long(5),
        AmqpValue::Null,
        Some("seen"),
    );
    assert_eq!(facts, [plain, marked], "{}", news.seen());
}

#[test]
fn a_rule_may_be_copied_with_its_action() {
    let news = News::without_rules();
    news.rules
        .add_rule_with(
            "first",
            RuleFilter::sql("1 < 2"),
            AddRuleOptions::new().with_action(RuleAction::sql("SET n = 1")),
        )
        .expect("it is added");
    let rule = news
        .rules
        .list_rules()
        .next()
        .expect("a rule")
        .expect("listing works");
    let action = rule.action().expect("an action").clone();
    news.rules
        .add_rule_with(
            "second",
            rule.filter().clone(),
            AddRuleOptions::new().with_action(action),
        )
        .expect("it is added");
    news.publish(vec![Message::new("m")]);
    assert_eq!(news.delivered(), ["m", "m"], "{}", news.seen());
}
