//! How many bytes of messages may be on their way at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::closing::closed_error;
use crate::error::Result;

/// What a message or batch on its way costs beside its bytes, so that tiny ones are bounded as well.
const OVERHEAD: usize = 512;

/// Room for messages on their way, taken in the order of asking.
pub(crate) struct Window {
    room: Arc<Semaphore>,
    size: usize,
}

/// Room that is taken until this is dropped.
pub(crate) struct Reserved {
    _room: OwnedSemaphorePermit,
}

impl Window {
    pub(crate) fn new(bytes: usize) -> Self {
        let largest = usize::try_from(u32::MAX).unwrap_or(usize::MAX);
        let size = bytes.clamp(1, largest.min(Semaphore::MAX_PERMITS));
        Window {
            room: Arc::new(Semaphore::new(size)),
            size,
        }
    }

    /// Room for so many bytes if it is free.
    pub(crate) fn try_reserve(&self, bytes: usize) -> Option<Reserved> {
        let room = self.room.clone().try_acquire_many_owned(self.cost(bytes));
        room.ok().map(|room| Reserved { _room: room })
    }

    /// Room for so many bytes, as soon as it is free.
    pub(crate) async fn reserve(&self, bytes: usize) -> Result<Reserved> {
        let room = self.room.clone().acquire_many_owned(self.cost(bytes));
        room.await
            .map(|room| Reserved { _room: room })
            .map_err(|_never_closed| closed_error())
    }

    /// What is larger than the window travels alone.
    fn cost(&self, bytes: usize) -> u32 {
        let cost = bytes.saturating_add(OVERHEAD).min(self.size);
        u32::try_from(cost).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_until_it_is_given_back() {
        let window = Window::new(10_000);
        let first = window.try_reserve(6_000);
        assert!(first.is_some(), "all is free");
        assert!(window.try_reserve(6_000).is_none(), "it is full");
        drop(first);
        assert!(window.try_reserve(6_000).is_some(), "it is free again");
    }

    #[test]
    fn the_largest_message_travels_alone() {
        let window = Window::new(10_000);
        let large = window.try_reserve(1_000_000);
        assert!(large.is_some(), "nothing else is on its way");
        assert!(window.try_reserve(1).is_none(), "it takes all there is");
    }

    #[test]
    fn tiny_messages_are_bounded_too() {
        let window = Window::new(OVERHEAD * 3);
        let held: Vec<_> = std::iter::from_fn(|| window.try_reserve(0)).collect();
        assert_eq!(held.len(), 3);
    }
}
