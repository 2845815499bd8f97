//! The rules of one subscription.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::client;
use crate::engine::entity_node::EntityNode;
use crate::error::{Error, Result};
use crate::mapping::management::rules::NewRule;
use crate::model::deadline::Deadline;
use crate::model::entity::Entity;
use crate::model::rule::AddRuleOptions;
use crate::model::rule_filter::RuleFilter;
use crate::rules::Rules;
use crate::runtime::HomeBound;

/// The rules of one subscription: which messages of the topic it gets; made by
/// [`Client::subscription_rules`](crate::Client::subscription_rules).
///
/// A subscription gets the messages that any of its rules selects; without a rule it gets none. A new subscription has
/// the rule `$Default`, which selects every message: whoever adds rules to choose by removes that one. A change counts for
/// messages that are sent after it.
///
/// The object is a cheap handle on links of its own: clones share them, and many threads may use it. The links are
/// attached by the first call, made anew when they were lost, and detached when the last clone is dropped, or by
/// [`close`](SubscriptionRules::close). The credential needs the right to listen, no more (.NET docs,
/// `ServiceBusRuleManager`).
///
/// # Examples
///
/// ```
/// use servicebus::{AddRuleOptions, Client, CorrelationRuleFilter, RuleFilter};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = servicebus_emulator::Emulator::builder()
/// #     .topic("news").subscription("news", "north").start()?;
/// # let client = Client::from_connection_string(&emulator.connection_string())?;
/// let rules = client.subscription_rules("news", "north")?;
/// rules.remove_rule("$Default")?;
/// rules.add_rule("region", CorrelationRuleFilter::new().with_application_property("region", "north"))?;
/// rules.add_rule_with(
///     "urgent",
///     RuleFilter::sql("priority > 5"),
///     AddRuleOptions::new().with_action(servicebus::RuleAction::sql("SET urgent = TRUE")),
/// )?;
/// for rule in rules.list_rules() {
///     println!("{}", rule?.name());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SubscriptionRules {
    shared: Arc<Shared>,
    operation_timeout: Duration,
}

struct Shared {
    engine: HomeBound<EntityNode>,
    // Dropped last: the client's thread serves the end of the links.
    client: Arc<client::Shared>,
}

impl SubscriptionRules {
    pub(crate) fn new(client: Arc<client::Shared>, subscription: Entity) -> Self {
        let engine = HomeBound::new(EntityNode::new(client.namespace(), subscription));
        SubscriptionRules {
            operation_timeout: client.operation_timeout(),
            shared: Arc::new(Shared { engine, client }),
        }
    }

    /// Adds a rule of this name, at most 50 characters, that selects messages by `filter` and leaves them as they are.
    /// Blocks at most for the operation time-out.
    ///
    /// # Errors
    ///
    /// `MessagingEntityAlreadyExists` where the subscription has a rule of this name. `InvalidArgument` for a name or a
    /// text in SQL that the service cannot use; it says what is wrong with it. `MessagingEntityNotFound` where there is no
    /// such subscription, `Authorization` or `Authentication` where the credential does not allow it.
    ///
    /// Where the service's answer was lost, marked by [`is_outcome_unknown`](crate::Error::is_outcome_unknown), it is
    /// never asked again: the rule may have been added.
    pub fn add_rule(&self, name: &str, filter: impl Into<RuleFilter>) -> Result<()> {
        self.add_rule_with(name, filter, AddRuleOptions::new())
    }

    /// Adds a rule with options, such as what it changes in the messages.
    ///
    /// # Errors
    ///
    /// As [`add_rule`](SubscriptionRules::add_rule).
    pub fn add_rule_with(
        &self,
        name: &str,
        filter: impl Into<RuleFilter>,
        options: AddRuleOptions,
    ) -> Result<()> {
        let rule = NewRule::new(name.to_owned(), filter.into(), options.action);
        self.call("add rule to", |engine, deadline| async move {
            engine.add_rule(rule?, deadline).await
        })
    }

    /// Removes the rule of this name. Blocks at most for the operation time-out.
    ///
    /// # Errors
    ///
    /// `MessagingEntityNotFound` where there is no such rule; else as [`add_rule`](SubscriptionRules::add_rule). After a
    /// lost answer the rule may have been removed.
    pub fn remove_rule(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.call("remove rule from", |engine, deadline| async move {
            engine.remove_rule(name, deadline).await
        })
    }

    /// The rules, in the service's order. The iterator asks for a hundred at a time, each within the operation time-out.
    /// Rules that are added or removed meanwhile may be missed, or others in their place: collect them first.
    ///
    /// # Errors
    ///
    /// As items, as of [`remove_rule`](SubscriptionRules::remove_rule). After an error the iterator ends.
    pub fn list_rules(&self) -> Rules {
        Rules::new(self.clone())
    }

    /// The same rules with another time-out for calls.
    #[must_use]
    pub fn with_timeout(&self, operation_timeout: Duration) -> Self {
        SubscriptionRules {
            shared: self.shared.clone(),
            operation_timeout,
        }
    }

    /// Closes this object and all its clones. Calls that wait in other threads end at once with `Closed`. Blocks until the
    /// service has answered, at most for the client's close time-out. A second close does nothing.
    ///
    /// # Errors
    ///
    /// `OperationTimeout` where the service did not answer; the object is closed all the same.
    pub fn close(&self) -> Result<()> {
        let engine = self.shared.engine.share();
        let close = |deadline| async move { engine.close(deadline).await };
        self.shared
            .client
            .close_part(self.shared.engine.closing(), close)
            .map_err(|error| self.describe(error, "close rules of"))
    }

    /// Runs an operation of the engine within the time-out of this handle.
    pub(crate) fn call<F, Fut, T>(&self, operation: &'static str, work: F) -> Result<T>
    where
        F: FnOnce(Arc<EntityNode>, Deadline) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let engine = self.shared.engine.share();
        let deadline = Deadline::after(self.operation_timeout);
        self.shared
            .client
            .runtime()
            .call(deadline, move || work(engine, deadline))
            .map_err(|error| self.describe(error, operation))
    }

    fn describe(&self, error: Error, operation: &'static str) -> Error {
        let entity = self.shared.engine.entity().to_string();
        error.in_operation(operation).with_entity(entity)
    }
}

impl std::fmt::Debug for SubscriptionRules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubscriptionRules")
            .field("entity", &self.shared.engine.entity().to_string())
            .field("closed", &self.shared.engine.closing().is_closed())
            .finish_non_exhaustive()
    }
}
