//! The rules of a subscription.

use super::entity_node::EntityNode;
use super::retry::Repeat;
use crate::error::Result;
use crate::mapping::management::rules::{self, NewRule};
use crate::model::deadline::Deadline;
use crate::model::rule::RuleProperties;

/// Adding and removing are not repeated where an earlier attempt may have been carried out: the service would say that
/// the rule is there, or gone, and nobody could tell by whom.
impl EntityNode {
    pub(crate) async fn add_rule(&self, rule: NewRule, deadline: Deadline) -> Result<()> {
        self.ask(
            rules::ADD,
            Repeat::Doubles,
            deadline,
            |writer| rules::write_add(writer, &rule),
            rules::read_done,
        )
        .await
    }

    pub(crate) async fn remove_rule(&self, name: String, deadline: Deadline) -> Result<()> {
        self.ask(
            rules::REMOVE,
            Repeat::Doubles,
            deadline,
            |writer| rules::write_remove(writer, &name),
            rules::read_done,
        )
        .await
    }

    /// A page of rules after the first `skip`, and whether it is the last.
    pub(crate) async fn rules(
        &self,
        skip: i32,
        deadline: Deadline,
    ) -> Result<(Vec<RuleProperties>, bool)> {
        let page = self
            .ask(
                rules::ENUMERATE,
                Repeat::Harmless,
                deadline,
                |writer| rules::write_enumerate(writer, skip),
                rules::read_page,
            )
            .await?;
        let is_last = i32::try_from(page.len()).is_ok_and(|count| count < rules::PAGE);
        Ok((page, is_last))
    }
}
