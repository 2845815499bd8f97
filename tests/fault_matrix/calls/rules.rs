//! The rules of a subscription.

use servicebus::{Result, RuleFilter, SubscriptionRules};

use crate::call::{single, Call, Prepared, ASKS, AUTHORIZES, DIALS, ONCE};
use crate::scene::{Scene, LONG, SUBSCRIPTION, TOPIC};

pub(super) fn calls() -> Vec<Call> {
    let asks = DIALS | AUTHORIZES | ASKS;
    vec![
        Call::new("add rule", asks | ONCE, add),
        Call::new("remove rule", asks | ONCE, remove),
        Call::new("list rules", asks, list),
    ]
}

/// The rules over links that stand, one of them of a name that no other has.
fn rules(scene: &Scene) -> Result<(SubscriptionRules, String)> {
    let rules = scene.client.subscription_rules(TOPIC, SUBSCRIPTION)?;
    let name = scene.name();
    rules.with_timeout(LONG).add_rule(&name, RuleFilter::True)?;
    Ok((rules.with_timeout(scene.deadline), name))
}

fn add(scene: &Scene) -> Result<Prepared> {
    let (rules, name) = rules(scene)?;
    single(move || rules.add_rule(&format!("{name} too"), RuleFilter::True))
}

fn remove(scene: &Scene) -> Result<Prepared> {
    let (rules, name) = rules(scene)?;
    single(move || rules.remove_rule(&name))
}

fn list(scene: &Scene) -> Result<Prepared> {
    let (rules, _) = rules(scene)?;
    single(move || rules.list_rules().collect::<Result<Vec<_>>>())
}
