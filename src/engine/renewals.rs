//! The locks that one renewer keeps, and the loop that renews them on its thread.
//!
//! Whoever registers a lock, the I/O thread of a client included, only enters it in the schedule. Requests run as tasks
//! of the I/O thread of the client whose receiver they go through, so that a slow one delays no other; their answers come
//! back to the loop. No failure is reported while the schedule is locked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel as channel;
use crossbeam_channel::select;
use log::debug;
use parking_lot::Mutex;

use super::message_session::HeldSession;
use super::renewal_request::{ask, Answered};
use super::renewed_lock::{record, standing, RenewedLock, Subject, Way};
use crate::model::lock::{LockExpiry, MessageLock, MIN_LOCK};
use crate::model::renewal_failure::RenewalFailure;
use crate::model::renewal_record::RenewalId;
use crate::model::renewal_schedule::{Renewal, RenewalSchedule, Work};

/// What a renewer's thread shares with those who register locks.
pub(crate) struct Renewals {
    schedule: Mutex<RenewalSchedule<Subject>>,
    /// For how long a lock is renewed unless its registration says otherwise.
    max_duration: Duration,
    closed: AtomicBool,
    /// Holds one word at most: look again.
    wake: channel::Sender<()>,
    woken: channel::Receiver<()>,
    /// Bounded by the requests under way, of which each lock has one at most.
    answered: channel::Sender<Answered>,
    answers: channel::Receiver<Answered>,
}

impl Renewals {
    pub(crate) fn new(max_duration: Duration) -> Arc<Self> {
        let (wake, woken) = channel::bounded(1);
        let (answered, answers) = channel::unbounded();
        Arc::new(Renewals {
            schedule: Mutex::new(RenewalSchedule::new()),
            max_duration,
            closed: AtomicBool::new(false),
            wake,
            woken,
            answered,
            answers,
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Ends the loop. False where that was done before.
    pub(crate) fn close(&self) -> bool {
        let first = !self.closed.swap(true, Ordering::AcqRel);
        self.wake();
        first
    }

    /// Renews the lock on a message from now on, instead of an earlier registration. Nothing is done for a message that
    /// the lock on its session covers.
    pub(super) fn keep_message(
        &self,
        way: &Arc<Way>,
        lock: &Arc<MessageLock>,
        max_duration: Option<Duration>,
    ) {
        if lock.session().is_some() {
            return;
        }
        let id = RenewalId::next();
        lock.renewal().begin(id);
        let kept = RenewedLock::Message {
            token: lock.token(),
            lock: Arc::downgrade(lock),
        };
        self.keep(id, way, kept, lock.expiry(), max_duration);
    }

    /// Renews the lock on a session from now on, instead of an earlier registration.
    pub(super) fn keep_session(
        &self,
        way: &Arc<Way>,
        session: &Arc<HeldSession>,
        max_duration: Option<Duration>,
    ) {
        let id = RenewalId::next();
        session.renewal().begin(id);
        let kept = RenewedLock::Session(Arc::downgrade(session));
        self.keep(id, way, kept, session.expiry(), max_duration);
    }

    fn keep(
        &self,
        id: RenewalId,
        way: &Arc<Way>,
        lock: RenewedLock,
        expiry: Option<LockExpiry>,
        max_duration: Option<Duration>,
    ) {
        let now = Instant::now();
        let renewal = Renewal {
            subject: Subject {
                way: way.clone(),
                lock,
            },
            together: way.number(),
            // What the service does not tell is taken for the shortest lock.
            expires_at: expiry.map_or(now + MIN_LOCK, |expiry| expiry.at),
            until: now.checked_add(max_duration.unwrap_or(self.max_duration)),
        };
        let first = self.schedule.lock().add(id, renewal, now, standing);
        if first {
            self.wake();
        }
    }

    fn wake(&self) {
        // Full means that the word is there already.
        self.wake.try_send(()).ok();
    }

    /// Renews what is due until the renewer is closed, and reports what cannot be renewed.
    pub(crate) fn run(&self, mut report: impl FnMut(&RenewalFailure)) {
        while !self.is_closed() {
            let (work, next_due) = {
                let mut schedule = self.schedule.lock();
                let work = schedule.due(Instant::now(), standing);
                (work, schedule.next_due())
            };
            self.carry_out(work, &mut report);
            let timer = next_due.map_or_else(channel::never, channel::at);
            select! {
                recv(self.answers) -> answered => if let Ok(answered) = answered {
                    self.digest(answered, &mut report);
                },
                recv(self.woken) -> _ => {}
                recv(timer) -> _ => {}
            }
        }
        *self.schedule.lock() = RenewalSchedule::new();
    }

    fn digest(&self, answered: Answered, report: &mut impl FnMut(&RenewalFailure)) {
        let Answered { request, result } = answered;
        let now = Instant::now();
        match result {
            Ok(expiries) => {
                for ((_, subject), expiry) in request.locks.iter().zip(&expiries) {
                    subject.lock.renewed(*expiry);
                }
                let ends: Vec<Instant> = expiries.iter().map(|expiry| expiry.at).collect();
                self.schedule.lock().renewed(request, &ends, now);
            }
            Err(error) => {
                debug!(target: "servicebus::renewer", "{} locks not renewed: {error}", request.locks.len());
                let work = self.schedule.lock().failed(request, &error, now, standing);
                self.carry_out(work, report);
            }
        }
    }

    fn carry_out(&self, work: Work<Subject>, report: &mut impl FnMut(&RenewalFailure)) {
        for request in work.requests {
            ask(request, self.answered.clone());
        }
        for ended in work.ended {
            if let Some(failure) = record(ended) {
                debug!(target: "servicebus::renewer", "{}", failure.error());
                report(&failure);
            }
        }
    }
}

impl std::fmt::Debug for Renewals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renewals")
            .field("max_duration", &self.max_duration)
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
