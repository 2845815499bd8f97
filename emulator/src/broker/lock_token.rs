//! The names of locks.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use uuid::{Builder, Uuid};

/// Names one lock on one message; a redelivery has another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LockToken(Uuid);

impl LockToken {
    pub(crate) const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    pub(crate) const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for LockToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Makes tokens that never repeat and that nobody can guess.
///
/// A keyed hash of a counter, because asking the operating system for every token would cost more
/// than everything else about a delivery.
#[derive(Debug, Default)]
pub(super) struct TokenSource {
    key: RandomState,
    count: u64,
}

impl TokenSource {
    pub(super) fn next_token(&mut self) -> LockToken {
        self.count += 1;
        let half = |which: u8| u128::from(self.key.hash_one((self.count, which)));
        let bits = half(0) << 64 | half(1);
        LockToken(Builder::from_random_bytes(bits.to_be_bytes()).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tokens_do_not_repeat_within_or_between_sources() {
        let mut sources = [TokenSource::default(), TokenSource::default()];
        let mut seen = HashSet::new();
        for _ in 0..1_000 {
            for source in &mut sources {
                let token = source.next_token();
                assert_eq!(token.uuid().get_version_num(), 4);
                assert!(seen.insert(token), "{token} came twice");
            }
        }
    }
}
