use std::mem;
use std::ops::Deref;
use std::sync::Arc;

use super::guard::{self, HomeProcess};
use crate::error::Result;

/// Shared state that a forked child must neither use nor tear down.
///
/// Its locks may be held for ever there, by threads that exist in the parent only. In a child, dropping it leaves the
/// state as it is.
pub(crate) struct HomeBound<T> {
    state: Arc<T>,
    home: HomeProcess,
}

impl<T> HomeBound<T> {
    pub(crate) fn new(state: Arc<T>) -> Self {
        HomeBound {
            state,
            home: HomeProcess::current(),
        }
    }

    /// Refuses to go on in a forked child.
    pub(crate) fn check_home(&self) -> Result<()> {
        guard::check_home(self.home)
    }

    /// The state for somebody else to hold, in this process.
    pub(crate) fn share(&self) -> Arc<T> {
        self.state.clone()
    }
}

impl<T> Deref for HomeBound<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.state
    }
}

impl<T> Drop for HomeBound<T> {
    fn drop(&mut self) {
        if self.home.is_other() {
            // One reference that is never given up keeps the state alive.
            mem::forget(self.state.clone());
        }
    }
}
