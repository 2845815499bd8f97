//! Listing the rules of a subscription.

use crate::error::Result;
use crate::model::rule::RuleProperties;
use crate::subscription_rules::SubscriptionRules;

/// The rules of a subscription, asked for as they are needed; made by
/// [`SubscriptionRules::list_rules`](crate::SubscriptionRules::list_rules).
#[must_use = "nothing is asked for before the first item"]
pub struct Rules {
    /// `None` when there is nothing more to ask for.
    subscription: Option<SubscriptionRules>,
    skip: i32,
    page: std::vec::IntoIter<RuleProperties>,
}

impl Rules {
    pub(crate) fn new(subscription: SubscriptionRules) -> Self {
        Rules {
            subscription: Some(subscription),
            skip: 0,
            page: Vec::new().into_iter(),
        }
    }
}

impl Iterator for Rules {
    type Item = Result<RuleProperties>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(rule) = self.page.next() {
                return Some(Ok(rule));
            }
            let subscription = self.subscription.take()?;
            let skip = self.skip;
            let asked = subscription.call("list rules of", move |engine, deadline| async move {
                engine.rules(skip, deadline).await
            });
            match asked {
                Ok((rules, is_last)) => {
                    let count = i32::try_from(rules.len()).unwrap_or(i32::MAX);
                    self.skip = skip.saturating_add(count);
                    self.page = rules.into_iter();
                    self.subscription = (!is_last).then_some(subscription);
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl std::iter::FusedIterator for Rules {}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}
