//! The management node of an entity, over links of its own: for what is asked without a sender or receiver.

use std::sync::Arc;

use servicebus_amqp::writer::Writer;
use tokio::sync::Mutex;

use super::closing::{closed_error, Closing};
use super::limit::before;
use super::management::Management;
use super::namespace::{Access, Namespace};
use super::retry::{Repeat, Retries};
use crate::error::Result;
use crate::mapping::management::Answer;
use crate::model::deadline::Deadline;
use crate::model::entity::Entity;

/// The node of one entity, reached when something is asked.
pub(crate) struct EntityNode {
    namespace: Arc<Namespace>,
    entity: Entity,
    closing: Arc<Closing>,
    retries: Retries,
    /// Held while reaching the node, so that all who ask wait for the same links.
    reached: Mutex<Option<Arc<Reached>>>,
}

/// The links to the node, and the right to ask it.
struct Reached {
    management: Management,
    access: Access,
}

impl EntityNode {
    pub(crate) fn new(namespace: Arc<Namespace>, entity: Entity) -> Arc<Self> {
        let closing = namespace.closing().below();
        let retries = Retries::new(namespace.retry_options().clone(), namespace.tally().clone());
        Arc::new(EntityNode {
            namespace,
            entity,
            closing,
            retries,
            reached: Mutex::new(None),
        })
    }

    pub(crate) fn entity(&self) -> &Entity {
        &self.entity
    }

    pub(crate) fn closing(&self) -> &Arc<Closing> {
        &self.closing
    }

    /// Asks the node, again where that may help, and reads its answer.
    pub(super) async fn ask<T>(
        &self,
        operation: &str,
        repeat: Repeat,
        deadline: Deadline,
        write: impl Fn(&mut Writer<'_>),
        read: impl Fn(&Answer) -> Result<T>,
    ) -> Result<T> {
        let (write, read) = (&write, &read);
        let attempt =
            |deadline| async move { read(&self.ask_once(operation, deadline, write).await?) };
        self.retries
            .run(&self.closing, repeat, deadline, attempt)
            .await
    }

    async fn ask_once(
        &self,
        operation: &str,
        deadline: Deadline,
        write: impl FnOnce(&mut Writer<'_>),
    ) -> Result<Answer> {
        let reaching = before(
            deadline,
            "the service was not reached in time",
            self.reach(),
        );
        let node = self.closing.unless_closed(reaching).await?;
        let call = node.management.call(operation, deadline, write);
        let asked = self.closing.unless_closed_underway(call).await;
        if asked.is_err() {
            self.forget(&node).await;
        }
        asked.map_err(|error| node.access.refused(error))
    }

    async fn reach(&self) -> Result<Arc<Reached>> {
        let mut slot = self.reached.lock().await;
        if let Some(node) = &*slot {
            return Ok(node.clone());
        }
        // A close that came first found nothing to detach.
        if self.closing.is_closed() {
            return Err(closed_error());
        }
        let access = self.namespace.access(&self.entity).await?;
        let address = self.entity.management_address();
        let node = Arc::new(Reached {
            management: Management::new(
                access.session.clone(),
                access.claim.clone(),
                address,
                None,
            ),
            access,
        });
        *slot = Some(node.clone());
        Ok(node)
    }

    /// Lets the next attempt begin with links of its own.
    async fn forget(&self, node: &Arc<Reached>) {
        let mut slot = self.reached.lock().await;
        if slot.as_ref().is_some_and(|own| Arc::ptr_eq(own, node)) {
            *slot = None;
        }
    }

    /// Detaches and waits for the service's answer.
    pub(crate) async fn close(&self, deadline: Deadline) -> Result<()> {
        let answered = async {
            let node = self.reached.lock().await.take();
            if let Some(node) = node {
                node.management.detach().await;
            }
            Ok(())
        };
        before(deadline, "the service did not answer in time", answered).await
    }
}
