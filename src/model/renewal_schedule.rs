//! Which locks are renewed when, and which of them together. It knows no clock: `now` goes in, requests come out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::renewal_record::RenewalId;
use crate::error::{Error, ErrorKind};

/// The most locks that one request renews.
const MAX_LOCKS: usize = 256;
/// The shortest pause before a failed renewal is tried again.
const MIN_PAUSE: Duration = Duration::from_millis(100);
/// The shortest time that the service gets for its answer.
const MIN_ATTEMPT: Duration = Duration::from_secs(1);
/// What nobody wants renewed any more is looked for when there are so many more than wanted ones.
const SWEEP_MARGIN: usize = 64;

/// Whether a lock is still to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Held,
    /// A verdict on the message is under way: that the service denies the lock proves no loss.
    Settling,
    /// Settled, dropped, or its receiver is closed.
    Over,
}

/// A lock to be renewed.
#[derive(Debug)]
pub(crate) struct Renewal<S> {
    /// What the caller knows the lock by.
    pub(crate) subject: S,
    /// Those with the same number can be renewed together.
    pub(crate) together: usize,
    pub(crate) expires_at: Instant,
    /// Until when the lock is to be renewed; `None` for ever.
    pub(crate) until: Option<Instant>,
}

/// Locks that the service is to renew with one request.
#[derive(Debug)]
pub(crate) struct Request<S> {
    pub(crate) locks: Vec<(RenewalId, S)>,
    /// When an answer would come too late to be of use.
    pub(crate) answer_by: Instant,
}

/// What there is to do.
#[derive(Debug)]
pub(crate) struct Work<S> {
    pub(crate) requests: Vec<Request<S>>,
    pub(crate) ended: Vec<Ended<S>>,
}

/// A lock that is not renewed any more.
#[derive(Debug)]
pub(crate) struct Ended<S> {
    pub(crate) id: RenewalId,
    pub(crate) subject: S,
    /// `None` where the time for which it was to be renewed is over.
    pub(crate) failure: Option<Error>,
}

/// The locks that are renewed, each waiting until something is to be done about it, or asked for.
///
/// A lock is renewed when half of what was left of it is over. With the first that is due goes every other that would be
/// within half of what is left of that one, so that locks which are renewed together come to be due together.
#[derive(Debug)]
pub(crate) struct RenewalSchedule<S> {
    renewals: HashMap<RenewalId, Entry<S>>,
    /// When something is to be done about those that wait, by what can be renewed together.
    waiting: BTreeMap<usize, BTreeSet<(Instant, RenewalId)>>,
    sweep_at: usize,
}

#[derive(Debug)]
struct Entry<S> {
    renewal: Renewal<S>,
    /// `None` while the service is asked.
    due: Option<Instant>,
}

impl<S> Entry<S> {
    fn is_over(&self, now: Instant) -> bool {
        self.renewal.until.is_some_and(|until| until <= now)
    }

    /// When something is to be done about a lock that was just renewed.
    fn next_due(&self, now: Instant) -> Instant {
        let Renewal {
            expires_at, until, ..
        } = self.renewal;
        match until {
            // It lasts long enough.
            Some(until) if until <= expires_at => until,
            _ => now + left(expires_at, now) / 2,
        }
    }
}

impl<S: Clone> RenewalSchedule<S> {
    pub(crate) fn new() -> Self {
        RenewalSchedule {
            renewals: HashMap::new(),
            waiting: BTreeMap::new(),
            sweep_at: SWEEP_MARGIN,
        }
    }

    /// Adds a lock. True where it is now the first to be due.
    pub(crate) fn add(
        &mut self,
        id: RenewalId,
        renewal: Renewal<S>,
        now: Instant,
        standing: impl Fn(RenewalId, &S) -> Standing,
    ) -> bool {
        if self.renewals.len() >= self.sweep_at {
            self.sweep(standing);
        }
        let first = self.next_due();
        let entry = Entry { renewal, due: None };
        let due = entry.next_due(now);
        self.renewals.insert(id, entry);
        self.wait(id, due);
        first.is_none_or(|first| due < first)
    }

    /// When there is something to do.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let first = |waiting: &BTreeSet<(Instant, RenewalId)>| waiting.first().map(|(due, _)| *due);
        self.waiting.values().filter_map(first).min()
    }

    /// What is to be done by `now`.
    pub(crate) fn due(
        &mut self,
        now: Instant,
        standing: impl Fn(RenewalId, &S) -> Standing,
    ) -> Work<S> {
        let mut work = Work::nothing();
        let groups: Vec<usize> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.first().is_some_and(|(due, _)| *due <= now))
            .map(|(group, _)| *group)
            .collect();
        for group in groups {
            let mut locks = Vec::new();
            for id in self.worth_doing(group, now) {
                let Some(entry) = self.renewals.get(&id) else {
                    continue;
                };
                let subject = entry.renewal.subject.clone();
                let over = entry.is_over(now);
                if standing(id, &subject) == Standing::Over {
                    self.remove(id);
                } else if over {
                    self.remove(id);
                    work.ended.push(Ended {
                        id,
                        subject,
                        failure: None,
                    });
                } else {
                    self.stop_waiting(id);
                    locks.push((id, subject));
                }
            }
            self.ask(locks, MAX_LOCKS, now, &mut work);
        }
        work
    }

    /// The service has renewed the locks of a request: until when each lasts now, in the same order.
    pub(crate) fn renewed(&mut self, request: Request<S>, expiries: &[Instant], now: Instant) {
        for ((id, _), expires_at) in request.locks.into_iter().zip(expiries) {
            if let Some(entry) = self.renewals.get_mut(&id) {
                entry.renewal.expires_at = *expires_at;
                let due = entry.next_due(now);
                self.wait(id, due);
            }
        }
    }

    /// The service has not renewed the locks of a request. What may pass is tried again while the locks last; where the
    /// service says that a lock is lost, and had several, it is asked again in smaller requests until it is clear which.
    pub(crate) fn failed(
        &mut self,
        request: Request<S>,
        error: &Error,
        now: Instant,
        standing: impl Fn(RenewalId, &S) -> Standing,
    ) -> Work<S> {
        let mut work = Work::nothing();
        let asked = request.locks.len();
        let lost = error.kind() == ErrorKind::MessageLockLost;
        let (locks, gone): (Vec<_>, Vec<_>) = request
            .locks
            .into_iter()
            .partition(|(id, subject)| standing(*id, subject) != Standing::Over);
        for (id, _) in gone {
            self.remove(id);
        }
        if lost && asked > 1 {
            let half = locks.len().div_ceil(2).max(1);
            self.ask(locks, half, now, &mut work);
            return work;
        }
        for (id, subject) in locks {
            let Some(entry) = self.renewals.get(&id) else {
                continue;
            };
            let left = left(entry.renewal.expires_at, now);
            let again = if lost {
                standing(id, &subject) == Standing::Settling
            } else {
                error.is_retryable() && !left.is_zero()
            };
            if again {
                self.wait(id, now + (left / 4).max(MIN_PAUSE));
            } else {
                self.remove(id);
                work.ended.push(Ended {
                    id,
                    subject,
                    failure: Some(error.clone()),
                });
            }
        }
        work
    }

    /// Those of a group that are due, and those that may as well go with them.
    fn worth_doing(&self, group: usize, now: Instant) -> Vec<RenewalId> {
        let Some(waiting) = self.waiting.get(&group) else {
            return Vec::new();
        };
        let soonest = waiting
            .iter()
            .take_while(|(due, _)| *due <= now)
            .filter_map(|(_, id)| self.renewals.get(id))
            .map(|entry| left(entry.renewal.expires_at, now))
            .min()
            .unwrap_or_default();
        let limit = now + soonest / 2;
        waiting
            .iter()
            .take_while(|(due, _)| *due <= limit)
            .filter(|(due, id)| *due <= now || !self.is_to_end(*id, *due))
            .map(|(_, id)| *id)
            .collect()
    }

    /// Whether nothing but the end of its time is awaited.
    fn is_to_end(&self, id: RenewalId, due: Instant) -> bool {
        self.renewals
            .get(&id)
            .is_some_and(|entry| entry.is_over(due))
    }

    fn ask(&self, locks: Vec<(RenewalId, S)>, at_most: usize, now: Instant, work: &mut Work<S>) {
        let requests = locks.chunks(at_most).map(|locks| {
            let left = locks
                .iter()
                .filter_map(|(id, _)| self.renewals.get(id))
                .map(|entry| left(entry.renewal.expires_at, now))
                .min()
                .unwrap_or_default();
            Request {
                locks: locks.to_vec(),
                answer_by: now + (left / 2).max(MIN_ATTEMPT),
            }
        });
        work.requests.extend(requests);
    }

    fn wait(&mut self, id: RenewalId, due: Instant) {
        if let Some(entry) = self.renewals.get_mut(&id) {
            entry.due = Some(due);
            let group = entry.renewal.together;
            self.waiting.entry(group).or_default().insert((due, id));
        }
    }

    fn stop_waiting(&mut self, id: RenewalId) {
        let Some(entry) = self.renewals.get_mut(&id) else {
            return;
        };
        let group = entry.renewal.together;
        let Some(due) = entry.due.take() else {
            return;
        };
        if let Some(waiting) = self.waiting.get_mut(&group) {
            waiting.remove(&(due, id));
            if waiting.is_empty() {
                self.waiting.remove(&group);
            }
        }
    }

    fn remove(&mut self, id: RenewalId) {
        self.stop_waiting(id);
        self.renewals.remove(&id);
    }

    /// Forgets what waits and nobody wants, once in a while, so that memory stays in proportion to what is wanted.
    fn sweep(&mut self, standing: impl Fn(RenewalId, &S) -> Standing) {
        let unwanted: Vec<RenewalId> = self
            .renewals
            .iter()
            .filter(|(id, entry)| {
                entry.due.is_some() && standing(**id, &entry.renewal.subject) == Standing::Over
            })
            .map(|(id, _)| *id)
            .collect();
        for id in unwanted {
            self.remove(id);
        }
        self.sweep_at = self.renewals.len() * 2 + SWEEP_MARGIN;
    }
}

impl<S> Work<S> {
    fn nothing() -> Self {
        Work {
            requests: Vec::new(),
            ended: Vec::new(),
        }
    }
}

fn left(expires_at: Instant, now: Instant) -> Duration {
    expires_at.saturating_duration_since(now)
}

#[cfg(test)]
mod an_hour;
#[cfg(test)]
mod rules;
