//! Which sessions an entity has.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::claim::Claim;
use super::limit::before;
use super::management::Management;
use super::namespace::Namespace;
use super::retry::{Repeat, Retries};
use crate::error::Result;
use crate::mapping::management::message_sessions;
use crate::model::deadline::Deadline;
use crate::model::entity::Entity;

/// The sessions of one entity, asked for page by page over links of their own.
pub(crate) struct SessionList {
    namespace: Arc<Namespace>,
    entity: Entity,
    updated_after: Option<DateTime<Utc>>,
    retries: Retries,
    node: Mutex<Option<Arc<Node>>>,
}

/// The entity's management node, and the right to ask it.
struct Node {
    management: Management,
    _claim: Arc<Claim>,
}

impl SessionList {
    pub(crate) fn new(
        namespace: Arc<Namespace>,
        entity: Entity,
        updated_after: Option<DateTime<Utc>>,
    ) -> Arc<Self> {
        let retries = Retries::new(namespace.retry_options().clone());
        Arc::new(SessionList {
            namespace,
            entity,
            updated_after,
            retries,
            node: Mutex::new(None),
        })
    }

    /// A page of ids after the first `skip`, and whether it is the last.
    pub(crate) async fn page(&self, skip: i32, deadline: Deadline) -> Result<(Vec<String>, bool)> {
        let closing = self.namespace.closing();
        let attempt = |deadline| async move {
            let asked = async {
                let node =
                    before(deadline, "the service was not reached in time", self.node()).await?;
                let asked = node
                    .management
                    .call(message_sessions::OPERATION, deadline, |writer| {
                        message_sessions::write(writer, self.updated_after, skip);
                    })
                    .await;
                if asked.is_err() {
                    // The next attempt begins with links of its own.
                    *self.node.lock().await = None;
                }
                asked
            };
            message_sessions::read(&closing.unless_closed(asked).await?)
        };
        let ids = self
            .retries
            .run(closing, Repeat::Harmless, deadline, attempt)
            .await?;
        let is_last = i32::try_from(ids.len()).is_ok_and(|count| count < message_sessions::PAGE);
        Ok((ids, is_last))
    }

    async fn node(&self) -> Result<Arc<Node>> {
        let mut node = self.node.lock().await;
        if let Some(node) = &*node {
            return Ok(node.clone());
        }
        let access = self.namespace.access(&self.entity).await?;
        let address = self.entity.management_address();
        let reached = Arc::new(Node {
            management: Management::new(access.session, address, None),
            _claim: access.claim,
        });
        *node = Some(reached.clone());
        Ok(reached)
    }
}
