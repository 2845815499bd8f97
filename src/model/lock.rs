use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

use super::entity::Entity;
use super::renewal_record::RenewalRecord;
use super::renewal_schedule::Standing;
use crate::error::{Error, ErrorKind, Result};

/// The longest lock the service gives.
const MAX_LOCK: Duration = Duration::from_secs(5 * 60);

/// The shortest lock the service gives.
pub(crate) const MIN_LOCK: Duration = Duration::from_secs(5);

/// The lock a receiver holds on a message, and how far its settlement has come.
///
/// Shared by the message and whoever settles or renews it; it outlives neither the message nor the
/// service's lock in any useful way, and holds no link.
#[derive(Debug)]
pub(crate) struct MessageLock {
    token: Uuid,
    entity: Entity,
    /// The session whose lock covers the message.
    session: Option<Arc<str>>,
    state: Mutex<State>,
    renewal: RenewalRecord,
}

#[derive(Debug)]
struct State {
    expiry: Option<LockExpiry>,
    settlement: Progress,
    /// An earlier attempt may have been applied, so the service denying the lock proves nothing any
    /// more.
    earlier_unknown: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Open,
    Settling,
    Settled,
}

/// When a lock ends: by the service's clock, and by ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LockExpiry {
    pub(crate) until: DateTime<Utc>,
    pub(crate) at: Instant,
}

impl LockExpiry {
    /// Counts down from what is left by the wall clock at `now`, so that later changes of the wall
    /// clock do no harm.
    ///
    /// What no lock can last means that the clocks differ; then the shortest lock is assumed.
    pub(crate) fn from_service(until: DateTime<Utc>, wall: DateTime<Utc>, now: Instant) -> Self {
        let left = match (until - wall).to_std() {
            Ok(left) if left <= MAX_LOCK => left,
            _ => MIN_LOCK,
        };
        Self {
            until,
            at: now + left,
        }
    }
}

impl MessageLock {
    pub(crate) fn new(token: Uuid, entity: Entity, expiry: Option<LockExpiry>) -> Arc<Self> {
        Self::build(token, entity, None, expiry)
    }

    /// The lock on a message that the lock on its session covers.
    pub(crate) fn of_session(token: Uuid, entity: Entity, session: Arc<str>) -> Arc<Self> {
        Self::build(token, entity, Some(session), None)
    }

    fn build(
        token: Uuid,
        entity: Entity,
        session: Option<Arc<str>>,
        expiry: Option<LockExpiry>,
    ) -> Arc<Self> {
        let state = State {
            expiry,
            settlement: Progress::Open,
            earlier_unknown: false,
        };
        Arc::new(Self {
            token,
            entity,
            session,
            state: Mutex::new(state),
            renewal: RenewalRecord::default(),
        })
    }

    pub(crate) fn token(&self) -> Uuid {
        self.token
    }

    pub(crate) fn entity(&self) -> &Entity {
        &self.entity
    }

    pub(crate) fn session(&self) -> Option<&Arc<str>> {
        self.session.as_ref()
    }

    /// `None` for messages of a session, which the session's lock covers.
    pub(crate) fn expiry(&self) -> Option<LockExpiry> {
        self.state.lock().expiry
    }

    pub(crate) fn renewed(&self, expiry: LockExpiry) {
        self.state.lock().expiry = Some(expiry);
    }

    /// How the lock is renewed automatically.
    pub(crate) fn renewal(&self) -> &RenewalRecord {
        &self.renewal
    }

    /// Whether there is still something to renew.
    pub(crate) fn standing(&self) -> Standing {
        match self.state.lock().settlement {
            Progress::Open => Standing::Held,
            Progress::Settling => Standing::Settling,
            Progress::Settled => Standing::Over,
        }
    }

    /// Refuses a lock that has nothing to renew.
    ///
    /// # Errors
    /// `InvalidOperation` where the lock on a session covers the message, `MessageAlreadySettled`.
    pub(crate) fn check_renewable(&self) -> Result<()> {
        if self.session.is_some() {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "the lock on its session covers the message; renew that one",
            ));
        }
        if self.is_settled() {
            return Err(Error::new(
                ErrorKind::MessageAlreadySettled,
                "the message was settled before",
            ));
        }
        Ok(())
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.state.lock().settlement == Progress::Settled
    }

    /// Claims the message for one settlement; a second claim fails at once.
    pub(crate) fn begin_settling(self: &Arc<Self>) -> Result<Settling> {
        let mut state = self.state.lock();
        let message = match state.settlement {
            Progress::Open => {
                state.settlement = Progress::Settling;
                return Ok(Settling {
                    lock: Arc::clone(self),
                    verdict: Verdict::Unknown,
                });
            }
            Progress::Settling => "another call is settling the message",
            Progress::Settled => "the message was settled before",
        };
        Err(Error::new(ErrorKind::MessageAlreadySettled, message)
            .with_entity(self.entity.to_string()))
    }
}

/// A settlement under way. Dropped without a verdict, it counts as unknown: the request may have
/// left.
#[derive(Debug)]
pub(crate) struct Settling {
    lock: Arc<MessageLock>,
    verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Applied,
    Refused,
    Unknown,
}

impl Settling {
    pub(crate) fn lock(&self) -> &Arc<MessageLock> {
        &self.lock
    }

    /// The service carried it out.
    pub(crate) fn applied(mut self) {
        self.verdict = Verdict::Applied;
    }

    /// Nothing left, so nothing can have happened.
    pub(crate) fn not_sent(mut self) {
        self.verdict = Verdict::Refused;
    }

    /// This attempt changed nothing, for this reason; returns what the caller is to be told.
    ///
    /// After an attempt whose outcome is unknown, the message may be settled all the same: "lock
    /// lost" may even say so.
    pub(crate) fn refused(mut self, error: Error) -> Error {
        if self.lock.state.lock().earlier_unknown {
            return error.with_outcome_unknown();
        }
        self.verdict = Verdict::Refused;
        error
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        let mut state = self.lock.state.lock();
        state.settlement = match self.verdict {
            Verdict::Applied => Progress::Settled,
            Verdict::Refused | Verdict::Unknown => Progress::Open,
        };
        state.earlier_unknown |= self.verdict == Verdict::Unknown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Arc<MessageLock> {
        MessageLock::new(Uuid::nil(), Entity::named("orders").expect("a name"), None)
    }

    fn lock_lost() -> Error {
        Error::new(ErrorKind::MessageLockLost, "lock lost")
    }

    #[test]
    fn a_message_is_settled_once() {
        let lock = lock();
        let first = lock.begin_settling().expect("the message is open");
        let second = lock.begin_settling().expect_err("it is being settled");
        assert_eq!(second.kind(), ErrorKind::MessageAlreadySettled);
        first.applied();
        assert!(lock.is_settled());
        let third = lock.begin_settling().expect_err("it is settled");
        assert_eq!(third.kind(), ErrorKind::MessageAlreadySettled);
    }

    #[test]
    fn a_refused_settlement_can_be_repeated() {
        let lock = lock();
        let error = lock.begin_settling().expect("open").refused(lock_lost());
        assert!(!error.is_outcome_unknown());
        lock.begin_settling().expect("open again").applied();
        assert!(lock.is_settled());
    }

    #[test]
    fn a_failure_after_an_unknown_outcome_stays_unknown() {
        let lock = lock();
        drop(lock.begin_settling().expect("open"));
        let error = lock
            .begin_settling()
            .expect("open again")
            .refused(lock_lost());
        assert!(error.is_outcome_unknown(), "{error:?}");
        let lost = Error::new(ErrorKind::Connection, "connection lost");
        let error = lock.begin_settling().expect("open").refused(lost);
        assert!(error.is_outcome_unknown(), "{error:?}");
        lock.begin_settling().expect("open again").applied();
        assert!(lock.is_settled());
    }

    #[test]
    fn an_unsent_settlement_proves_nothing() {
        let lock = lock();
        lock.begin_settling().expect("open").not_sent();
        let error = lock
            .begin_settling()
            .expect("open again")
            .refused(lock_lost());
        assert!(!error.is_outcome_unknown(), "{error:?}");
    }

    #[test]
    fn an_impossible_expiry_counts_as_the_shortest_lock() {
        let (wall, now) = (DateTime::UNIX_EPOCH, Instant::now());
        let left = |seconds: i64| {
            LockExpiry::from_service(wall + chrono::TimeDelta::seconds(seconds), wall, now).at - now
        };
        assert_eq!(left(60), Duration::from_secs(60));
        assert_eq!(left(300), Duration::from_secs(300));
        assert_eq!(left(301), MIN_LOCK);
        assert_eq!(left(-1), MIN_LOCK);
    }
}
