use std::fmt;
use std::sync::Arc;

use super::options::SubQueue;
use crate::error::{Error, Result};

/// The longest path of a queue or topic (Service Bus quotas).
const MAX_PATH: usize = 260;
/// The longest name of a subscription (Service Bus quotas).
const MAX_SUBSCRIPTION: usize = 50;

/// What a link or request is about, by its path in the namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Entity {
    path: Arc<str>,
}

impl Entity {
    /// A queue or topic; its name may contain slashes.
    pub(crate) fn named(name: &str) -> Result<Self> {
        check("entity name", name, MAX_PATH)?;
        Ok(Self { path: name.into() })
    }

    /// A subscription of a topic.
    pub(crate) fn subscription(topic: &str, name: &str) -> Result<Self> {
        check("topic name", topic, MAX_PATH)?;
        check("subscription name", name, MAX_SUBSCRIPTION)?;
        if name.contains('/') {
            return Err(Error::invalid_argument(
                "subscription name contains a slash",
            ));
        }
        Ok(Self {
            path: format!("{topic}/Subscriptions/{name}").into(),
        })
    }

    pub(crate) fn sub_queue(&self, sub_queue: SubQueue) -> Self {
        let name = match sub_queue {
            SubQueue::DeadLetter => "$DeadLetterQueue",
            SubQueue::TransferDeadLetter => "$Transfer/$DeadLetterQueue",
        };
        Self {
            path: format!("{}/{name}", self.path).into(),
        }
    }

    /// The address of the entity's links.
    pub(crate) fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The address of the node that answers management requests about the entity.
    pub(crate) fn management_address(&self) -> String {
        format!("{}/$management", self.path)
    }

    /// The resource a token must be for. It covers the entity's management node as well.
    pub(crate) fn audience(&self, host: &str) -> String {
        format!("sb://{host}/{}", self.path)
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

fn check(what: &str, name: &str, max: usize) -> Result<()> {
    let complaint = if name.is_empty() {
        "is empty".to_owned()
    } else if name.chars().count() > max {
        format!("is longer than {max} characters")
    } else if name.starts_with('/') || name.ends_with('/') {
        "begins or ends with a slash".to_owned()
    } else if let Some(bad) = name
        .chars()
        .find(|c| matches!(c, '\\' | '@' | '?' | '#' | '*') || c.is_control())
    {
        format!("contains {bad:?}")
    } else {
        return Ok(());
    };
    Err(Error::invalid_argument(format!("{what} {complaint}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn addresses_follow_the_service() {
        let queue = Entity::named("sales/orders").expect("a queue");
        assert_eq!(&**queue.path(), "sales/orders");
        assert_eq!(queue.management_address(), "sales/orders/$management");
        assert_eq!(
            queue.audience("ns.servicebus.windows.net"),
            "sb://ns.servicebus.windows.net/sales/orders"
        );
        assert_eq!(
            queue.sub_queue(SubQueue::DeadLetter).to_string(),
            "sales/orders/$DeadLetterQueue"
        );
    }

    #[test]
    fn a_subscription_is_addressed_below_its_topic() {
        let subscription = Entity::subscription("sales/all", "audit").expect("a subscription");
        assert_eq!(subscription.to_string(), "sales/all/Subscriptions/audit");
        for name in ["", "a/b", &"s".repeat(MAX_SUBSCRIPTION + 1)] {
            let error = Entity::subscription("sales", name).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name:?}");
        }
    }

    #[test]
    fn names_the_service_would_refuse_are_invalid() {
        let long = "q".repeat(MAX_PATH + 1);
        for name in [
            "", "/orders", "orders/", "a\\b", "what?", "a#b", "a\nb", &long,
        ] {
            let error = Entity::named(name).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name:?}");
        }
    }
}
