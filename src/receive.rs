//! How a call waits for messages on its own thread, and leaves nothing behind that nobody wants.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{never, select, RecvTimeoutError, TryRecvError};
use log::debug;

use crate::engine::closing::closed_error;
use crate::engine::inbound::{Arrival, MAX_CREDIT};
use crate::engine::receiver::Receiver as Engine;
use crate::engine::receiver_link::ReceiverLink;
use crate::engine::retry::Repeat;
use crate::error::{ErrorKind, Result};
use crate::model::deadline::Deadline;
use crate::model::options::ReceiveMode;
use crate::model::received::ReceivedMessage;
use crate::runtime::{HomeBound, Runtime};

/// After the first message, a call takes what follows without a longer gap than this.
const GAP: Duration = Duration::from_millis(20);

/// How long the service may take to give credit back after a wait, before the link is given up: a call lasts so much
/// longer.
const DRAIN_LIMIT: Duration = Duration::from_millis(400);

/// One call's view of the receiver it waits on.
pub(crate) struct Wait<'a> {
    pub(crate) engine: &'a HomeBound<Engine>,
    pub(crate) runtime: &'a Runtime,
    pub(crate) operation_timeout: Duration,
}

/// What a wait for one message came to.
enum Next {
    Message(ReceivedMessage),
    Idle,
}

/// A call counted among those that want messages of a link, until it is dropped or leaves.
struct Seat<'a> {
    link: &'a ReceiverLink,
    count: u32,
}

impl Seat<'_> {
    fn leave(mut self) -> bool {
        let count = std::mem::take(&mut self.count);
        self.link.leave(count)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if self.count > 0 {
            self.link.leave(self.count);
        }
    }
}

impl Wait<'_> {
    /// Takes up to `max_count` messages: waits for the first for `wait` (`None`: for ever), then takes what follows
    /// without a gap. Empty where none came.
    pub(crate) fn receive(
        &self,
        max_count: usize,
        wait: Option<Duration>,
    ) -> Result<Vec<ReceivedMessage>> {
        if self.engine.closing().is_closed() {
            return self.after_close(max_count);
        }
        let deadline = Deadline::after_optional(wait);
        // With a wait of zero there is no time to begin with: attaching has the time of other calls, and so has giving
        // credit back, before which the service sends what it has.
        let (last_attempt, drain_limit) = match wait {
            Some(wait) if wait.is_zero() => (
                Deadline::after(self.operation_timeout),
                self.operation_timeout,
            ),
            _ => (deadline, self.operation_timeout.min(DRAIN_LIMIT)),
        };
        let mut attempts = self
            .engine
            .retries()
            .attempts(Repeat::Harmless, last_attempt);
        loop {
            if let Some(busy) = attempts.begin()? {
                self.pause(busy)?;
            }
            let attach_by = attempts
                .attempt_deadline()
                .min(Deadline::after(self.operation_timeout));
            match self.receive_once(max_count, deadline, attach_by, drain_limit) {
                Ok(received) => return Ok(received),
                Err(error) => {
                    let pause = attempts.pause_after(error)?;
                    self.pause(pause)?;
                }
            }
        }
    }

    fn receive_once(
        &self,
        max_count: usize,
        mut deadline: Deadline,
        attach_by: Deadline,
        drain_limit: Duration,
    ) -> Result<Vec<ReceivedMessage>> {
        let link = self.link(attach_by)?;
        let mut received = Vec::new();
        if self.take_ready(&link, max_count, &mut received)? {
            return Ok(received);
        }
        let missing = u32::try_from(max_count - received.len()).unwrap_or(u32::MAX);
        let seat = Seat {
            link: &link,
            count: missing.min(MAX_CREDIT),
        };
        link.join(seat.count);
        if !received.is_empty() {
            deadline = Deadline::after(GAP);
        }
        let failure = loop {
            match self.next(&link, deadline) {
                Ok(Next::Message(message)) => received.push(message),
                Ok(Next::Idle) => break None,
                Err(error) => break Some(error),
            }
            if received.len() >= max_count {
                break None;
            }
            deadline = Deadline::after(GAP);
        };
        // A close gives everything back by itself, and must not be waited for here.
        if seat.leave() && !self.engine.closing().is_closed() {
            self.give_back(&link, drain_limit, max_count, &mut received)?;
        }
        match failure {
            // What was received is returned; the next call meets the failure itself.
            Some(error) if received.is_empty() => Err(error),
            _ => Ok(received),
        }
    }

    /// Waits before the next attempt; a close ends it at once.
    fn pause(&self, pause: Duration) -> Result<()> {
        match self.engine.closing().signal().recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            _ => Err(closed_error()),
        }
    }

    /// The link as it stands, or attached anew.
    fn link(&self, deadline: Deadline) -> Result<Arc<ReceiverLink>> {
        if let Some(link) = self.engine.last_link() {
            if link.stands() || !link.inbox().arrivals.is_empty() {
                return Ok(link);
            }
        }
        let engine = self.engine.share();
        self.runtime.call(
            deadline,
            move || async move { engine.attached(deadline).await },
        )
    }

    /// Takes what is at hand. True where that is enough, or all that this link will give.
    fn take_ready(
        &self,
        link: &ReceiverLink,
        max_count: usize,
        received: &mut Vec<ReceivedMessage>,
    ) -> Result<bool> {
        while received.len() < max_count {
            match link.inbox().arrivals.try_recv() {
                Ok(arrival) => match self.taken(link, arrival) {
                    None => {}
                    Some(Ok(message)) => received.push(message),
                    Some(Err(error)) if received.is_empty() => return Err(error),
                    Some(Err(_unreadable)) => break,
                },
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) if received.is_empty() => {
                    return Err(self.engine.ended(link))
                }
                Err(TryRecvError::Disconnected) => return Ok(true),
            }
        }
        if !received.is_empty() {
            link.top_up();
        }
        Ok(received.len() >= max_count)
    }

    fn next(&self, link: &ReceiverLink, deadline: Deadline) -> Result<Next> {
        let closed = self.engine.closing().signal();
        let arrivals = &link.inbox().arrivals;
        let timeout = deadline.instant().map_or_else(never, crossbeam_channel::at);
        loop {
            let arrival = match arrivals.try_recv() {
                Ok(arrival) => arrival,
                Err(_nothing_yet) => select! {
                    recv(arrivals) -> arrival => match arrival {
                        Ok(arrival) => arrival,
                        Err(_disconnected) => return Err(self.engine.ended(link)),
                    },
                    recv(closed) -> _ => return Err(closed_error()),
                    recv(timeout) -> _ => return Ok(Next::Idle),
                },
            };
            if let Some(arrival) = self.taken(link, arrival) {
                return arrival.map(Next::Message);
            }
        }
    }

    /// Nobody waits any more: credit goes back, and what came meanwhile is taken as far as it was asked for.
    fn give_back(
        &self,
        link: &Arc<ReceiverLink>,
        limit: Duration,
        max_count: usize,
        received: &mut Vec<ReceivedMessage>,
    ) -> Result<()> {
        let engine = self.engine.share();
        let draining = link.clone();
        let deadline = Deadline::after(limit);
        let drained = self.runtime.call(deadline, move || async move {
            engine.give_back_credit(&draining, deadline).await
        });
        while received.len() < max_count {
            let Ok(arrival) = link.inbox().arrivals.try_recv() else {
                break;
            };
            received.extend(self.taken(link, arrival).and_then(Result::ok));
        }
        link.release_unwanted();
        if received.is_empty() {
            drained
        } else {
            Ok(())
        }
    }

    /// A closed receiver still hands out what it cannot give back.
    fn after_close(&self, max_count: usize) -> Result<Vec<ReceivedMessage>> {
        let mut received = Vec::new();
        if self.engine.mode() == ReceiveMode::ReceiveAndDelete {
            if let Some(link) = self.engine.last_link() {
                while received.len() < max_count {
                    let Ok(arrival) = link.inbox().arrivals.try_recv() else {
                        break;
                    };
                    if let Some(arrival) = self.taken(&link, arrival) {
                        received.push(arrival?);
                    }
                }
            }
        }
        if received.is_empty() {
            Err(closed_error())
        } else {
            Ok(received)
        }
    }

    /// Books an arrival that was taken from the inbox. A lock that seems to have run out while the message waited there
    /// is renewed first; `None` where the service says that it is lost: the message will be delivered again.
    fn taken(&self, link: &ReceiverLink, arrival: Arrival) -> Option<Arrival> {
        link.inbox().taken(&arrival);
        let message = match arrival {
            Ok(message) => message,
            unreadable => return Some(unreadable),
        };
        let overdue = message.lock().filter(|lock| {
            lock.expiry()
                .is_some_and(|expiry| expiry.at <= Instant::now())
        });
        if let Some(lock) = overdue.cloned() {
            let engine = self.engine.share();
            let deadline = Deadline::after(self.operation_timeout);
            let renewed = self.runtime.call(deadline, move || async move {
                engine.renew_lock(&lock, deadline).await
            });
            match renewed {
                Err(error) if error.kind() == ErrorKind::MessageLockLost => {
                    debug!(target: "servicebus::receiver", "{message:?} waited for too long: {error}");
                    self.engine.tally().expired_unseen();
                    link.join(0);
                    return None;
                }
                // The caller learns from its settlement how the lock stands.
                Err(error) => debug!(target: "servicebus::receiver", "{message:?}: {error}"),
                Ok(_until) => {}
            }
        }
        Some(Ok(message))
    }
}
