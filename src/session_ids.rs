//! Listing the sessions of a queue or subscription.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::client::Shared;
use crate::engine::entity_node::EntityNode;
use crate::error::{Error, Result};
use crate::model::deadline::Deadline;
use crate::model::entity::Entity;
use crate::runtime::HomeBound;

/// The ids of sessions, asked for as they are needed; made by
/// [`Client::list_queue_sessions`](crate::Client::list_queue_sessions) and
/// [`Client::list_subscription_sessions`](crate::Client::list_subscription_sessions).
#[must_use = "nothing is asked for before the first item"]
pub struct SessionIds {
    list: Result<Listing, Option<Error>>,
    page: std::vec::IntoIter<String>,
}

/// A listing under way.
struct Listing {
    engine: HomeBound<EntityNode>,
    updated_after: Option<DateTime<Utc>>,
    skip: i32,
    // Dropped last: the client's thread serves the end of the links.
    client: Arc<Shared>,
}

impl SessionIds {
    pub(crate) fn new(
        client: Arc<Shared>,
        entity: Result<Entity>,
        updated_after: Option<DateTime<Utc>>,
    ) -> Self {
        let list = entity.map_err(Some).map(|entity| Listing {
            engine: HomeBound::new(EntityNode::new(client.namespace(), entity)),
            updated_after,
            skip: 0,
            client,
        });
        SessionIds {
            list,
            page: Vec::new().into_iter(),
        }
    }
}

impl Listing {
    fn next_page(&mut self) -> Result<(Vec<String>, bool)> {
        let engine = self.engine.share();
        let (updated_after, skip) = (self.updated_after, self.skip);
        let deadline = Deadline::after(self.client.operation_timeout());
        let page = self
            .client
            .runtime()
            .call(deadline, move || async move {
                engine.session_ids(updated_after, skip, deadline).await
            })
            .map_err(|error| {
                error
                    .in_operation("list sessions of")
                    .with_entity(self.engine.entity().to_string())
            })?;
        let count = i32::try_from(page.0.len()).unwrap_or(i32::MAX);
        self.skip = self.skip.saturating_add(count);
        Ok(page)
    }
}

impl Iterator for SessionIds {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(id) = self.page.next() {
                return Some(Ok(id));
            }
            let listing = match &mut self.list {
                Ok(listing) => listing,
                Err(error) => return error.take().map(Err),
            };
            match listing.next_page() {
                Ok((ids, is_last)) => {
                    self.page = ids.into_iter();
                    if is_last {
                        self.list = Err(None);
                    }
                }
                Err(error) => {
                    self.list = Err(None);
                    return Some(Err(error));
                }
            }
        }
    }
}

impl std::iter::FusedIterator for SessionIds {}

impl std::fmt::Debug for SessionIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionIds").finish_non_exhaustive()
    }
}
