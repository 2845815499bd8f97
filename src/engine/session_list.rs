//! Which sessions an entity has.

use chrono::{DateTime, Utc};

use super::entity_node::EntityNode;
use super::retry::Repeat;
use crate::error::Result;
use crate::mapping::management::message_sessions;
use crate::model::deadline::Deadline;

impl EntityNode {
    /// A page of ids after the first `skip`, and whether it is the last.
    pub(crate) async fn session_ids(
        &self,
        updated_after: Option<DateTime<Utc>>,
        skip: i32,
        deadline: Deadline,
    ) -> Result<(Vec<String>, bool)> {
        let ids = self
            .ask(
                message_sessions::OPERATION,
                Repeat::Harmless,
                deadline,
                |writer| message_sessions::write(writer, updated_after, skip),
                message_sessions::read,
            )
            .await?;
        let is_last = i32::try_from(ids.len()).is_ok_and(|count| count < message_sessions::PAGE);
        Ok((ids, is_last))
    }
}
