//! Random identifiers, for locks and for messages without one.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::LazyLock;

use uuid::{Builder, Uuid};

static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
static COUNT: AtomicU64 = AtomicU64::new(0);

/// An identifier that never repeats and that nobody can guess.
///
/// A keyed hash of a counter, because asking the operating system for every one would cost more
/// than everything else about a delivery.
pub(crate) fn new_guid() -> Uuid {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let half = |which: u8| u128::from(KEY.hash_one((count, which)));
    let bits = half(0) << 64 | half(1);
    Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn identifiers_do_not_repeat() {
        let make = || (0..10_000).map(|_| new_guid()).collect::<Vec<_>>();
        let elsewhere = std::thread::spawn(make);
        let mut seen = HashSet::new();
        for guid in make().into_iter().chain(elsewhere.join().unwrap()) {
            assert_eq!(guid.get_version_num(), 4);
            assert!(seen.insert(guid), "{guid} came twice");
        }
    }
}
