use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use super::sas_token::SasToken;

/// How long a token signed by the client is valid. It is replaced well before.
const SIGNED_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The name and key of a shared access policy, which may be replaced while clients use them.
///
/// A handle: clones are the same key, and any number of clients may share one.
///
/// # Examples
///
/// ```
/// use servicebus::{Client, SharedAccessKey};
///
/// # fn main() -> servicebus::Result<()> {
/// let key = SharedAccessKey::new("send", "the primary key");
/// let client = Client::builder("contoso.servicebus.windows.net", key.clone()).build()?;
/// // Before the primary key is made anew in the portal:
/// key.update("send", "the secondary key");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SharedAccessKey(Arc<Shared>);

struct Shared {
    key: Mutex<NamedKey>,
    observers: Mutex<Vec<Weak<Observer>>>,
}

struct NamedKey {
    name: String,
    key: String,
    /// Which one it is, in the order of updates.
    version: u64,
}

/// Told of each update, on the thread that makes it.
pub(crate) type Observer = dyn Fn() + Send + Sync;

impl SharedAccessKey {
    /// The name of a policy and its key, as the Azure portal shows it.
    pub fn new(name: impl Into<String>, key: impl Into<String>) -> Self {
        Self(Arc::new(Shared {
            key: Mutex::new(NamedKey {
                name: name.into(),
                key: key.into(),
                version: 0,
            }),
            observers: Mutex::default(),
        }))
    }

    /// Replaces name and key in all clients that have this credential, without closing anything. Returns at once: tokens
    /// are signed with the new key from now on, and each client shows the service new ones for its open senders and
    /// receivers. Where the service refuses the new key, the tokens it had before stay in force until they expire, and the
    /// client tries again meanwhile.
    pub fn update(&self, name: impl Into<String>, key: impl Into<String>) {
        let (name, key) = (name.into(), key.into());
        {
            let mut held = self.0.key.lock();
            let version = held.version + 1;
            *held = NamedKey { name, key, version };
        }
        let observers: Vec<_> = self
            .0
            .observers
            .lock()
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        for observer in observers {
            observer();
        }
    }

    /// The name of the policy.
    pub fn name(&self) -> String {
        self.0.key.lock().name.clone()
    }

    /// A token for `resource`.
    pub(crate) fn sign(&self, resource: &str, now: DateTime<Utc>) -> SasToken {
        let held = self.0.key.lock();
        SasToken::generate(resource, &held.name, &held.key, now + SIGNED_LIFETIME)
    }

    pub(crate) fn version(&self) -> u64 {
        self.0.key.lock().version
    }

    /// Lets `observer` be told of updates as long as it lives.
    pub(crate) fn observe(&self, observer: &Arc<Observer>) {
        let mut observers = self.0.observers.lock();
        observers.retain(|observer| observer.strong_count() > 0);
        observers.push(Arc::downgrade(observer));
    }
}

/// Shows the name only.
impl fmt::Debug for SharedAccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedAccessKey")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn a_key_signs_for_an_hour() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a date");
        let token = SharedAccessKey::new("name", "key").sign("sb://ns/q", now);
        assert_eq!(
            token.expires_at(),
            DateTime::from_timestamp(1_700_003_600, 0)
        );
    }

    #[test]
    fn debug_shows_the_name_but_not_the_key() {
        let shown = format!("{:?}", SharedAccessKey::new("policy", "hunter2"));
        assert!(
            shown.contains("policy") && !shown.contains("hunter2"),
            "{shown}"
        );
    }

    #[test]
    fn every_clone_is_updated_and_who_observes_is_told() {
        let key = SharedAccessKey::new("old", "key");
        let told = Arc::new(AtomicU32::new(0));
        let counted = told.clone();
        let observer: Arc<Observer> = Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        key.observe(&observer);
        let clone = key.clone();
        key.update("new", "key");
        assert_eq!((clone.name().as_str(), clone.version()), ("new", 1));
        drop(observer);
        key.update("newer", "key");
        assert_eq!(told.load(Ordering::Relaxed), 1);
    }
}
