use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::error::Error;

/// One registration of a lock for automatic renewal; no other in the process has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RenewalId(u64);

impl RenewalId {
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        RenewalId(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// What a lock knows of its automatic renewal: the registration that counts, and how renewal failed.
///
/// The latest registration counts, so that a lock is renewed once however often it was registered.
#[derive(Debug, Default)]
pub(crate) struct RenewalRecord(Mutex<Record>);

#[derive(Debug, Default)]
struct Record {
    by: Option<RenewalId>,
    error: Option<Error>,
}

impl RenewalRecord {
    pub(crate) fn begin(&self, id: RenewalId) {
        *self.0.lock() = Record {
            by: Some(id),
            error: None,
        };
    }

    pub(crate) fn is_by(&self, id: RenewalId) -> bool {
        self.0.lock().by == Some(id)
    }

    /// False where another registration has taken over.
    pub(crate) fn fail(&self, id: RenewalId, error: Error) -> bool {
        let mut record = self.0.lock();
        let counts = record.by == Some(id);
        if counts {
            *record = Record {
                by: None,
                error: Some(error),
            };
        }
        counts
    }

    pub(crate) fn error(&self) -> Option<Error> {
        self.0.lock().error.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_latest_registration_counts() {
        let record = RenewalRecord::default();
        let (first, second) = (RenewalId::next(), RenewalId::next());
        let error = Error::new(ErrorKind::AutoLockRenewFailed, "no");
        record.begin(first);
        record.begin(second);
        assert!(!record.is_by(first));
        assert!(!record.fail(first, error.clone()));
        assert!(record.error().is_none());
        assert!(record.fail(second, error));
        assert!(record.error().is_some());
        record.begin(RenewalId::next());
        assert!(record.error().is_none(), "a new registration starts anew");
    }
}
