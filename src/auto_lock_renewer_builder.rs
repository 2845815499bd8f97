//! How a renewer is set up.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

use log::warn;

use crate::auto_lock_renewer::AutoLockRenewer;
use crate::model::renewal_failure::RenewalFailure;

/// For how long locks are renewed unless told otherwise, as in Microsoft's clients.
const DEFAULT_MAX_DURATION: Duration = Duration::from_secs(5 * 60);

/// What a renewer calls with each lock that it can no longer renew.
pub(crate) struct OnFailure(Box<dyn FnMut(&RenewalFailure) + Send>);

/// Sets an [`AutoLockRenewer`] up; made by [`AutoLockRenewer::builder`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use servicebus::AutoLockRenewer;
///
/// let renewer = AutoLockRenewer::builder()
///     .max_duration(Duration::from_secs(3600))
///     .on_failure(|failure| eprintln!("{:?}: {}", failure.lock_token(), failure.error()))
///     .build();
/// # drop(renewer);
/// ```
#[must_use = "a builder does nothing before `build`"]
pub struct AutoLockRenewerBuilder {
    max_duration: Duration,
    on_failure: OnFailure,
}

impl AutoLockRenewerBuilder {
    pub(crate) fn new() -> Self {
        AutoLockRenewerBuilder {
            max_duration: DEFAULT_MAX_DURATION,
            on_failure: OnFailure(Box::new(|_| {})),
        }
    }

    /// How long each lock is renewed at most, from its registration; five minutes unless set. `Duration::MAX` is for ever.
    pub fn max_duration(mut self, max_duration: Duration) -> Self {
        self.max_duration = max_duration;
        self
    }

    /// Called with each lock that can no longer be renewed, once, on the renewer's thread. Other locks wait while it runs,
    /// the client's I/O does not; it may call the client, and close the renewer. A panic is caught and logged.
    ///
    /// A handle on the renewer that the callback owns keeps it alive until it is closed.
    pub fn on_failure(mut self, callback: impl FnMut(&RenewalFailure) + Send + 'static) -> Self {
        self.on_failure = OnFailure(Box::new(callback));
        self
    }

    /// Makes the renewer. Nothing is started before a lock is registered.
    pub fn build(self) -> AutoLockRenewer {
        AutoLockRenewer::with(self.max_duration, self.on_failure)
    }
}

impl OnFailure {
    /// The callback, whose panics do not end the thread.
    pub(crate) fn guarded(mut self) -> impl FnMut(&RenewalFailure) {
        move |failure| {
            if catch_unwind(AssertUnwindSafe(|| (self.0)(failure))).is_err() {
                warn!(target: "servicebus::renewer", "the callback for failures panicked");
            }
        }
    }
}
