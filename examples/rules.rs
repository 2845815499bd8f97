//! Chooses by rules which messages of a topic a subscription gets.
//!
//! `SERVICE_BUS_CONNECTION_STR`, `SERVICE_BUS_TOPIC_NAME` and `SERVICE_BUS_SUBSCRIPTION_NAME` name the service; without
//! them an emulator runs in this process. The subscription has its first rule, `$Default`, before and after.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

mod topic_service;

use std::error::Error;
use std::time::Duration;

use servicebus::{AddRuleOptions, Client, CorrelationRuleFilter, Message, RuleAction, RuleFilter};

use topic_service::TopicService;

fn main() -> Result<(), Box<dyn Error>> {
    let service = TopicService::from_env()?;
    let client = Client::from_connection_string(&service.connection_string)?;

    let rules = client.subscription_rules(&service.topic, &service.subscription)?;
    // It selects every message.
    rules.remove_rule("$Default")?;
    rules.add_rule(
        "north",
        CorrelationRuleFilter::new().with_application_property("region", "north"),
    )?;
    rules.add_rule_with(
        "urgent",
        RuleFilter::sql("priority > 5"),
        AddRuleOptions::new().with_action(RuleAction::sql("SET alarm = TRUE")),
    )?;
    for rule in rules.list_rules() {
        let rule = rule?;
        println!("{}: {:?}", rule.name(), rule.filter());
    }

    let sender = client.topic_sender(&service.topic).open()?;
    sender.send_messages(vec![
        Message::new("fair").with_application_property("region", "north"),
        Message::new("calm").with_application_property("region", "south"),
        Message::new("fire").with_application_property("priority", 9),
    ])?;

    let receiver = client
        .subscription_receiver(&service.topic, &service.subscription)
        .max_wait_time(Duration::from_millis(500))
        .open()?;
    for message in &receiver {
        let message = message?;
        // Only a rule with an action leaves its name.
        let rule = message.application_properties().get("RuleName");
        println!("received: {message} (marked by {rule:?})");
        receiver.complete_message(&message)?;
    }

    rules.remove_rule("urgent")?;
    rules.remove_rule("north")?;
    rules.add_rule("$Default", RuleFilter::True)?;
    Ok(())
}
